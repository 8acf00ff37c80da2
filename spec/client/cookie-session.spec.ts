import { expect } from 'chai';
import { type AuthClient, type AuthClientError, createAuthClient } from 'express-auth-kit/client';
import { createMapStorage, nextChange } from '../support/client-app.js';
import { type CookieJar, useCookieJar } from '../support/cookie-jar.js';
import { failureOf } from '../support/failure.js';
import { createLossyProxy, type LossyProxy } from '../support/lossy-proxy.js';
import { createTestApp, type TestApp } from '../support/test-app.js';
import { createWebModeApp } from '../support/web-mode-app.js';

describe('the client with cookies', () => {
  // The kit's own, when it has a web mode.
  let server: Awaited<ReturnType<typeof createWebModeApp>>;
  let network: LossyProxy;
  let jar: CookieJar;
  let clients: AuthClient[];

  before(async () => {
    server = await createWebModeApp();
    network = await createLossyProxy(server.url);
  });
  after(() => {
    network.close();
    server.close();
  });
  beforeEach(() => {
    jar = useCookieJar();
    clients = [];
  });
  afterEach(() => {
    jar.takeOut();
    for (const client of clients) client.close();
  });

  const open = () => {
    const client = createAuthClient({ baseUrl: `${network.url}/auth`, mode: 'cookies' });
    clients.push(client);
    return client;
  };
  const credentials = { username: 'ada@example.com', password: 'right' };
  const signIn = async () => {
    const client = open();
    await client.login(credentials);
    return client;
  };
  const failure = (run: () => unknown) => failureOf<AuthClientError>(run);
  const refreshes = () => network.count('/auth/refresh');
  const expireAccess = () => {
    for (const session of server.sessions.values()) session.isExpired = true;
  };

  it('asks for cookies at the kit, and holds no token', async () => {
    const storage = createMapStorage();
    const client = createAuthClient({ baseUrl: `${network.url}/auth`, mode: 'cookies', storage });
    clients.push(client);
    expect(await client.login({ ...credentials, remember: false })).to.deep.equal({ state: 'signed-in' });
    const login = network.seen.at(-1);
    expect(login?.headers).to.include({ 'x-auth-mode': 'cookies', 'content-type': 'application/json' });
    expect(JSON.parse(login?.body ?? '')).to.deep.equal({ ...credentials, remember: false });
    expect([...jar.cookies.keys()]).to.deep.equal(['access', 'refresh']);
    expect(await (await client.fetch(`${network.url}/protected`)).json()).to.deep.equal({
      user: 'ada@example.com',
    });
    expect(network.seen.at(-1)?.headers).to.not.have.any.keys('authorization', 'x-auth-mode');
    expect(storage.entries.size).to.equal(0);
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
    const before = refreshes();
    const asked = [client.me(), client.me(), client.fetch(`${network.url}/protected`)];
    const [me] = await Promise.allSettled(asked);
    expect((me as PromiseRejectedResult).reason).to.include({ status: 401, code: 'invalid_token' });
    expect(told).to.deep.equal(['signed-out']);
    await failure(() => client.me());
    expect(refreshes()).to.equal(before + 1);
  });

  it('leaves the renewal to the guards', async () => {
    const client = await signIn();
    const before = refreshes();
    expireAccess();
    const cookies = new Map(jar.cookies);
    expect((await client.fetch(`${network.url}/protected`)).status).to.equal(200);
    expect(jar.cookies).to.not.deep.equal(cookies);
    expect(refreshes()).to.equal(before);
  });

  it('tries a request again, after one refresh for many, where the refresh is good', async () => {
    const client = await signIn();
    const before = refreshes();
    const lost = { status: 401, body: '{"code":"invalid_token","detail":"x"}' };
    const paths = ['/protected', '/protected?2', '/protected?3'];
    for (const path of paths) network.insteadOf(path, lost);
    const answers = await Promise.all(paths.map((path) => client.fetch(network.url + path)));
    expect(answers.map(({ status }) => status)).to.deep.equal([200, 200, 200]);
    expect(refreshes()).to.equal(before + 1);
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
      network.insteadOf('/auth/me', { status: 401, body: '{"code":"invalid_token","detail":"x"}' });
      network.insteadOf('/auth/refresh', fault);
      expect(await failure(() => client.me()))
        .to.have.property('code')
        .that.is.not.equal('invalid_token');
      expect(client.state).to.equal('signed-in');
      network.insteadOf('/auth/me', { status: 401, body: '{"code":"invalid_token","detail":"x"}' });
      network.insteadOf('/auth/refresh', fault);
      await failure(() => fresh.me());
      expect(fresh.state).to.equal('unknown');
      expect(await client.me()).to.include({ email: 'ada@example.com' });
    });
  }

  it('throws when a logout finds the server away, and stays signed in', async () => {
    const client = await signIn();
    for (const [fault, code] of [
      ['lost', 'network_error'],
      [{ status: 503, body: '{"code":"unavailable","detail":"x"}' }, 'unavailable'],
    ] as const) {
      network.insteadOf('/auth/logout', fault);
      expect(await failure(() => client.logout())).to.include({ code });
      expect(client.state).to.equal('signed-in');
      expect(await client.me()).to.include({ email: 'ada@example.com' });
    }
    await client.logout();
    expect(client.state).to.equal('signed-out');
    expect(jar.cookies.size).to.equal(0);
  });

  it('lets a logout win over a refresh, and over a request, that are under way', async () => {
    const client = await signIn();
    network.insteadOf('/protected', { status: 401, body: '{"code":"invalid_token","detail":"x"}' });
    const [refresh, me] = [network.hold('/auth/refresh', 'answer'), network.hold('/auth/me', 'answer')];
    const asked = [client.fetch(`${network.url}/protected`), client.me()] as const;
    await Promise.all([refresh.arrived, me.arrived]);
    await client.logout();
    refresh.release();
    me.release();
    expect((await asked[0]).status).to.equal(401);
    await asked[1];
    expect(client.state).to.equal('signed-out');
    expect(await failure(() => open().me())).to.include({ status: 401 });
  });

  it('goes on after a new password, and is out after a logout everywhere', async () => {
    const client = await signIn();
    const change = { currentPassword: 'right', newPassword: 'another fine day' };
    expect(await client.changePassword(change)).to.deep.equal({ message: 'Password changed successfully' });
    expect(await client.me()).to.include({ email: 'ada@example.com' });
    await client.logoutAll();
    expect(client.state).to.equal('signed-out');
  });

  it('answers a second step as a challenge, which nobody is signed in by yet', async () => {
    const client = open();
    const result = await client.login({ ...credentials, password: 'right, and more' });
    expect(result).to.deep.include({ state: 'challenge', challenge: 'handle', methods: ['totp'] });
    expect(client.state).to.equal('unknown');
    await client.challenge({ challenge: 'handle', method: 'totp', code: '123456' });
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
    server.sessions.clear();
    await failure(() => other.me());
    expect(await change).to.equal('signed-out');
  });

  it('is not told anew what it knows, by a tab that was opened later', async () => {
    const one = await signIn();
    const later = open();
    const told: string[] = [];
    one.onChange((state) => told.push(state));
    await later.me();
    network.insteadOf('/auth/me', { status: 401, body: '{"code":"invalid_token","detail":"x"}' });
    await later.me();
    const change = nextChange(one);
    await later.logout();
    expect(await change).to.equal('signed-out');
    expect(told).to.deep.equal(['signed-out']);
  });

  describe('at a server without web mode', () => {
    let app: TestApp;
    before(async () => {
      app = await createTestApp();
    });
    after(() => app.close());

    it('says so rather than hold tokens that a script can read', async () => {
      const { email: username, password } = await app.register();
      const client = createAuthClient({ baseUrl: `${app.url}/auth`, mode: 'cookies' });
      clients.push(client);
      const error = await failure(() => client.login({ username, password }));
      expect(error).to.include({ status: 200, code: 'unexpected_answer' });
      expect(client.state).to.equal('unknown');
    });
  });
});
