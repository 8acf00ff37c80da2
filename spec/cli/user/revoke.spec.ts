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

  it('ends one session alone, by its id', async () => {
    const user = await app.signUp();
    const other = await app.login(user);
    const [newest] = await app.auth.service.listSessions(user.id);
    const run = (id: string, ...more: string[]) =>
      runCli(['user', 'revoke', user.email, '--session', id, ...more], { uri: app.uri });
    const { code, stdout } = await run(newest?.id ?? '');
    expect({ code, stdout }).to.deep.equal({
      code: 0,
      stdout: `the session ${newest?.id} of ${user.email} has ended`,
    });
    await app.http.get('/protected').set(bearer(other.access_token)).expect(401);
    await app.http.get('/protected').set(bearer(user.access_token)).expect(200);
  });

  it('refuses a session that is over, of somebody else, or none', async () => {
    const [user, other] = [await app.signUp(), await app.signUp()];
    const [theirs] = await app.auth.service.listSessions(other.id);
    for (const id of [theirs?.id ?? '', '0'.repeat(24), 'abc', '']) {
      const { code, stdout, stderr } = await runCli(['user', 'revoke', user.email, '--session', id], {
        uri: app.uri,
      });
      expect({ code, stdout }).to.deep.equal({ code: 1, stdout: '' });
      expect(stderr).to.equal(`error: ${user.email} has no live session ${id}`.trim());
    }
    await app.http.get('/protected').set(bearer(user.access_token)).expect(200);
    await app.http.get('/protected').set(bearer(other.access_token)).expect(200);
  });
});
