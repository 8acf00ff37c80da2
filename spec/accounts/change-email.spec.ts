import { expect } from 'chai';
import { recordEvents } from '../conformance/record-events.js';
import { failureOf } from '../support/failure.js';
import { createTestApp, PASSWORD, type TestApp } from '../support/test-app.js';

/** `spec/features/change-email.spec.ts` says the rest, over HTTP. */
describe('a change of the address without HTTP', () => {
  let app: TestApp;

  before(async () => {
    app = await createTestApp();
  });
  after(() => app.close());

  const from = { ip: '203.0.113.7', userAgent: 'UA' };
  const tokens = async () => {
    await app.auth.service.settled();
    const text = app.mailbox.messages.map((mail) => mail.text).join();
    const tokenOf = (path: string) =>
      [...text.matchAll(new RegExp(`${path}\\?token=([\\w-]+)`, 'g'))].at(-1)?.[1] ?? '';
    return { confirm: tokenOf('/change-email/confirm'), undo: tokenOf('/change-email/undo') };
  };

  it('is asked for, confirmed and undone, and says where each came from', async () => {
    const { id, email, access_token } = await app.signUp();
    const { service } = app.auth;
    const events = recordEvents(app.auth);
    await service.changeEmail(access_token, { email: ' New@Example.com', password: PASSWORD }, from);
    const { confirm, undo } = await tokens();
    expect(await service.confirmEmailChange(confirm, from)).to.deep.equal({ email: 'new@example.com' });
    expect(await service.undoEmailChange(undo, from)).to.deep.equal({ email });
    const origin = { userId: id, ...from };
    expect(events).to.deep.equal([
      ['email.changeRequested', origin],
      ['email.changed', { ...origin, by: 'change' }],
      ['session.ended', { ...origin, sessionId: null, reason: 'email_restored' }],
      ['email.changed', { ...origin, by: 'undo' }],
    ]);
  });

  it('refuses what is no address, and tokens that are none', async () => {
    const { access_token } = await app.signUp();
    const { service } = app.auth;
    const ask = (email: unknown) =>
      service.changeEmail(access_token, { email: email as string, password: PASSWORD });
    expect(await failureOf(() => ask('no address'))).to.include({ code: 'validation_failed' });
    expect(await failureOf(() => ask(undefined))).to.be.instanceOf(TypeError);
    expect(await failureOf(() => service.changeEmail('x', { email: 'a@example.com' }))).to.include({
      code: 'invalid_token',
    });
    for (const token of ['x', '', undefined, {}]) {
      for (const use of [service.confirmEmailChange, service.undoEmailChange]) {
        expect(await failureOf(() => use(token as string))).to.include({ code: 'invalid_one_time_token' });
      }
    }
  });
});
