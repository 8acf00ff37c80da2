import { expect } from 'chai';
import { runCli } from '../../support/cli.js';
import { bearer, createTestApp, type TestApp } from '../../support/test-app.js';

describe('user delete', () => {
  let app: TestApp;

  before(async () => {
    app = await createTestApp({
      audit: 30,
      hooks: {
        beforeDelete: () => {
          throw new Error('hooks of the app do not run here');
        },
      },
    });
  });
  after(() => app.close());

  const run = (email: string, more: string[], options: object = {}) =>
    runCli(['user', 'delete', email, ...more], { uri: app.uri, ...options });
  const isThere = async (email: string) => (await app.auth.service.findUser({ email })) !== null;

  it('deletes the user with sessions and links, without asking and without hooks of the app', async () => {
    const user = await app.signUp();
    await app.resetToken(user.email);
    const { code, json } = await run(user.email, ['--yes', '--json']);
    expect(code).to.equal(0);
    expect(json()).to.deep.equal({ id: user.id, email: user.email, deleted: true });
    await app.http.get('/protected').set(bearer(user.access_token)).expect(401);
    expect(await isThere(user.email)).to.equal(false);
    for (const name of ['auth_sessions', 'auth_one_time_tokens']) {
      expect(await app.connection.collection(name).countDocuments(), name).to.equal(0);
    }
  });

  it('leaves ids alone in the audit trail, and notes itself where AUTH_AUDIT_DAYS says so', async () => {
    for (const [env, last] of [
      [{}, 'login.succeeded'],
      [{ AUTH_AUDIT_DAYS: '30' }, 'user.deleted'],
    ] as const) {
      const user = await app.signUp();
      expect(await run(user.email, ['--yes'], { env })).to.include({ code: 0 });
      const trail = await app.auth.service.auditTrail(user.id);
      expect(trail.length).to.be.greaterThan(1);
      expect(trail[0]?.event).to.equal(last);
      for (const entry of trail) expect(entry).to.include({ ip: null, userAgent: null });
    }
  });

  it('asks on a terminal', async () => {
    const { email } = await app.register();
    for (const answer of ['', 'n', 'nope', email]) {
      const { code, stdout, stderr } = await run(email, [], { answers: [answer] });
      expect({ code, stdout }, answer).to.deep.equal({ code: 1, stdout: '' });
      expect(stderr).to.include(`Delete ${email}?`).and.include(`${email} was not deleted`);
    }
    expect(await isThere(email)).to.equal(true);
    const { code, stdout } = await run(email, [], { answers: ['Y'] });
    expect({ code, stdout }).to.deep.equal({ code: 0, stdout: `${email} is deleted` });
    expect(await isThere(email)).to.equal(false);
  });

  it('refuses where there is nobody to ask, before the database is', async () => {
    const { email } = await app.register();
    const { code, stderr } = await run(email, []);
    expect(code).to.equal(2);
    expect(stderr).to.include('--yes');
    expect(await isThere(email)).to.equal(true);
  });
});
