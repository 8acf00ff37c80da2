import { expect } from 'chai';
import type { AuthError } from 'express-auth-kit';
import { recordEvents } from '../conformance/record-events.js';
import { failureOf } from '../support/failure.js';
import { bearer, createTestApp, type TestApp } from '../support/test-app.js';

describe('setting the roles of a user', () => {
  let app: TestApp;

  before(async () => {
    app = await createTestApp({
      finish: (own, auth) =>
        own.get('/editors', auth.requireRole('editor'), (_req, res) => void res.json({ done: true })),
    });
  });
  after(() => app.close());

  it('is felt at the next request, and told with what they are now', async () => {
    const { id, access_token } = await app.signUp();
    const ask = () => app.http.get('/editors').set(bearer(access_token));
    await ask().expect(403);
    const events = recordEvents(app.auth);
    await app.auth.service.setRoles(id, ['editor', 'author'], { ip: '203.0.113.7', userAgent: 'Admin' });
    await ask().expect(200);
    await app.auth.service.setRoles(id, []);
    await ask().expect(403);
    expect(events).to.deep.equal([
      [
        'user.rolesChanged',
        { userId: id, roles: ['editor', 'author'], ip: '203.0.113.7', userAgent: 'Admin' },
      ],
      ['user.rolesChanged', { userId: id, roles: [], ip: null, userAgent: null }],
    ]);
  });

  it('says nothing where it does nothing', async () => {
    const { id } = await app.register();
    const events = recordEvents(app.auth);
    for (const [user, roles, code] of [
      [id, 'editor', 'validation_failed'],
      ['0'.repeat(24), ['editor'], 'not_found'],
    ] as const) {
      const error = await failureOf<AuthError>(() => app.auth.service.setRoles(user, roles as never));
      expect(error.code).to.equal(code);
    }
    expect(events).to.deep.equal([]);
  });
});
