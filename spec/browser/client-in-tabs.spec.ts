import { expect } from 'chai';
import type { Browser, BrowserContext } from 'playwright-core';
import { type ClientWorld, createClientWorld } from '../support/client-world.js';
import { failureOf } from '../support/failure.js';
import { launchChromium } from './support/chromium.js';
import type { Front } from './support/front.js';
import {
  createTabsFront,
  openTab,
  refuseOnce,
  startTab,
  type Tab,
  type TabOptions,
  until,
} from './support/tabs.js';

const MINUTE = 60_000;

let browser: Browser;
let front: Front;
let world: ClientWorld;
let context: BrowserContext;
let email: string;
let credentials: { username: string; password: string };
/** How the clients of the tabs are made. */
let options: TabOptions;

function useWorld(kind: 'shop' | 'cookies', more: Omit<TabOptions, 'baseUrl'>) {
  before(async () => {
    world = await createClientWorld(kind, front.mount);
    options = { baseUrl: `${world.url}/auth`, ...more };
  });
  after(() => world.close());
}

const open = () => openTab(context, front.url, options);
const register = async () => {
  const user = await world.register();
  email = user.email;
  credentials = { username: email, password: user.password };
};
/** Tabs of one user, who has signed in at the first. */
const openTabs = async (count: number): Promise<Tab[]> => {
  await register();
  const tabs = [await open()];
  await tabs[0]?.call('login', credentials);
  while (tabs.length < count) tabs.push(await open());
  return tabs;
};
const refreshes = () => world.count('/auth/refresh');
const at = (path: string) => world.url + path;
const expectIn = async (...tabs: Tab[]) => {
  for (const tab of tabs) {
    expect(await tab.call('me')).to.include({ email });
    expect(await tab.state()).to.equal('signed-in');
  }
};

describe('the client in the tabs of a browser', function () {
  this.timeout(60_000);

  before(async function () {
    browser = await launchChromium(this);
    front = await createTabsFront();
  });
  after(async () => {
    await browser?.close();
    front?.close();
  });

  beforeEach(async () => {
    context = await browser.newContext();
  });
  afterEach(() => context.close());

  for (const mode of ['bearer', 'cookies'] as const) {
    describe(mode === 'bearer' ? 'with bearer tokens in localStorage' : 'with cookies', () => {
      if (mode === 'bearer') useWorld('shop', { mode, storage: 'localStorage' });
      else useWorld('cookies', { mode });

      /** Lets requests for these paths be refused for want of a token that is good. By cookies a guard would renew it. */
      const expire = async (...paths: string[]) => {
        if (mode === 'bearer') await world.advance(16 * MINUTE);
        else await refuseOnce(world, ...paths);
      };

      it('refreshes once for two that ask at once, and both go on', async () => {
        const [one, other] = (await openTabs(2)) as [Tab, Tab];
        for (const round of [1, 2, 3]) {
          const [first, second] = [`/protected?first-${round}`, `/protected?second-${round}`];
          await expire(first, second);
          const before = await refreshes();
          const answers = await Promise.all([one.ask(at(first)), other.ask(at(second))]);
          for (const answer of answers) expect(answer).to.deep.equal({ status: 200, body: { user: email } });
          expect(await refreshes()).to.equal(before + 1);
        }
        await expectIn(one, other);
      });

      it('refreshes once where one waits while the other is at it', async () => {
        const [one, other] = (await openTabs(2)) as [Tab, Tab];
        for (const [first, second] of [
          [one, other],
          [other, one],
        ] as const) {
          await expire('/protected?first', '/protected?second');
          const before = await refreshes();
          const late = await world.hold('/auth/refresh', 'answer');
          const asked = [first.ask(at('/protected?first'))];
          await world.arrival(late);
          asked.push(second.ask(at('/protected?second')));
          await until(async () => (await second.waiting()) === 1);
          await world.release(late);
          for (const { status } of await Promise.all(asked)) expect(status).to.equal(200);
          expect(await refreshes()).to.equal(before + 1);
        }
        await expectIn(one, other);
      });

      it('keeps both signed in when they ask minutes apart, whichever is first', async () => {
        const [one, other] = (await openTabs(2)) as [Tab, Tab];
        for (const [first, second] of [
          [one, other],
          [other, one],
          [other, one],
        ] as const) {
          await world.advance(16 * MINUTE);
          await expectIn(first);
          await world.advance(3 * MINUTE);
          await expectIn(second);
          await world.advance(16 * MINUTE);
          await expectIn(second, first);
        }
        expect(await world.liveSessions(email)).to.equal(1);
      });

      it("tells the other of a login, of a logout, and of another user's login", async () => {
        await register();
        const [one, other] = [await open(), await open()];
        await one.call('login', credentials);
        expect(await other.changes(1)).to.deep.equal(['signed-in']);
        await expectIn(other);
        await other.call('logout');
        expect(await one.changes(2)).to.deep.equal(['signed-in', 'signed-out']);
        expect(await one.state()).to.equal('signed-out');
        expect((await one.ask(at('/protected'))).status).to.equal(401);
        await one.call('login', credentials);
        await other.changes(3);
        const mine = email;
        await register();
        await one.call('login', credentials);
        expect(await other.changes(4)).to.deep.equal(['signed-in', 'signed-out', 'signed-in', 'signed-in']);
        expect(email).to.not.equal(mine);
        await expectIn(other);
      });

      it('is not held up by a tab that is closed in the middle of its turn', async () => {
        // What it asked is lost on its way, or what it was answered.
        for (const what of ['request', 'answer'] as const) {
          const [one, other] = (await openTabs(2)) as [Tab, Tab];
          // It would wait for ever.
          await other.page.evaluate('AbortSignal.timeout = () => new AbortController().signal');
          await expire('/protected?first', '/protected?second');
          const late = await world.hold('/auth/refresh', what);
          void one.ask(at('/protected?first')).catch(() => {});
          await world.arrival(late);
          const asked = other.ask(at('/protected?second'));
          await until(async () => (await other.waiting()) === 1);
          await one.page.close();
          expect((await asked).status).to.equal(200);
          await expectIn(other);
          await world.advance(16 * MINUTE);
          await expectIn(other);
        }
      });

      for (const who of ['the same tab', 'another tab']) {
        it(`lets a logout in ${who} win over a refresh that is under way`, async () => {
          const [one, other] = (await openTabs(2)) as [Tab, Tab];
          await expire('/protected?first');
          const late = await world.hold('/auth/refresh', 'answer');
          const asked = one.ask(at('/protected?first'));
          await world.arrival(late);
          const told = (await one.told()).length;
          await (who === 'the same tab' ? one : other).call('logout');
          // Or the answer would be there before it is heard.
          expect((await one.changes(told + 1)).at(-1)).to.equal('signed-out');
          await world.release(late);
          expect((await asked).status).to.equal(401);
          expect(await world.liveSessions(email)).to.equal(0);
          expect(await one.page.evaluate('localStorage.length')).to.equal(0);
          for (const tab of [one, other]) {
            expect((await tab.ask(at('/protected'))).status).to.equal(401);
            expect(await tab.state()).to.equal('signed-out');
          }
        });
      }

      it('ends the session at the server though the tab is closed with the logout', async () => {
        const [one] = (await openTabs(1)) as [Tab];
        await one.page.evaluate('void client.logout()');
        await one.page.close();
        await until(async () => (await world.liveSessions(email)) === 0);
      });

      it('signs nobody out while the network is away', async () => {
        const [one, other] = (await openTabs(2)) as [Tab, Tab];
        await expectIn(one, other);
        const told = await Promise.all([one.told(), other.told()]);
        await world.advance(16 * MINUTE);
        await context.setOffline(true);
        for (const tab of [one, other]) {
          expect(await failureOf(() => tab.call('me'))).to.include({ code: 'network_error' });
          expect(await tab.state()).to.equal('signed-in');
        }
        await context.setOffline(false);
        // It comes and goes: the request is answered, the refresh is not.
        await expire('/protected?first');
        await world.insteadOf('/auth/refresh', 'lost');
        await failureOf(() => one.ask(at('/protected?first')));
        expect(await one.state()).to.equal('signed-in');
        await expectIn(one, other);
        expect(await Promise.all([one.told(), other.told()])).to.deep.equal(told);
      });

      it('goes on when the browser sends a refresh once more by itself', async () => {
        const [one, other] = (await openTabs(2)) as [Tab, Tab];
        await world.keepConnections(true);
        try {
          await expectIn(one);
          await expire('/protected?first');
          await world.loseAnswer('/auth/refresh');
          const before = await refreshes();
          expect((await one.ask(at('/protected?first'))).status).to.equal(200);
          // On a connection that was used before, it takes a loss for a connection that was idle for too long.
          expect(await refreshes()).to.equal(before + 2);
        } finally {
          await world.keepConnections(false);
        }
        await world.advance(16 * MINUTE);
        await expectIn(one, other);
        expect(await world.liveSessions(email)).to.equal(1);
      });

      it('sends to another origin nothing that tells who is signed in', async () => {
        const [one] = (await openTabs(1)) as [Tab];
        const byName = `${world.url.replace('127.0.0.1', 'localhost')}/protected`;
        const before = {
          here: (await world.requests()).length,
          elsewhere: (await world.requestsElsewhere()).length,
        };
        await one.ask(world.elsewhere);
        // Which is another origin by its port alone.
        await one.ask(`${world.elsewhere.replace('localhost', '127.0.0.1')}by-port`);
        await one.ask(`${world.elsewhere}auth/me`, { method: 'POST', body: 'x', headers: { 'x-own': '1' } });
        await one.ask(at('/away'));
        await failureOf(() => one.ask(byName));
        // What is relative to the page is relative to its base.
        await one.page.evaluate(`document.head.append(
          Object.assign(document.createElement('base'), { href: ${JSON.stringify(world.elsewhere)} }))`);
        await one.ask('/protected');
        const elsewhere = (await world.requestsElsewhere()).slice(before.elsewhere);
        expect(elsewhere.map(({ path }) => path)).to.include.members([
          '/',
          '/by-port',
          '/auth/me',
          '/protected',
        ]);
        const here = (await world.requests()).slice(before.here);
        const named = here.filter(({ headers }) => headers['sec-fetch-site'] !== 'same-origin');
        expect(named).to.have.length(1);
        // Nor does it ask whether it may.
        for (const { headers } of [...elsewhere, ...named]) {
          expect(JSON.stringify(headers)).to.not.match(/authorization|cookie/i);
        }
        await expectIn(one);
      });

      it('takes an address that is relative to the page', async () => {
        const path = new URL(world.url).pathname;
        await register();
        const page = await context.newPage();
        await page.goto(front.url);
        const tab = await startTab(page, { ...options, baseUrl: `${path}/auth` });
        await tab.call('login', credentials);
        expect(await tab.ask(`${path}/protected`)).to.deep.equal({ status: 200, body: { user: email } });
      });
    });
  }

  describe('with bearer tokens in localStorage', () => {
    useWorld('shop', { mode: 'bearer', storage: 'localStorage' });

    it('knows the user again after a reload', async () => {
      const [one] = (await openTabs(1)) as [Tab];
      await one.page.reload();
      const again = await startTab(one.page, options);
      expect(await again.state()).to.equal('signed-in');
      await expectIn(again);
    });

    it('is signed out in each when the storage is cleared', async () => {
      const [one, other] = (await openTabs(2)) as [Tab, Tab];
      await one.page.evaluate('localStorage.clear()');
      expect(await other.changes(1)).to.deep.equal(['signed-out']);
      expect((await one.ask(at('/protected'))).status).to.equal(401);
      expect(await one.state()).to.equal('signed-out');
    });
  });

  describe('with bearer tokens in memory', () => {
    useWorld('shop', { mode: 'bearer' });

    it('lets each tab be on its own', async () => {
      await register();
      const [one, other] = [await open(), await open()];
      await one.call('login', credentials);
      expect(await other.state()).to.equal('signed-out');
      expect((await other.ask(at('/protected'))).status).to.equal(401);
      await other.call('login', credentials);
      expect(await world.liveSessions(email)).to.equal(2);
      await one.call('logout');
      await expectIn(other);
      await world.advance(16 * MINUTE);
      await expectIn(other);
      expect(await other.told()).to.deep.equal(['signed-in']);
    });

    it('leaves no token where the next page finds it', async () => {
      const [one] = (await openTabs(1)) as [Tab];
      expect(await one.page.evaluate('localStorage.length + sessionStorage.length')).to.equal(0);
      await one.page.reload();
      expect(await (await startTab(one.page, options)).state()).to.equal('signed-out');
    });
  });

  describe('with cookies', () => {
    useWorld('cookies', { mode: 'cookies' });

    it('lets no script read a token', async () => {
      await register();
      const tab = await open();
      const answers: string[] = [];
      const tokens = new Set<string>();
      const remember = async () => {
        const cookies = await context.cookies();
        expect(cookies.map(({ name, httpOnly }) => [name, httpOnly])).to.have.deep.members([
          ['access', true],
          ['refresh', true],
        ]);
        for (const { value } of cookies) tokens.add(value);
      };
      await tab.page.exposeFunction('keepAnswer', (text: string) => void answers.push(text));
      // What a script of the page can see of an answer, the client's own code too.
      await tab.page.evaluate(`{
        const { fetch } = globalThis;
        globalThis.fetch = async (...given) => {
          const answer = await fetch(...given);
          await keepAnswer(JSON.stringify([...answer.headers]) + await answer.clone().text());
          return answer;
        };
      }`);
      await tab.call('login', credentials);
      await remember();
      await refuseOnce(world, '/auth/me');
      await tab.call('me');
      await remember();
      await tab.call('changePassword', {
        currentPassword: credentials.password,
        newPassword: 'another fine day',
      });
      await remember();
      await world.advance(16 * MINUTE);
      await expectIn(tab);
      await remember();
      expect(tokens.size).to.be.at.least(6);
      expect(answers).to.have.length(6);
      const seen = await tab.page.evaluate<string>(
        'JSON.stringify([document.cookie, { ...localStorage }, { ...sessionStorage }, client])',
      );
      for (const token of tokens) expect(answers.join() + seen).to.not.include(token);
      expect(await tab.page.evaluate('document.cookie')).to.equal('');
      expect(await tab.page.evaluate('localStorage.length + sessionStorage.length')).to.equal(0);
    });

    it('knows the user again after a reload, when an answer says so', async () => {
      const [one] = (await openTabs(1)) as [Tab];
      await one.page.reload();
      const again = await startTab(one.page, options);
      expect(await again.state()).to.equal('unknown');
      await expectIn(again);
    });
  });
});
