import { expect } from 'chai';
import { runCli } from '../../support/cli.js';
import { bearer, createTestApp, type TestApp } from '../../support/test-app.js';

const FIREFOX = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:130.0) Gecko/20100101 Firefox/130.0';
const DAY = 24 * 60 * 60 * 1000;

describe('user sessions', () => {
  let app: TestApp;

  before(async () => {
    app = await createTestApp();
  });
  after(() => app.close());

  const run = (email: string, more: string[] = [], env: Record<string, string> = {}) =>
    runCli(['user', 'sessions', email, ...more], { uri: app.uri, env });

  it('lists what GET /sessions lists, the newest login first', async () => {
    const user = await app.register();
    const { email: username, password } = user;
    await app.http.post('/auth/token').set('user-agent', FIREFOX).send({ username, password }).expect(200);
    app.clock.advance(1000);
    const device_name = "Ada's phone";
    const { body: pair } = await app.http
      .post('/auth/token')
      .set('user-agent', '')
      .send({ username, password, device_name })
      .expect(200);
    const { body: listed } = await app.http.get('/auth/sessions').set(bearer(pair.access_token)).expect(200);
    const { code, json } = await run(user.email, ['--json']);
    expect(code).to.equal(0);
    expect(json()).to.deep.equal(listed.map(({ current, ...session }: { current: boolean }) => session));

    const { stdout, stderr } = await run(user.email);
    const times = ({ created_at, last_used_at, expires_at }: Record<string, string>) =>
      `created ${created_at}  last used ${last_used_at}  expires ${expires_at}`;
    expect(stderr).to.equal('');
    expect(stdout.split('\n')).to.deep.equal([
      `${listed[0].id}  Ada's phone  127.0.0.1  ${times(listed[0])}`,
      `${listed[1].id}  Firefox on Windows  127.0.0.1  ${times(listed[1])}`,
    ]);
  });

  it('lists those of this user alone, and none that is over', async () => {
    const [user, other] = [await app.signUp(), await app.signUp()];
    await app.http.post('/auth/logout').send({ refresh_token: user.refresh_token }).expect(204);
    const nowhere = await run(user.email);
    expect(nowhere).to.include({ code: 0, stdout: '', stderr: `${user.email} is signed in nowhere` });
    const { json, stderr } = await run(user.email, ['--json']);
    expect([json(), stderr]).to.deep.equal([[], '']);
    expect((await run(other.email, ['--json'])).json()).to.have.length(1);
    await app.auth.service.disableUser(other.id);
    expect((await run(other.email, ['--json'])).json()).to.deep.equal([]);
  });

  it('says unknown where a login says nothing', async () => {
    const user = await app.register();
    await app.auth.service.issueTokens(user.id);
    expect((await run(user.email)).stdout).to.include('  unknown device  unknown address  ');
  });

  it('knows by AUTH_SESSION_IDLE_DAYS that one which was not used is over', async () => {
    const user = await app.signUp();
    await app.connection
      .collection('auth_sessions')
      .updateMany({}, { $set: { lastUsedAt: new Date(Date.now() - 2 * DAY) } });
    expect((await run(user.email, ['--json'])).json()).to.have.length(1);
    const idle = await run(user.email, ['--json'], { AUTH_SESSION_IDLE_DAYS: '1' });
    expect(idle.json()).to.deep.equal([]);
  });
});
