import { mkdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Browser, BrowserContext, Locator, Page } from 'playwright-core';
import { launchChromium } from './support/chromium.js';
import { type Account, type Example, startExample } from './support/example.js';

/** Git-ignored, for people to look at. */
const FOLDER = join(import.meta.dirname, '../../.tmp/screenshots');
const AXE = createRequire(import.meta.url).resolve('axe-core');

const WIDTHS = { desktop: { width: 1280, height: 800 }, phone: { width: 390, height: 844 } } as const;
const SCHEMES = ['light', 'dark'] as const;

interface Shown {
  /** As the file of the picture is called. */
  name: string;
  path: string | ((example: Example, account: Account) => Promise<string>);
  isSignedIn?: boolean;
  /** What is to be seen, that it is not another page. */
  says: string;
  /** Brings the page into the state that is meant. */
  prepare?(page: Page): Promise<void>;
}

/** Every page, and the states in which it looks different. */
const PAGES: readonly Shown[] = [
  { name: 'home', says: 'What to try next', path: '/' },
  { name: 'home-signed-in', says: 'Your account', path: '/', isSignedIn: true },
  { name: 'curl', says: 'A walk by curl', path: '/curl' },
  { name: 'register', says: 'Create an account', path: '/register' },
  {
    name: 'register-refused',
    says: 'Enter an email address',
    path: '/register?error=validation_failed&fields=email,password',
  },
  {
    name: 'register-typed',
    says: 'too common',
    path: '/register',
    async prepare(page) {
      await page.getByLabel('Email').fill('ada@example.com');
      await page.getByLabel('Password', { exact: true }).fill('password1');
      await page.getByRole('button', { name: 'Create account' }).click();
      await page.locator('[aria-invalid]').waitFor();
    },
  },
  { name: 'login', says: 'New here?', path: '/login' },
  { name: 'login-registered', says: 'Your account is there.', path: '/login?registered' },
  { name: 'login-refused', says: 'do not belong together', path: '/login?error=invalid_credentials' },
  {
    name: 'login-too-often',
    says: 'Try again in 10 minutes',
    path: '/login?error=too_many_requests&retry_after=600',
  },
  { name: 'challenge', says: 'The six digits', path: '/login/challenge' },
  { name: 'challenge-refused', says: 'This code is not right.', path: '/login/challenge?error=invalid_code' },
  { name: 'forgot', says: 'Mail me a link', path: '/password/forgot' },
  { name: 'forgot-sent', says: 'a link is on its way', path: '/password/forgot?sent' },
  {
    name: 'reset',
    says: 'Set the password',
    async path({ auth, linkTo }, { email }) {
      await auth.service.forgotPassword(email);
      return linkTo(email, '/password/reset');
    },
  },
  { name: 'reset-used', says: 'This link has been used', path: '/password/reset?token=used' },
  { name: 'reset-incomplete', says: 'This link is not complete', path: '/password/reset' },
  { name: 'verify', says: 'Confirm the address', path: '/verify-email?token=x' },
  { name: 'verify-done', says: 'Your address is confirmed.', path: '/verify-email?done' },
  {
    name: 'verify-refused',
    says: 'This link has been used',
    path: '/verify-email?error=invalid_one_time_token',
  },
  { name: 'change-email-confirm', says: 'Use this address', path: '/change-email/confirm?token=x' },
  { name: 'change-email-undo', says: 'Undo it', path: '/change-email/undo?token=x' },
  { name: 'account', says: 'Where you are signed in.', path: '/account', isSignedIn: true },
  { name: 'account-saved', says: 'Your profile is saved.', path: '/account?form=profile', isSignedIn: true },
  {
    name: 'account-refused',
    says: 'The current password is not right.',
    path: '/account?form=password&error=wrong_password',
    isSignedIn: true,
  },
  { name: 'admin', says: 'The address begins with', path: '/admin', isSignedIn: true },
  { name: 'admin-done', says: 'The user is disabled', path: '/admin?done=disable', isSignedIn: true },
  { name: 'mailbox', says: 'Newest first.', path: '/dev/mailbox' },
];

describe('how the pages look', function () {
  this.timeout(120_000);

  let browser: Browser;
  let example: Example;
  let account: Account;
  before(async function () {
    browser = await launchChromium(this);
    example = await startExample();
    account = await example.createAccount({ name: 'Ada Lovelace', roles: ['admin'] });
    const { email } = await example.createAccount({ name: 'Grace Hopper' });
    const grace = await example.auth.service.findUser({ email });
    await example.auth.service.disableUser(grace as NonNullable<typeof grace>);
    await example.auth.service.forgotPassword(account.email);
    await mkdir(FOLDER, { recursive: true });
  });
  after(async () => {
    await browser?.close();
    await example?.close();
  });

  for (const [width, viewport] of Object.entries(WIDTHS)) {
    for (const colorScheme of SCHEMES) {
      describe(`${width}, ${colorScheme}`, () => {
        /** Of a browser in which nobody is signed in, and of one in which somebody is. */
        let pages: { nobody: Page; somebody: Page };
        let contexts: BrowserContext[];
        const warnings: string[] = [];
        before(async () => {
          // As for `bypassCSP`: axe-core is put into pages that let no script in.
          const create = () => browser.newContext({ viewport, colorScheme, bypassCSP: true });
          contexts = [await create(), await create()];
          const [nobody, somebody] = contexts as [BrowserContext, BrowserContext];
          await example.signIn(somebody, account);
          pages = { nobody: await nobody.newPage(), somebody: await somebody.newPage() };
          for (const page of Object.values(pages)) {
            page.on('console', (message) => {
              // Chromium says itself what its password manager misses.
              if (message.text().includes('[DOM]')) warnings.push(message.text());
            });
          }
        });
        after(() => Promise.all(contexts.map((context) => context.close())));

        for (const { name, path, says, isSignedIn, prepare } of PAGES) {
          it(`${name}: axe-core finds nothing, password managers know the fields, nothing is wider than the screen`, async () => {
            const page = isSignedIn ? pages.somebody : pages.nobody;
            warnings.length = 0;
            await page.goto(typeof path === 'string' ? example.url + path : await path(example, account));
            await prepare?.(page);
            expect(await page.textContent('main')).to.include(says);
            const picture = join(FOLDER, `${name}-${width}-${colorScheme}.png`);
            await page.screenshot({ path: picture, fullPage: true });

            await page.addScriptTag({ path: AXE });
            const { violations } = (await page.evaluate("axe.run({ resultTypes: ['violations'] })")) as {
              violations: Violation[];
            };
            expect(violations.map(describeViolation)).to.deep.equal([]);
            const beyond = 'document.documentElement.scrollWidth - document.documentElement.clientWidth';
            expect(await page.evaluate(beyond), 'pixels beyond the right edge').to.equal(0);
            for (const form of await page.locator('form:has(input[autocomplete$="password"])').all())
              await requireKnownFields(form);
            expect(warnings).to.deep.equal([]);
          });
        }
      });
    }
  }
});

/** What browsers look for: one field that says whose password it is, before those with passwords, of which each is one of a kind. */
async function requireKnownFields(form: Locator): Promise<void> {
  const names = await form
    .locator('input[autocomplete]')
    .evaluateAll((inputs) => inputs.map((input) => input.getAttribute('autocomplete') ?? ''));
  const count = (name: string) => names.filter((each) => each === name).length;
  expect(count('username'), `username: ${names}`).to.equal(1);
  expect(count('current-password'), `current-password: ${names}`).to.be.at.most(1);
  expect(count('new-password'), `new-password: ${names}`).to.be.at.most(1);
  const password = names.findIndex((name) => name.endsWith('password'));
  expect(names.indexOf('username'), `${names}`).to.be.below(password);
}

interface Violation {
  id: string;
  help: string;
  nodes: { html: string; failureSummary: string }[];
}

function describeViolation({ id, help, nodes }: Violation): string {
  return `${id}: ${help}: ${nodes.map(({ html, failureSummary }) => `${html} ${failureSummary}`).join('; ')}`;
}
