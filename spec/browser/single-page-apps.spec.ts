import { readFile } from 'node:fs/promises';
import { expect } from 'chai';
import type { Browser, Page } from 'playwright-core';
import { codeBlocks } from '../support/code-blocks.js';
import { createTestApp, type TestApp } from '../support/test-app.js';
import { bundle } from './support/bundle.js';
import { launchChromium } from './support/chromium.js';

const SIGNED_OUT = 'Please sign in.';

/** The examples of docs/client.md, as a page has them. */
const EXAMPLES = { '/tokens': 'https://api.example.com/orders', '/cookies': "mode: 'cookies'" };

/** What an example's script finds in its page. */
const pageOf = (script: string) => `<!doctype html><html lang="en"><title>Orders</title>
<form><input name="username"><input name="password" type="password"><button>Sign in</button></form>
<output></output><button id="sign-out">Sign out</button><script>${script}</script>`;

describe('the single-page apps of docs/client.md', function () {
  this.timeout(60_000);
  let browser: Browser;
  let app: TestApp;
  before(async function () {
    browser = await launchChromium(this);
    const blocks = codeBlocks(await readFile(new URL('../../docs/client.md', import.meta.url), 'utf8'));
    app = await createTestApp({
      cookies: 'on',
      appUrl: 'http://127.0.0.1:3000',
      finish(server, auth) {
        server.get('/orders', auth.requireUser, (req, res) => {
          res.send(`The orders of ${req.user?.email}`);
        });
        for (const [path, mark] of Object.entries(EXAMPLES)) {
          server.get(path, async (req, res) => {
            const code = blocks.find(
              (block) => block.includes("querySelector('form')") && block.includes(mark),
            );
            const here = `http://${req.headers.host}`;
            const source = (code as string).replaceAll('https://api.example.com', here);
            res.send(pageOf((await bundle(source, { global: 'app' })).script));
          });
        }
      },
    });
  });
  after(async () => {
    await browser?.close();
    await app?.close();
  });

  async function signIn(page: Page, { email, password }: { email: string; password: string }) {
    await page.fill('[name=username]', email);
    await page.fill('[name=password]', password);
    await page.click('form button');
  }

  /** Waits until the page says it. */
  async function says(page: Page, text: string) {
    await page.waitForFunction(`document.querySelector('output').value === ${JSON.stringify(text)}`);
    expect(await page.isVisible('form')).to.equal(!text.startsWith('The orders'));
  }

  for (const path of Object.keys(EXAMPLES)) {
    it(`at ${path} sign in, stay so after a reload, and are signed out by another tab`, async () => {
      const user = await app.register();
      const context = await browser.newContext();
      const page = await context.newPage();
      await page.goto(app.url + path);
      await says(page, SIGNED_OUT);
      await signIn(page, { ...user, password: 'wrong horse battery' });
      await says(page, 'Incorrect email or password');
      await signIn(page, user);
      await says(page, `The orders of ${user.email}`);
      await page.reload();
      await says(page, `The orders of ${user.email}`);

      const tab = await context.newPage();
      await tab.goto(app.url + path);
      await says(tab, `The orders of ${user.email}`);
      await tab.click('#sign-out');
      await says(tab, SIGNED_OUT);
      await says(page, SIGNED_OUT);
      await context.close();
    });
  }

  for (const path of Object.keys(EXAMPLES)) {
    it(`at ${path} ask for a login once the session was ended elsewhere`, async () => {
      const user = await app.register();
      const context = await browser.newContext();
      const page = await context.newPage();
      await page.goto(app.url + path);
      await signIn(page, user);
      await says(page, `The orders of ${user.email}`);
      await app.auth.service.revokeSessions(user.id);
      // What the one with tokens says at once, it has to say still when all answers are there; the other one leaves a body unread.
      await page.reload({ waitUntil: path === '/tokens' ? 'networkidle' : 'load' });
      await says(page, SIGNED_OUT);
      await context.close();
    });
  }

  it('keep tokens where the page says, and with cookies nowhere that a script looks', async () => {
    const user = await app.register();
    for (const [path, isSeen] of [
      ['/tokens', true],
      ['/cookies', false],
    ] as const) {
      const context = await browser.newContext();
      const page = await context.newPage();
      await page.goto(app.url + path);
      await signIn(page, user);
      await says(page, `The orders of ${user.email}`);
      const found = String(
        await page.evaluate('JSON.stringify({ ...localStorage, ...sessionStorage }) + document.cookie'),
      );
      expect(found.includes('eyJ')).to.equal(isSeen);
      await context.close();
    }
  });
});
