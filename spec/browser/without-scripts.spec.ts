import { expect } from 'chai';
import type { Browser, BrowserContext, Locator, Page } from 'playwright-core';
import { launchChromium } from './support/chromium.js';
import { type Account, type Example, startExample } from './support/example.js';
import { logIn } from './support/pages.js';

const ANOTHER = 'wrong donkey charger';

describe('the pages in a browser without scripts', function () {
  this.timeout(60_000);
  let browser: Browser;
  let example: Example;
  let context: BrowserContext;
  let page: Page;
  before(async function () {
    browser = await launchChromium(this);
    example = await startExample();
  });
  after(async () => {
    await browser?.close();
    await example?.close();
  });
  beforeEach(async () => {
    context = await withoutScripts();
    page = await context.newPage();
  });
  afterEach(() => context.close());

  const withoutScripts = () => browser.newContext({ javaScriptEnabled: false });

  const open = (path: string, at = page) => at.goto(example.url + path);

  const press = (name: string | RegExp, within: Page | Locator = page) =>
    within.getByRole('button', { name, exact: true }).click();

  const part = (name: string) => page.getByRole('region', { name });

  const says = (text: string, at = page) => at.getByText(text).first().waitFor();

  const isAt = (path: string, at = page) => at.waitForURL(example.url + path);

  /** The link in the newest mail to an address of that subject, as the mailbox shows it: in a tab of its own. */
  async function followMail(to: string, subject: string, name: string): Promise<Page> {
    const mailbox = await context.newPage();
    await open('/dev/mailbox', mailbox);
    const heading = mailbox.getByRole('heading', { name: subject, exact: true });
    const mail = mailbox
      .getByRole('group')
      .filter({ has: heading })
      .filter({ hasText: `to ${to}` })
      .first();
    // The newest one is open.
    if ((await mail.getAttribute('open')) === null) await mail.getByRole('heading').click();
    const opened = context.waitForEvent('page');
    await mail.locator('iframe').contentFrame().getByRole('link', { name, exact: true }).click();
    const tab = await opened;
    await tab.waitForURL(/[?]token=/);
    await mailbox.close();
    return tab;
  }

  async function signIn(more?: Parameters<Example['createAccount']>[0]): Promise<Account> {
    const account = await example.createAccount(more);
    await example.signIn(context, account);
    return account;
  }

  it('register somebody, whose address is confirmed by the link of a mail', async () => {
    const account = { email: 'ada@example.com', password: 'correct horse battery' };
    await open('/register');
    await page.getByLabel('Name').fill('Ada Lovelace');
    await page.getByLabel('Email').fill(account.email);
    await page.getByLabel('Password').fill(account.password);
    await press('Create account');
    await says('Your account is there. Log in.');

    await logIn(page, example.url, account);
    await says('not confirmed');
    const mail = await followMail(account.email, 'Confirm your email address', 'Confirm the address');
    await press('Confirm the address', mail);
    await says('Your address is confirmed.', mail);
    await open('/account');
    await part('Address').getByText('confirmed', { exact: true }).waitFor();
    expect(await page.getByLabel('Name').inputValue()).to.equal('Ada Lovelace');
  });

  it('mail the link of a confirmation again', async () => {
    const account = { email: 'grace@example.com', password: 'correct horse battery' };
    await example.auth.service.createUser(account);
    await example.signIn(context, account);
    await open('/account');
    await press('Mail me the link again');
    await says('A link is on its way to your address.');
    const mail = await followMail(account.email, 'Confirm your email address', 'Confirm the address');
    await press('Confirm the address', mail);
    await says('Your address is confirmed.', mail);
  });

  it('save a profile', async () => {
    await signIn();
    await open('/account');
    const fields = { Name: 'Ada Lovelace', Phone: '+44 20 7946 0000', Company: 'Engines & "Sons" <Ltd>' };
    for (const [label, value] of Object.entries(fields)) await part('Profile').getByLabel(label).fill(value);
    await press('Save');
    await says('Your profile is saved.');
    await open('/account');
    for (const [label, value] of Object.entries(fields))
      expect(await part('Profile').getByLabel(label).inputValue()).to.equal(value);
  });

  it('change an address when the new one is confirmed, and undo it from the old one', async () => {
    const { email, password } = await signIn();
    const fresh = `new-${email}`;
    await open('/account');
    await part('Address').getByLabel('New address').fill(fresh);
    await part('Address').getByLabel('Current password').fill(password);
    await press('Change the address');
    await says('A link is on its way to the new address.');
    await part('Address').getByText(email).waitFor();

    const mail = await followMail(fresh, 'Confirm your new email address', 'Use this address');
    await press('Use this address', mail);
    await says('This is the address of your account now.', mail);
    await open('/account');
    await part('Address').getByText(fresh).waitFor();

    const undo = await followMail(email, 'Your email address is to be changed', 'It was not me: undo it');
    await press('Undo it', undo);
    await says('Your former address is back.', undo);
    await open('/account');
    await isAt('/login?return_to=%2Faccount');

    const reset = await followMail(email, 'Reset your password', 'Choose a new password');
    await reset.getByLabel('New password').or(reset.getByLabel('Password')).fill(ANOTHER);
    await press('Set the password', reset);
    await says('Your new password is in force. Log in.', reset);
    await logIn(page, example.url, { email, password: ANOTHER });
  });

  it('change a password, and end all other sessions with it', async () => {
    const account = await signIn();
    const elsewhere = await withoutScripts();
    await example.signIn(elsewhere, account);
    await open('/account');
    await part('Password').getByLabel('Current password').fill(account.password);
    await part('Password').getByLabel('New password').fill(ANOTHER);
    await press('Change the password');
    await says('Your password is changed. All other sessions have ended.');

    const other = await elsewhere.newPage();
    await open('/account', other);
    await isAt('/login?return_to=%2Faccount', other);
    await logIn(other, example.url, { ...account, password: ANOTHER });
    await elsewhere.close();
  });

  it('show where somebody is signed in, and end a session there', async () => {
    const account = await signIn();
    const elsewhere = await browser.newContext({
      javaScriptEnabled: false,
      userAgent: 'Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0',
    });
    const other = await elsewhere.newPage();
    await logIn(other, example.url, account);
    await open('/account');
    const session = part('Sessions').getByRole('listitem').filter({ hasText: 'Firefox on Linux' });
    await press(/^End the session on /, session);
    await says('That session has ended.');
    expect(await session.count()).to.equal(0);
    await other.getByRole('link', { name: 'Account', exact: true }).click();
    await isAt('/login?return_to=%2Faccount', other);
    await open('/account');
    await says(account.email);
    await elsewhere.close();
  });

  it('log out everywhere', async () => {
    const account = await signIn();
    const elsewhere = await withoutScripts();
    await example.signIn(elsewhere, account);
    await open('/account');
    await press('Log out everywhere');
    await isAt('/');
    for (const at of [page, await elsewhere.newPage()]) {
      await open('/account', at);
      await isAt('/login?return_to=%2Faccount', at);
    }
    await elsewhere.close();
  });

  it('let somebody in again who has forgotten the password', async () => {
    const { email } = await example.createAccount();
    await open('/login');
    await page.getByRole('link', { name: 'Forgot your password?' }).click();
    await page.getByLabel('Email').fill(email);
    await press('Mail me a link');
    await says('If there is an account with that address, a link is on its way.');
    const mail = await followMail(email, 'Reset your password', 'Choose a new password');
    const link = mail.url();
    await mail.getByLabel('Password').fill(ANOTHER);
    await press('Set the password', mail);
    await says('Your new password is in force. Log in.', mail);
    await logIn(mail, example.url, { email, password: ANOTHER });

    await page.goto(link);
    await says('This link has been used, or its time is over. Ask for a new one.');
  });

  it('delete an account', async () => {
    const { email, password } = await signIn();
    await open('/account');
    await part('Delete the account').getByLabel('Current password').fill('not the password');
    await press('Delete my account');
    await says('The current password is not right.');
    await part('Delete the account').getByLabel('Current password').fill(password);
    await press('Delete my account');
    await isAt('/');
    await open('/login');
    await page.getByLabel('Email').fill(email);
    await page.getByLabel('Password').fill(password);
    await press('Log in');
    await says('That email and password do not belong together.');
  });

  it('say what is wrong beside the field', async () => {
    await open('/register');
    await page.getByLabel('Email').fill('ada@localhost');
    await page.getByLabel('Password').fill('password');
    await press('Create account');
    await page.waitForURL(/error=validation_failed/);
    expect(await faultOf('Email')).to.include('Enter an email address, such as ada@example.com.');
    expect(await faultOf('Password')).to.include(
      'Choose a password that is long enough, and that nobody guesses.',
    );
    expect(await page.getByLabel('Name').getAttribute('aria-invalid')).to.equal(null);
    expect(page.url()).to.not.include('localhost=');
    expect(await page.getByLabel('Password').inputValue()).to.equal('');
  });

  /** What describes a field that is marked as wrong. */
  async function faultOf(label: string): Promise<string> {
    const field = page.getByLabel(label);
    expect(await field.getAttribute('aria-invalid')).to.equal('true');
    const ids = ((await field.getAttribute('aria-describedby')) ?? '').split(' ');
    const texts = await Promise.all(ids.map((id) => page.locator(`[id="${id}"]`).textContent()));
    return texts.join(' ');
  }

  it('lead back from the login to where somebody wanted to go, after a wrong password too', async () => {
    const { email, password } = await example.createAccount();
    await open('/account?done=profile&more=%26');
    for (const typed of ['not the password', password]) {
      await page.getByLabel('Email').fill(email);
      await page.getByLabel('Password').fill(typed);
      await press('Log in');
      if (typed === password) break;
      await page.getByRole('alert').filter({ hasText: 'do not belong together' }).waitFor();
    }
    await isAt('/account?done=profile&more=%26');
  });

  it('lead from the login to nobody else’s page', async () => {
    const { email, password } = await example.createAccount();
    await open('/login?return_to=//evil.test/');
    await page.getByLabel('Email').fill(email);
    await page.getByLabel('Password').fill(password);
    await press('Log in');
    await isAt('/');
  });

  it('say of a link that is used or broken that it is', async () => {
    const { email, password } = await signIn();
    await open('/account');
    await part('Address').getByLabel('New address').fill(`new-${email}`);
    await part('Address').getByLabel('Current password').fill(password);
    await press('Change the address');
    await says('A link is on its way to the new address.');
    const link = await example.linkTo(`new-${email}`, '/change-email/confirm');
    await page.goto(link);
    await press('Use this address');
    await says('This is the address of your account now.');
    await page.goto(link);
    await press('Use this address');
    await page
      .getByRole('alert')
      .filter({ hasText: 'This link has been used, or its time is over.' })
      .waitFor();

    for (const path of ['/verify-email', '/change-email/confirm', '/change-email/undo', '/password/reset']) {
      await open(path);
      await says('This link is not complete.');
    }
    await open('/verify-email?token=broken');
    await press('Confirm the address');
    await page
      .getByRole('alert')
      .filter({ hasText: 'This link has been used, or its time is over.' })
      .waitFor();
  });

  it('let an admin look after the users', async () => {
    await signIn({ roles: ['admin'] });
    const somebody = await example.createAccount();
    await example.createAccount();
    const elsewhere = await withoutScripts();
    const other = await elsewhere.newPage();
    await logIn(other, example.url, somebody);

    await open('/');
    await page.getByRole('link', { name: 'Admin', exact: true }).click();
    await page.getByLabel('The address begins with').fill(somebody.email.slice(0, 6));
    await press('Search');
    const row = page.getByRole('region', { name: 'Users' }).getByRole('listitem');
    expect(await row.count()).to.equal(1);
    await row.getByText(somebody.email).waitFor();

    const buttons = page.getByRole('form', { name: somebody.email });
    await press('End sessions', buttons);
    await says('All sessions of the user have ended.');
    await open('/account', other);
    await isAt('/login?return_to=%2Faccount', other);

    await press('Disable', buttons);
    await says('The user is disabled: no login, no session.');
    await other.getByLabel('Email').fill(somebody.email);
    await other.getByLabel('Password').fill(somebody.password);
    await press('Log in', other);
    await says('That email and password do not belong together.', other);

    await press('Enable', buttons);
    await says('The user can log in again.');
    await press('Make admin', buttons);
    await says('The user is an admin now.');
    await logIn(other, example.url, somebody);
    await open('/admin', other);
    expect(await other.title()).to.include('Users');
    await elsewhere.close();
  });
});

describe('the pages in a browser without scripts, where attempts are counted', function () {
  this.timeout(60_000);
  let browser: Browser;
  let example: Example;
  before(async function () {
    browser = await launchChromium(this);
    example = await startExample({ AUTH_THROTTLE: 'on' });
  });
  after(async () => {
    await browser?.close();
    await example?.close();
  });

  it('say when to try again', async () => {
    const { email, password } = await example.createAccount();
    const context = await browser.newContext({ javaScriptEnabled: false });
    for (let attempt = 0; attempt < 10; attempt += 1) {
      const data = { username: `nobody-${attempt}@example.com`, password };
      await context.request.post(`${example.url}/auth/token`, { data });
    }
    const page = await context.newPage();
    const attempt = async () => {
      await page.goto(`${example.url}/login`);
      await page.getByLabel('Email').fill(email);
      await page.getByLabel('Password').fill(password);
      await page.getByRole('button', { name: 'Log in' }).click();
    };
    await attempt();
    await page.getByRole('alert').filter({ hasText: 'Too many attempts. Try again in a minute.' }).waitFor();
    example.clock.advance(60_000);
    await attempt();
    await page.waitForURL(`${example.url}/account`);
  });
});
