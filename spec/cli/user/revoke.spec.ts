import { expect } from 'chai';
import { runCli } from '../../support/cli.js';
import { bearer, createTestApp, type TestApp } from '../../support/test-app.js';

describe('user revoke', () => {
  let app: TestApp;

  before(async () => {
    app = await createTestApp();
  });
  after(() => app.close());

  it('ends all sessions of the user', async () => {
    const [user, other] = [await app.signUp(), await app.signUp()];
    const { code, stdout } = await runCli(['user', 'revoke', user.email], { uri: app.uri });
    expect({ code, stdout }).to.deep.equal({ code: 0, stdout: `all sessions of ${user.email} have ended` });
    await app.http.get('/protected').set(bearer(user.access_token)).expect(401);
    await app.http.post('/auth/refresh').send({ refresh_token: user.refresh_token }).expect(401);
    await app.http.get('/protected').set(bearer(other.access_token)).expect(200);
    await app.login(user);
  });
});
