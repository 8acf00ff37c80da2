import { expect } from 'chai';
import type { Browser } from 'playwright-core';
import { launchChromium } from './support/chromium.js';
import { type Example, startExample } from './support/example.js';

describe('the pages in a browser', () => {
  let browser: Browser;
  let example: Example;
  before(async function () {
    browser = await launchChromium(this);
    example = await startExample();
  });
  after(async () => {
    await browser?.close();
    await example?.close();
  });

  it('show who is signed in', async () => {
    const context = await browser.newContext();
    const { email } = await example.signIn(context);
    const page = await context.newPage();
    await page.goto(`${example.url}/account`);
    expect(await page.title()).to.equal('Your account · express-auth-kit');
    expect(await page.textContent('main')).to.include(email);
    await context.close();
  });
});
