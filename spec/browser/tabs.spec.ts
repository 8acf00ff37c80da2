import type { IncomingMessage, ServerResponse } from 'node:http';
import { expect } from 'chai';
import mongoose from 'mongoose';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import type { ExampleUser } from '../../example-app/models/user.js';
import { listenAlone } from '../support/listen-alone.js';
import { launchChromium } from './support/chromium.js';
import { type Account, type Example, startExample } from './support/example.js';

const MINUTE = 60_000;
/** The access token is over, the session is not. */
const LATER = 16 * MINUTE;
const HOUR = 60 * MINUTE;

describe('the tabs of a browser', function () {
  this.timeout(60_000);
  let browser: Browser;
  let example: Example;
  let context: BrowserContext;
  let account: Account;
  before(async function () {
    // As people have it: a page that is left is kept, to be shown again.
    browser = await launchChromium(this, [], { ignoreDefaultArgs: ['--disable-back-forward-cache'] });
    example = await startExample();
  });
  after(async () => {
    await browser?.close();
    await example?.close();
  });
  beforeEach(async () => {
    context = await browser.newContext();
    account = await example.signIn(context);
  });
  afterEach(() => context.close());

  const user = async () => (await example.auth.service.findUser({ email: account.email })) as ExampleUser;

  const openTabs = (count: number) => Promise.all(Array.from({ length: count }, () => context.newPage()));

  /** Whether a tab shows the account, and not the way in. */
  const showsAccount = async (tab: Page) => ((await tab.textContent('main')) ?? '').includes(account.email);

  async function goTo(tab: Page, path = '/account'): Promise<boolean> {
    await tab.goto(example.url + path);
    return showsAccount(tab);
  }

  /** Clicks, and waits for the page that it leads to. */
  async function follow(tab: Page, name: string): Promise<void> {
    const arrived = tab.waitForEvent('load');
    await tab.getByRole('link', { name, exact: true }).click();
    await arrived;
  }

  for (const count of [2, 10]) {
    it(`stay in when ${count} of them go on at once, hour after hour`, async () => {
      const tabs = await openTabs(count);
      for (let round = 0; round < 3; round += 1) {
        example.clock.advance(HOUR);
        expect(await Promise.all(tabs.map((tab) => goTo(tab)))).to.deep.equal(tabs.map(() => true));
      }
    });
  }

  for (const [order, [first, second]] of Object.entries({ 'one way': [0, 1], 'the other way': [1, 0] })) {
    it(`stay in when two go on minutes apart, ${order} round`, async () => {
      const tabs = await openTabs(2);
      await Promise.all(tabs.map((tab) => goTo(tab)));
      for (let round = 0; round < 3; round += 1) {
        example.clock.advance(LATER);
        expect(await goTo(tabs[first as number] as Page)).to.equal(true);
        example.clock.advance(2 * MINUTE);
        expect(await goTo(tabs[second as number] as Page)).to.equal(true);
      }
    });
  }

  describe('that were left open', () => {
    const COURSES: Readonly<Record<string, () => Promise<void>>> = {
      'until the access token is over': async () => example.clock.advance(LATER),
      'until the access cookie is gone': async () => {
        example.clock.advance(LATER);
        await context.clearCookies({ name: 'access' });
      },
    };
    for (const [name, leave] of Object.entries(COURSES)) {
      it(`${name} go on by a link`, async () => {
        const [tab] = (await openTabs(1)) as [Page];
        await goTo(tab, '/');
        await leave();
        await follow(tab, 'Account');
        expect(await showsAccount(tab)).to.equal(true);
      });

      it(`${name} go on by a form`, async () => {
        const [tab] = (await openTabs(1)) as [Page];
        await goTo(tab);
        await leave();
        const profile = tab.getByRole('region', { name: 'Profile' });
        await profile.getByLabel('Name').fill('Ada Lovelace');
        await profile.getByRole('button', { name: 'Save' }).click();
        await tab.getByText('Your profile is saved.').waitFor();
        expect(await profile.getByLabel('Name').inputValue()).to.equal('Ada Lovelace');
      });
    }
  });

  describe('whose way is broken off', () => {
    /** From now on the app does what it is asked, and its answers get lost. */
    function loseAnswers() {
      let lost = 0;
      const lose = (_req: IncomingMessage, res: ServerResponse) => {
        res.end = () => {
          lost += 1;
          res.socket?.destroy();
          return res;
        };
      };
      example.server.prependListener('request', lose);
      return () => {
        example.server.off('request', lose);
        return lost;
      };
    }

    it('go on an hour later, though the new cookies never came', async () => {
      const [tab, next] = (await openTabs(2)) as [Page, Page];
      example.clock.advance(LATER);
      const before = await context.cookies();
      const stop = loseAnswers();
      await tab.goto(`${example.url}/account`).catch(() => {});
      await tab.close();
      expect(stop()).to.be.greaterThan(0);
      expect(await context.cookies()).to.deep.equal(before);
      expect(await generation()).to.equal(1);

      example.clock.advance(HOUR);
      expect(await goTo(next)).to.equal(true);
      // What was lost is given once more.
      expect(await generation()).to.equal(1);
    });

    it('go on an hour later, when a second click came before the answer to the first', async () => {
      const [tab] = (await openTabs(1)) as [Page];
      await goTo(tab, '/');
      example.clock.advance(LATER);
      const arrived = tab.waitForURL(`${example.url}/account`);
      await tab.getByRole('link', { name: 'Account', exact: true }).dblclick();
      await arrived;
      expect(await showsAccount(tab)).to.equal(true);
      example.clock.advance(HOUR);
      await follow(tab, 'Account');
      expect(await showsAccount(tab)).to.equal(true);
    });

    async function generation(): Promise<number> {
      const session = await mongoose.connection
        .collection('auth_sessions')
        .findOne({ user: (await user())._id });
      return session?.generation;
    }
  });

  it('are out when a thief uses the cookies that he has kept', async () => {
    const thief = await browser.newContext();
    await thief.addCookies(await context.cookies());
    const [tab] = (await openTabs(1)) as [Page];
    example.clock.advance(LATER);
    expect([await goTo(tab), await goTo(tab)]).to.deep.equal([true, true]);
    await example.auth.service.settled();
    example.clock.advance(MINUTE);

    expect(await goTo(await thief.newPage())).to.equal(false);
    expect(await thief.cookies()).to.deep.equal([]);
    await follow(tab, 'Account');
    expect(new URL(tab.url()).pathname).to.equal('/login');
    await thief.close();
  });

  it('show nothing of the account by the back button after a logout', async () => {
    const [tab] = (await openTabs(1)) as [Page];
    // The browser does keep pages: one that may be kept comes back as it was left.
    const other = await listenAlone((_req, res) => res.setHeader('Content-Type', 'text/html').end('<p>Kept'));
    await tab.goto(`${other.url}/left`);
    await tab.evaluate("document.body.id = 'left'");
    await tab.goto(`${other.url}/next`);
    await tab.goBack({ waitUntil: 'commit' });
    await tab.locator('body#left').waitFor();
    other.close();

    await goTo(tab);
    await goTo(tab, '/account?done=profile');
    await tab.getByRole('button', { name: 'Log out', exact: true }).click();
    await tab.waitForURL(`${example.url}/`);
    for (const go of ['goBack', 'goBack', 'goForward'] as const) {
      // A page that was kept is not loaded.
      await tab[go]({ waitUntil: 'commit' });
      await tab.getByRole('heading', { level: 1 }).waitFor();
      expect(await tab.content()).to.not.include(account.email);
    }
  });

  it('lead to the login and back to where they wanted to go, when the session has been ended elsewhere', async () => {
    const [tab] = (await openTabs(1)) as [Page];
    await goTo(tab, '/');
    await example.auth.service.revokeSessions(await user());
    await follow(tab, 'Account');
    expect(new URL(tab.url()).pathname).to.equal('/login');
    expect(await context.cookies()).to.deep.equal([]);
    await tab.getByLabel('Email').fill(account.email);
    await tab.getByLabel('Password', { exact: true }).fill(account.password);
    await tab.getByRole('button', { name: 'Log in' }).click();
    await tab.waitForURL(`${example.url}/account`);
    expect(await showsAccount(tab)).to.equal(true);
  });
});
