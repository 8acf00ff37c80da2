import { randomBytes } from 'node:crypto';
import { expect } from 'chai';
import { holdNextRead } from '../conformance/hold-back.js';
import { type AppProcess, startApp } from '../support/app-process.js';
import { bearer, createTestApp, type TestApp } from '../support/test-app.js';

/** Two processes on one database: this one, whose answers from it can be held back, and another one, where a user logs out. */
describe('what the database said before a logout', function () {
  this.timeout(60_000);
  let here: TestApp;
  let there: AppProcess;

  before(async () => {
    const secretKey = randomBytes(32).toString('base64');
    here = await createTestApp({ secretKey });
    there = await startApp({ mongodbUri: here.uri, secretKey });
  });
  after(async () => {
    await there?.stop();
    await here?.close();
  });

  for (const collection of ['auth_sessions', 'users']) {
    it(`lets no request pass that comes after it: ${collection} (hold 40)`, async () => {
      const { access_token } = await here.signUp();
      const visit = () => here.http.get('/protected').set(bearer(access_token));
      const held = holdNextRead(collection);
      const early = visit().then(({ status }) => status);
      await held.reached;
      expect((await there.post('/auth/logout', {}, access_token)).status).to.equal(204);
      expect((await visit()).status).to.equal(401);
      held.release();
      // It came before the logout, and may have been let in.
      expect(await early).to.be.oneOf([200, 401]);
      expect((await visit()).status).to.equal(401);
    });
  }
});
