import { expect } from 'chai';
import { expectRefusal } from '../http/expect-refusal.js';
import { bearer, createTestApp, PASSWORD, type TestApp } from '../support/test-app.js';

describe('disableUser, by the service', () => {
  let app: TestApp;

  before(async () => {
    app = await createTestApp();
  });
  after(() => app.close());

  it('ends the sessions and voids a change of the address, and leaves a recovery link (hold 40)', async () => {
    const user = await app.signUp();
    const email = `other-${user.email}`;
    await app.http
      .post('/auth/change-email')
      .set(bearer(user.access_token))
      .send({ email, password: PASSWORD })
      .expect(202);
    const recovery = await app.resetToken(user.email);
    await app.auth.service.disableUser(user.id);
    expectRefusal(await app.http.get('/protected').set(bearer(user.access_token)), 'invalid_token');
    await app.auth.service.enableUser(user.id);
    const mail = app.mailbox.messages.find(({ to }) => to === email);
    const token = /token=([\w-]+)/.exec(mail?.text ?? '')?.[1];
    const answer = await app.http.post('/auth/change-email/confirm').send({ token });
    expectRefusal(answer, 'invalid_one_time_token');
    await app.http
      .post('/auth/reset-password')
      .send({ token: recovery, password: 'another horse' })
      .expect(200);
    expect(await app.User.findById(user.id).lean()).to.include({ email: user.email });
  });
});
