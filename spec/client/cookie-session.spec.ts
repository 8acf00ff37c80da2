import { expect } from 'chai';
import type { AuthClientError } from 'express-auth-kit/client';
import { type ClientApp, createClientApp, nextChange } from '../support/client-app.js';
import { type CookieJar, createLocks, createTabStorage, useCookieJar } from '../support/client-platform.js';
import { failureOf } from '../support/failure.js';
import { nextTask } from '../support/next-task.js';
import { PASSWORD } from '../support/password.js';
import { putGlobal } from '../support/web-platform.js';

describe('the client with cookies', () => {
  let world: ClientApp;
  let jar: CookieJar;
  let credentials: { username: string; password: string };

  before(async () => {
    world = await createClientApp('cookies');
  });
  after(() => world.close());
  beforeEach(async () => {
    jar = useCookieJar();
    const { email } = await world.register();
    credentials = { username: email, password: PASSWORD };
  });
  afterEach(() => jar.takeOut());

  const open = () => world.open({ mode: 'cookies' });
  const signIn = async () => {
    const client = open();
    await client.login(credentials);
    return client;
  };
  const failure = (run: () => unknown) => failureOf<AuthClientError>(run);
  const refreshes = () => world.count('/auth/refresh');
  const expireAccess = () => world.advance(16 * 60_000);

  it('asks for cookies at the kit, and holds no token', async () => {
    const storage = createTabStorage();
    const client = world.open({ mode: 'cookies', storage });
    expect(await client.login({ ...credentials, remember: false })).to.deep.equal({ state: 'signed-in' });
    const login = await world.lastRequest();
    expect(login.headers).to.include({ 'x-auth-mode': 'cookies', 'content-type': 'application/json' });
    expect(JSON.parse(login.body)).to.deep.equal({ ...credentials, remember: false });
    expect(Object.keys(await jar.read())).to.deep.equal(['access', 'refresh']);
    expect(await (await client.fetch(world.protected)).json()).to.deep.equal({
      user: credentials.username,
    });
    expect((await world.lastRequest()).headers).to.not.have.any.keys('authorization', 'x-auth-mode');
    expect(storage.keys()).to.deep.equal([]);
  });

  it('does not know how it stands until an answer says so', async () => {
    await signIn();
    const client = open();
    expect(client.state).to.equal('unknown');
    await client.me();
    expect(client.state).to.equal('signed-in');
  });

  it('is signed out when a 401 comes and one refresh is refused', async () => {
    const client = open();
    const told: string[] = [];
    client.onChange((state) => told.push(state));
    const before = await refreshes();
    const asked = [client.me(), client.me(), client.fetch(world.protected)];
    const [me] = await Promise.allSettled(asked);
    expect((me as PromiseRejectedResult).reason).to.include({ status: 401, code: 'missing_token' });
    expect(told).to.deep.equal(['signed-out']);
    await failure(() => client.me());
    expect(await refreshes()).to.equal(before + 1);
  });

  it('asks for no second refresh where a 401 arrives after the first was refused', async () => {
    const client = open();
    const before = await refreshes();
    const late = await world.hold('/protected', 'answer');
    const asked = client.fetch(world.protected);
    await late.arrived;
    await failure(() => client.me());
    await late.release();
    expect((await asked).status).to.equal(401);
    expect(await refreshes()).to.equal(before + 1);
  });

  it('leaves the renewal to the guards', async () => {
    const client = await signIn();
    const before = await refreshes();
    await expireAccess();
    const cookies = await jar.read();
    expect((await client.fetch(world.protected)).status).to.equal(200);
    expect(await jar.read()).to.not.deep.equal(cookies);
    expect(await refreshes()).to.equal(before);
  });

  it('tries a request again, after one refresh for many, where the refresh is good', async () => {
    const client = await signIn();
    const before = await refreshes();
    const lost = { status: 401, body: '{"code":"invalid_token","detail":"x"}' };
    const paths = ['/protected', '/protected?2', '/protected?3'];
    for (const path of paths) await world.insteadOf(path, lost);
    const answers = await Promise.all(paths.map((path) => client.fetch(world.url + path)));
    expect(answers.map(({ status }) => status)).to.deep.equal([200, 200, 200]);
    expect(await refreshes()).to.equal(before + 1);
    expect(client.state).to.equal('signed-in');
  });

  for (const [what, fault] of [
    ['is lost', 'lost'],
    ['finds the database away', { status: 503, body: '{"code":"unavailable","detail":"x"}' }],
    ['is refused for where it comes from', { status: 403, body: '{"code":"forbidden_origin","detail":"x"}' }],
    ['meets a captive portal', { status: 200, body: 'null' }],
  ] as const) {
    it(`stays as it was when the refresh ${what}`, async () => {
      const client = await signIn();
      const fresh = open();
      await world.insteadOf('/auth/me', { status: 401, body: '{"code":"invalid_token","detail":"x"}' });
      await world.insteadOf('/auth/refresh', fault);
      expect(await failure(() => client.me()))
        .to.have.property('code')
        .that.is.not.equal('invalid_token');
      expect(client.state).to.equal('signed-in');
      await world.insteadOf('/auth/me', { status: 401, body: '{"code":"invalid_token","detail":"x"}' });
      await world.insteadOf('/auth/refresh', fault);
      await failure(() => fresh.me());
      expect(fresh.state).to.equal('unknown');
      expect(await client.me()).to.include({ email: credentials.username });
    });
  }

  it('throws when a logout finds the server away, and stays signed in', async () => {
    const client = await signIn();
    for (const [fault, code] of [
      ['lost', 'network_error'],
      [{ status: 503, body: '{"code":"unavailable","detail":"x"}' }, 'unavailable'],
    ] as const) {
      await world.insteadOf('/auth/logout', fault);
      expect(await failure(() => client.logout())).to.include({ code });
      expect(client.state).to.equal('signed-in');
      expect(await client.me()).to.include({ email: credentials.username });
    }
    await client.logout();
    expect(client.state).to.equal('signed-out');
    expect(await jar.read()).to.deep.equal({});
  });

  it('lets a logout win over a refresh, and over a request, that are under way', async () => {
    const client = await signIn();
    await world.insteadOf('/protected', { status: 401, body: '{"code":"invalid_token","detail":"x"}' });
    const refresh = await world.hold('/auth/refresh', 'answer');
    const me = await world.hold('/auth/me', 'answer');
    const asked = [client.fetch(world.protected), client.me()] as const;
    await Promise.all([refresh.arrived, me.arrived]);
    await client.logout();
    await refresh.release();
    await me.release();
    expect((await asked[0]).status).to.equal(401);
    await asked[1];
    expect(client.state).to.equal('signed-out');
    expect(await failure(() => open().me())).to.include({ status: 401 });
  });

  it('tells other tabs of a renewal, which signs nobody in who has signed out', async () => {
    const [one, other] = [await signIn(), open()];
    await other.me();
    const channel = new BroadcastChannel(`express-auth-kit:cookies:${world.url}/auth`);
    try {
      await world.insteadOf('/protected', { status: 401, body: '{"code":"invalid_token","detail":"x"}' });
      const refresh = await world.hold('/auth/refresh', 'answer');
      const asked = one.fetch(world.protected);
      await refresh.arrived;
      await other.logout();
      const renewed = new Promise<void>((resolve) => {
        channel.onmessage = (event) => {
          // The logout is told too.
          if ((event as unknown as { data: { state?: string } }).data.state !== 'signed-out') resolve();
        };
      });
      await refresh.release();
      await asked;
      await renewed;
      await nextTask();
      expect(other.state).to.equal('signed-out');
    } finally {
      channel.close();
    }
  });

  it('refreshes in one tab at a time by Web Locks, and once', async () => {
    const tabs = [await signIn(), open(), open()];
    const takeOut = putGlobal('navigator', { locks: createLocks() });
    try {
      const paths = ['/protected?1', '/protected?2', '/protected?3'];
      for (const path of paths) {
        await world.insteadOf(path, { status: 401, body: '{"code":"invalid_token","detail":"x"}' });
      }
      const before = await refreshes();
      const asked = paths.map((path, place) => tabs[place]?.fetch(world.url + path));
      for (const answer of await Promise.all(asked)) expect(answer?.status).to.equal(200);
      expect(await refreshes()).to.equal(before + 1);
    } finally {
      takeOut();
    }
  });

  it('goes on after a new password, and is out after a logout everywhere', async () => {
    const client = await signIn();
    const change = { currentPassword: PASSWORD, newPassword: 'another fine day' };
    expect(await client.changePassword(change)).to.deep.equal({ message: 'Password changed successfully' });
    expect(await client.me()).to.include({ email: credentials.username });
    await client.logoutAll();
    expect(client.state).to.equal('signed-out');
  });

  it('answers a second step as a challenge, which nobody is signed in by yet', async () => {
    await world.askSecondStep(credentials.username);
    const client = open();
    const result = await client.login(credentials);
    expect(result).to.deep.include({ state: 'challenge', methods: ['totp'] });
    expect(client.state).to.equal('unknown');
    const { challenge } = result as { challenge: string };
    await client.challenge({ challenge, method: 'totp', code: 'right' });
    expect((await client.me()).email).to.equal(credentials.username);
    expect(client.state).to.equal('signed-in');
  });

  it('tells the other tabs, in words that hold no token', async () => {
    const [one, other] = [open(), open()];
    const heard: string[] = [];
    let change = nextChange(other);
    other.onChange((state) => heard.push(state));
    await one.login(credentials);
    await change;
    change = nextChange(other);
    await one.logout();
    await change;
    // Another login is told too: the page shows what is of the one before.
    for (const _again of [1, 2]) {
      change = nextChange(other);
      await one.login(credentials);
      await change;
    }
    expect(heard).to.deep.equal(['signed-in', 'signed-out', 'signed-in', 'signed-in']);
    change = nextChange(one);
    await world.revokeSessions(credentials.username);
    await failure(() => other.me());
    expect(await change).to.equal('signed-out');
  });

  it('is not told anew what it knows, by a tab that was opened later', async () => {
    const one = await signIn();
    const later = open();
    const told: string[] = [];
    one.onChange((state) => told.push(state));
    await later.me();
    await world.insteadOf('/auth/me', { status: 401, body: '{"code":"invalid_token","detail":"x"}' });
    await later.me();
    const change = nextChange(one);
    await later.logout();
    expect(await change).to.equal('signed-out');
    expect(told).to.deep.equal(['signed-out']);
  });

  describe('at a server without web mode', () => {
    let other: ClientApp;
    before(async () => {
      other = await createClientApp();
    });
    after(() => other.close());

    it('says so rather than hold tokens that a script can read', async () => {
      const { email: username, password } = await other.register();
      const client = other.open({ mode: 'cookies' });
      const error = await failure(() => client.login({ username, password }));
      expect(error).to.include({ status: 200, code: 'unexpected_answer' });
      expect(client.state).to.equal('unknown');
    });
  });
});
