import { expect } from 'chai';
import type { AuthClientError } from 'express-auth-kit/client';
import { type ClientApp, createClientApp, nextChange } from '../support/client-app.js';
import { createLocks, createTabStorage, useCookieJar } from '../support/client-platform.js';
import { failureOf } from '../support/failure.js';
import { createMapStorage } from '../support/map-storage.js';
import { nextTask } from '../support/next-task.js';
import { PASSWORD } from '../support/password.js';
import { putGlobal } from '../support/web-platform.js';

const SECOND = 1000;
const MINUTE = 60 * SECOND;

describe('the client with bearer tokens', () => {
  let world: ClientApp;
  before(async () => {
    world = await createClientApp();
  });
  after(() => world.close());

  const expire = () => world.advance(16 * MINUTE);
  const refreshes = () => world.count('/auth/refresh');
  const failure = (run: () => unknown) => failureOf<AuthClientError>(run);

  it('keeps the tokens in memory, where no other client finds them', async () => {
    const { client } = await world.signIn();
    expect(client.state).to.equal('signed-in');
    const other = world.open();
    expect(other.state).to.equal('signed-out');
    expect(await failure(() => other.me())).to.include({ status: 401, code: 'missing_token' });
    expect(JSON.stringify(client)).to.not.match(/ey[\w-]+\./);
  });

  it('sends no cookie to the kit', async () => {
    const jar = useCookieJar({ sameOrigin: true });
    try {
      await jar.set('refresh', 'x');
      const { client } = await world.signIn();
      const headers = async () => (await world.lastRequest()).headers;
      expect(await headers()).to.not.have.any.keys('cookie', 'x-auth-mode');
      await client.me();
      expect(await headers()).to.not.have.any.keys('cookie', 'x-auth-mode');
      // What the app makes of cookies is its own.
      await client.fetch(world.protected);
      expect(await headers()).to.include.keys('cookie', 'authorization');
    } finally {
      await jar.takeOut();
    }
  });

  it('keeps them in the storage that it is given, where the next page finds them', async () => {
    const storage = createTabStorage();
    const { email } = await world.signIn({ storage });
    expect(storage.keys()).to.deep.equal([`express-auth-kit:bearer:${world.url}/auth`]);
    const next = world.open({ storage });
    expect(next.state).to.equal('signed-in');
    expect(await next.me()).to.include({ email });
  });

  describe('when the network or the server fails', () => {
    for (const [what, fault, code] of [
      ['the request is lost', 'lost', 'network_error'],
      ['the database is away', { status: 503, body: '{"code":"unavailable","detail":"x"}' }, 'unavailable'],
      [
        'there are too many of them',
        { status: 429, body: '{"code":"too_many_requests","detail":"x"}' },
        'too_many_requests',
      ],
      ['the server has a fault', { status: 500, body: 'oops' }, 'unexpected_answer'],
      ['a proxy asks for a login of its own', { status: 401, body: '<html>' }, 'unexpected_answer'],
      ['a proxy refuses', { status: 403, body: '<html>' }, 'unexpected_answer'],
      [
        'the route is not there while the app is deployed',
        { status: 404, body: 'Cannot POST' },
        'unexpected_answer',
      ],
      ['a captive portal answers a page', { status: 200, body: '<html>' }, 'unexpected_answer'],
      ['a captive portal answers JSON', { status: 200, body: '{"message":"welcome"}' }, 'unexpected_answer'],
      [
        'a captive portal answers half of a pair',
        { status: 200, body: '{"token_type":"bearer"}' },
        'unexpected_answer',
      ],
      ['a captive portal answers nothing', { status: 204 }, 'unexpected_answer'],
      ['another token was refused', { status: 401, body: '{"code":"invalid_token"}' }, 'invalid_token'],
    ] as const) {
      it(`stays signed in: at the refresh ${what}`, async () => {
        const { client, email } = await world.signIn();
        const told: string[] = [];
        client.onChange((state) => told.push(state));
        await expire();
        await world.insteadOf('/auth/refresh', fault);
        expect(await failure(() => client.fetch(world.protected))).to.include({ code });
        expect(client.state).to.equal('signed-in');
        expect(await client.me()).to.include({ email });
        expect(told).to.deep.equal([]);
      });
    }

    it('stays signed in when the answer of a refresh is lost, and is given the same once more (hold 38)', async () => {
      const { client, email } = await world.signIn();
      await expire();
      await world.loseAnswer('/auth/refresh');
      expect(await failure(() => client.me())).to.include({ status: 0, code: 'network_error' });
      await world.advance(20 * SECOND);
      expect(await client.me()).to.include({ email });
      await expire();
      expect(await client.me()).to.include({ email });
    });

    it('gives a refresh up that is not answered, and tries again with the next request', async () => {
      const { client, email } = await world.signIn();
      await expire();
      const { timeout } = AbortSignal;
      let giveUp = new AbortController();
      const waits: number[] = [];
      AbortSignal.timeout = (ms) => {
        waits.push(ms);
        giveUp = new AbortController();
        return giveUp.signal;
      };
      try {
        const late = await world.hold('/auth/refresh', 'answer');
        const asking = failure(() => client.me());
        await late.arrived;
        giveUp.abort(new DOMException('late', 'TimeoutError'));
        expect(await asking).to.include({ code: 'network_error' });
        await late.release();
        expect(waits).to.deep.equal([10_000]);
      } finally {
        AbortSignal.timeout = timeout;
      }
      expect(client.state).to.equal('signed-in');
      expect(await client.me()).to.include({ email });
    });
  });

  describe('a logout', () => {
    it('ends the session at the server', async () => {
      const { client, email } = await world.signIn();
      await client.logout();
      expect(client.state).to.equal('signed-out');
      expect(await world.liveSessions(email)).to.equal(0);
      // There is nothing to end.
      const before = (await world.requests()).length;
      await client.logout();
      expect(await world.requests()).to.have.length(before);
    });

    for (const when of ['before it was carried out', 'after it was carried out'] as const) {
      it(`wins over a refresh that is under way, ${when} (hold 42)`, async () => {
        const storage = createTabStorage();
        const { client, email } = await world.signIn({ storage });
        await expire();
        let isOut = Promise.resolve();
        if (when === 'before it was carried out') {
          // It waits for its turn.
          const putBack = putGlobal('navigator', {
            locks: {
              async request(_name: string, _options: object, run: (lock: object) => Promise<void>) {
                isOut = client.logout();
                await isOut;
                return run({});
              },
            },
          });
          const answer = await client.fetch(world.protected).finally(putBack);
          expect(answer.status).to.equal(401);
        } else {
          const late = await world.hold('/auth/refresh', 'answer');
          const asking = client.fetch(world.protected);
          await late.arrived;
          isOut = client.logout();
          expect(client.state).to.equal('signed-out');
          await late.release();
          expect((await asking).status).to.equal(401);
        }
        await isOut;
        expect(client.state).to.equal('signed-out');
        expect(storage.keys()).to.deep.equal([]);
        expect(await world.liveSessions(email)).to.equal(0);
        expect((await client.fetch(world.protected)).status).to.equal(401);
      });
    }

    it('forgets the tokens with the server away', async () => {
      const storage = createTabStorage();
      const { client } = await world.signIn({ storage });
      for (const fault of ['lost', { status: 503 }] as const) {
        await world.insteadOf('/auth/logout', fault);
        await client.logout();
        expect(client.state).to.equal('signed-out');
        expect(storage.keys()).to.deep.equal([]);
      }
    });

    it('does not wait for a server that does not answer', async () => {
      const { client } = await world.signIn();
      const { timeout } = AbortSignal;
      AbortSignal.timeout = () => AbortSignal.abort();
      try {
        await client.logout();
      } finally {
        AbortSignal.timeout = timeout;
      }
      expect(client.state).to.equal('signed-out');
    });

    it('wins over a change of password: its new session ends too', async () => {
      const { client, email } = await world.signIn();
      const late = await world.hold('/auth/change-password', 'answer');
      const change = client.changePassword({ currentPassword: PASSWORD, newPassword: 'another fine day' });
      await late.arrived;
      await client.logout();
      await late.release();
      await change;
      expect(client.state).to.equal('signed-out');
      await expectNoSession(email);
    });

    /** The last logout is not waited for. */
    async function expectNoSession(email: string): Promise<void> {
      while ((await world.liveSessions(email)) > 0) await nextTask();
    }
  });

  describe('a new password', () => {
    it('goes on in the new session, with requests that are under way too (hold 32)', async () => {
      const { client, email } = await world.signIn();
      const late = await world.hold('/protected', 'request');
      const before = await refreshes();
      const asking = client.fetch(world.protected);
      await late.arrived;
      await client.changePassword({ currentPassword: PASSWORD, newPassword: 'another fine day' });
      await late.release();
      expect((await asking).status).to.equal(200);
      expect(await world.count('/protected')).to.be.greaterThan(1);
      expect(await client.me()).to.include({ email });
      expect(await refreshes()).to.equal(before);
    });

    it('is not undone by the refusal of a refresh that was under way', async () => {
      const { client, email } = await world.signIn();
      await expire();
      const refused = { status: 401, body: '{"code":"invalid_refresh_token","detail":"x"}' };
      const late = await world.hold('/auth/refresh', 'answer', refused);
      const asking = client.fetch(world.protected);
      await late.arrived;
      // By another tab, say: with tokens of its own.
      await client.login({ username: email, password: PASSWORD });
      await late.release();
      await asking;
      expect(client.state).to.equal('signed-in');
      expect(await client.me()).to.include({ email });
    });
  });

  it('is hurt by no storage that throws', async () => {
    const full = () => {
      throw new DOMException('full', 'QuotaExceededError');
    };
    const storage = { getItem: full, setItem: full, removeItem: full };
    const { client, email } = await world.signIn({ storage });
    expect(client.state).to.equal('signed-in');
    await expire();
    expect(await client.me()).to.include({ email });
    await client.logout();
    expect(client.state).to.equal('signed-out');
  });

  describe('in several tabs with one storage', () => {
    async function openTabs() {
      const storage = createTabStorage();
      const { client: one, email } = await world.signIn({ storage });
      return { one, other: world.open({ storage }), email, storage };
    }

    it('tells the others of a logout, of a login, and of a refused refresh', async () => {
      const { one, other, email } = await openTabs();
      let heard = nextChange(other);
      await one.logout();
      expect(await heard).to.equal('signed-out');
      expect(other.state).to.equal('signed-out');
      heard = nextChange(other);
      await one.login({ username: email, password: PASSWORD });
      expect(await heard).to.equal('signed-in');
      expect(await other.me()).to.include({ email });
      // By another user: a page shows what is the first one's.
      const { email: username, password } = await world.register();
      heard = nextChange(other);
      await one.login({ username, password });
      expect(await heard).to.equal('signed-in');
      expect(await other.me()).to.include({ email: username });
      heard = nextChange(one);
      await other.logoutAll();
      expect(await heard).to.equal('signed-out');
    });

    it('tells others nothing of a memory of its own', async () => {
      const { client } = await world.signIn();
      const { client: other, email } = await world.signIn();
      const { client: stored } = await world.signIn({ storage: createMapStorage() });
      await client.logout();
      await stored.logout();
      await nextTask();
      expect(other.state).to.equal('signed-in');
      expect(await other.me()).to.include({ email });
    });

    it('goes on with what another tab has renewed, hours later too (holds 36, 37)', async () => {
      const { one, other, email } = await openTabs();
      for (const tab of [one, other, one, one, other]) {
        await expire();
        const before = await refreshes();
        expect(await tab.me()).to.include({ email });
        expect(await refreshes()).to.equal(before + 1);
        expect(await one.me()).to.include({ email });
        expect(await other.me()).to.include({ email });
        expect(await refreshes()).to.equal(before + 1);
      }
    });

    it('refreshes in one tab at a time by Web Locks, and once', async () => {
      const { one, other, email, storage } = await openTabs();
      const third = world.open({ storage });
      const takeOut = putGlobal('navigator', { locks: createLocks() });
      try {
        await expire();
        const before = await refreshes();
        const asked = [one, other, third, one, other, third].map((tab) => tab.me());
        for (const user of await Promise.all(asked)) expect(user).to.include({ email });
        expect(await refreshes()).to.equal(before + 1);
      } finally {
        takeOut();
      }
    });

    it('refreshes once a tab where there are none, and all stay in (holds 35, 38)', async () => {
      const { one, other, email } = await openTabs();
      const takeOut = putGlobal('navigator', {});
      try {
        for (const round of [1, 2, 3]) {
          await expire();
          const before = await refreshes();
          const asked = [one, other, one, other].map((tab) => tab.me());
          for (const user of await Promise.all(asked)) expect(user, `${round}`).to.include({ email });
          expect((await refreshes()) - before).to.be.within(1, 2);
        }
      } finally {
        takeOut();
      }
    });

    it('stays in when the storage tells another tab late: it is given the same pair (hold 38)', async () => {
      const storage = createMapStorage();
      const { client: one, email } = await world.signIn({ storage });
      // What the second tab sees of the storage is as old as this.
      let seen = new Map(storage.entries);
      const late = {
        ...storage,
        getItem: (key: string) => seen.get(key) ?? null,
        // But for what it wrote itself.
        setItem(key: string, value: string) {
          seen.set(key, value);
          storage.setItem(key, value);
        },
      };
      const other = world.open({ storage: late });
      await expire();
      await one.me();
      expect(await other.me()).to.include({ email });
      seen = storage.entries;
      await expire();
      expect(await other.me()).to.include({ email });
      expect(await one.me()).to.include({ email });
    });

    it('is out in each when one was refused, and not before', async () => {
      const { one, other, email } = await openTabs();
      await world.revokeSessions(email);
      const heard = nextChange(other);
      expect(await failure(() => one.me())).to.include({ status: 401, code: 'invalid_token' });
      expect(one.state).to.equal('signed-out');
      expect(await heard).to.equal('signed-out');
    });
  });
});
