import { expect } from 'chai';
import { recordEvents } from '../conformance/record-events.js';
import { expectRefusal } from '../http/expect-refusal.js';
import { failureOf } from '../support/failure.js';
import { bearer, createTestApp, PASSWORD, type TestApp } from '../support/test-app.js';

const NEW = 'another good one';

/** `spec/features/change-password.spec.ts` says the rest, over HTTP. */
describe('a change of password without HTTP', () => {
  let app: TestApp;
  before(async () => {
    app = await createTestApp();
  });
  after(() => app.close());

  const change = (accessToken: string, currentPassword: string, newPassword = NEW) =>
    app.auth.service.changePassword(
      accessToken,
      { currentPassword, newPassword },
      { ip: '203.0.113.7', userAgent: 'UA' },
    );

  it('ends every session, and gives the pair of a new one (hold 77)', async () => {
    const user = await app.signUp();
    const events = recordEvents(app.auth, ['password.changed']);
    const pair = await change(user.access_token, PASSWORD);
    expect(events).to.deep.equal([
      ['password.changed', { userId: user.id, reason: 'change', ip: '203.0.113.7', userAgent: 'UA' }],
    ]);
    expectRefusal(await app.http.get('/protected').set(bearer(user.access_token)), 'invalid_token');
    await app.http.get('/protected').set(bearer(pair.access_token)).expect(200, { user: user.email });
    await app.login({ ...user, password: NEW });
  });

  it('refuses as the endpoint does, and changes nothing', async () => {
    const user = await app.signUp();
    const refusals: [code: string, run: () => Promise<unknown>][] = [
      ['wrong_password', () => change(user.access_token, 'wrong one')],
      ['validation_failed', () => change(user.access_token, PASSWORD, 'short')],
      ['validation_failed', () => change(user.access_token, PASSWORD, PASSWORD)],
      ['validation_failed', () => app.auth.service.changePassword(user.access_token, { newPassword: NEW })],
      ['invalid_token', () => change(user.refresh_token, PASSWORD)],
    ];
    for (const [code, run] of refusals) expect(await failureOf(run)).to.include({ code });
    await app.http.get('/protected').set(bearer(user.access_token)).expect(200);
    await app.login(user);
  });
});
