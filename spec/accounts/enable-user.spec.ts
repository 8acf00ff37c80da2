import { expect } from 'chai';
import type { AuthError } from 'express-auth-kit';
import { recordEvents } from '../conformance/record-events.js';
import { failureOf } from '../support/failure.js';
import { bearer, createTestApp, type TestApp } from '../support/test-app.js';

describe('enabling a user', () => {
  let app: TestApp;

  before(async () => {
    app = await createTestApp();
  });
  after(() => app.close());

  it('lets them log in again, leaves the sessions of before over, and is told', async () => {
    const user = await app.signUp();
    await app.auth.service.disableUser(user.id);
    const events = recordEvents(app.auth);
    await app.auth.service.enableUser(user.id, { ip: '203.0.113.7', userAgent: 'Admin' });
    expect(events).to.deep.equal([
      ['user.enabled', { userId: user.id, ip: '203.0.113.7', userAgent: 'Admin' }],
    ]);
    await app.login(user);
    await app.http.get('/protected').set(bearer(user.access_token)).expect(401);
  });

  it('says nothing of a user who is not there', async () => {
    const events = recordEvents(app.auth);
    const error = await failureOf<AuthError>(() => app.auth.service.enableUser('0'.repeat(24)));
    expect([error.code, events]).to.deep.equal(['not_found', []]);
  });
});
