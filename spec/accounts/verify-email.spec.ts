import { expect } from 'chai';
import { holdNextRead } from '../conformance/hold-back.js';
import { recordEvents } from '../conformance/record-events.js';
import { failureOf } from '../support/failure.js';
import { createTestApp, type TestApp } from '../support/test-app.js';

/** `spec/features/register/verification.spec.ts` says the rest, over HTTP. */
describe('verification without HTTP', () => {
  let app: TestApp;
  before(async () => {
    app = await createTestApp({ emailVerification: 'optional' });
  });
  after(() => app.close());

  const from = { ip: '203.0.113.7', userAgent: 'UA' };
  const registered = async () => {
    app.mailbox.clear();
    const user = await app.register();
    await app.auth.service.settled();
    return { ...user, token: /token=([\w-]+)/.exec(app.mailbox.messages[0]?.text ?? '')?.[1] as string };
  };

  it('verifies by a link, once, and says where that came from', async () => {
    const { id, email, token } = await registered();
    const events = recordEvents(app.auth);
    expect(await app.auth.service.verifyEmail(token, from)).to.deep.equal({ email });
    expect(events).to.deep.equal([['email.verified', { userId: id, email, ...from }]]);
    for (const wrong of [token, 'x', '', undefined, null, {}]) {
      const error = await failureOf(() => app.auth.service.verifyEmail(wrong as string));
      expect(error).to.include({ code: 'invalid_one_time_token', status: 400 });
    }
  });

  it('mails another link to who has not verified, whatever form the address is typed in', async () => {
    const { email, token } = await registered();
    await app.auth.service.resendVerification(` ${email.toUpperCase()} `);
    await app.auth.service.resendVerification('nobody@example.com');
    await app.auth.service.settled();
    expect(app.mailbox.messages.map(({ to }) => to)).to.deep.equal([email, email]);
    await app.auth.service.verifyEmail(token);
    await app.auth.service.resendVerification(email);
    await app.auth.service.settled();
    expect(app.mailbox.messages).to.have.length(2);
    expect(await failureOf(() => app.auth.service.resendVerification(5 as never))).to.be.an.instanceOf(
      TypeError,
    );
  });

  it('verifies nothing when the address is changed between the look and the write (hold 56)', async () => {
    const { email, token } = await registered();
    const read = holdNextRead('users');
    const verifying = failureOf(() => app.auth.service.verifyEmail(token));
    await read.reached;
    const users = app.connection.collection('users');
    await users.updateOne({ email }, { $set: { email: `new-${email}` } });
    read.release();
    expect(await verifying).to.include({ code: 'invalid_one_time_token' });
    expect((await users.findOne({ email: `new-${email}` }))?.emailVerifiedAt).to.equal(null);
  });
});
