import { expect } from 'chai';
import { runCli } from '../../support/cli.js';
import { bearer, createTestApp, type TestApp } from '../../support/test-app.js';

describe('user disable', () => {
  let app: TestApp;

  before(async () => {
    app = await createTestApp();
  });
  after(() => app.close());

  it('ends the sessions of the user alone, and lets none begin', async () => {
    const [user, other] = [await app.signUp(), await app.signUp()];
    const { code, stdout } = await runCli(['user', 'disable', user.email], { uri: app.uri });
    expect({ code, stdout }).to.deep.equal({
      code: 0,
      stdout: `${user.email} is disabled, all sessions have ended`,
    });
    await app.http.get('/protected').set(bearer(user.access_token)).expect(401);
    const { email: username, password } = user;
    await app.http.post('/auth/token').send({ username, password }).expect(401);
    await app.http.get('/protected').set(bearer(other.access_token)).expect(200);
    const kinds = await app.connection.collection('auth_sessions').distinct('kind');
    expect(kinds).to.deep.equal(['users']);
    expect(await app.connection.collection('auth_sessions').countDocuments()).to.equal(1);
  });

  it('shows the user as it is then', async () => {
    const { email } = await app.register();
    const { json } = await runCli(['user', 'disable', email, '--json'], { uri: app.uri });
    expect(json()).to.include({ email });
    expect(json().disabledAt).to.be.a('string');
  });
});
