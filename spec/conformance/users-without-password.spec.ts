import bcrypt from 'bcrypt';
import { expect } from 'chai';
import { expectRefusal } from '../http/expect-refusal.js';
import { bearer, createTestApp, PASSWORD, type TestApp } from '../support/test-app.js';
import { watchCalls } from '../support/watch-calls.js';

describe('a user without a password', () => {
  let app: TestApp;
  let names = 0;

  before(async () => {
    app = await createTestApp();
  });
  after(() => app.close());

  const create = () => {
    names += 1;
    return app.auth.service.createUser({ email: `none-${names}@example.com` });
  };
  const login = (username: string, password = PASSWORD) =>
    app.http.post('/auth/token').send({ username, password });

  it('is stored without one, and without another way in', async () => {
    const { email } = await create();
    const stored = await app.connection.collection('users').findOne({ email });
    expect(stored).to.not.have.any.keys('password', 'waysIn');
  });

  it('is refused at /token as everybody is, for one hash (holds 16, 17)', async () => {
    const { email } = await create();
    const answers = [];
    for (const username of [email, 'nobody@example.com', (await app.register()).email]) {
      const watch = watchCalls(bcrypt, 'compare');
      try {
        answers.push(await login(username, 'not the password'));
      } finally {
        watch.restore();
      }
      expect(watch.calls).to.have.length(1);
      expect(bcrypt.getRounds(watch.calls[0]?.[1] as string)).to.equal(4);
    }
    for (const answer of answers) expectRefusal(answer, 'invalid_credentials');
    for (const password of ['undefined', 'null', ' '])
      expectRefusal(await login(email, password), 'invalid_credentials');
  });

  it('signs in by issueTokens, refreshes, and is who the guards let pass', async () => {
    const user = await create();
    const { access_token, refresh_token } = await app.auth.service.issueTokens(user);
    const { body } = await app.http.get('/protected').set(bearer(access_token)).expect(200);
    expect(body).to.deep.equal({ user: user.email });
    await app.http.post('/auth/refresh').send({ refresh_token }).expect(200);
  });

  it('sets the first password by a recovery link, which ends the sessions and verifies the address', async () => {
    const user = await create();
    const { access_token } = await app.auth.service.issueTokens(user);
    const token = await app.resetToken(user.email);
    await app.http.post('/auth/reset-password').send({ token, password: PASSWORD }).expect(200);
    await login(user.email).expect(200);
    expectRefusal(await app.http.get('/protected').set(bearer(access_token)), 'invalid_token');
    expectRefusal(
      await app.http.post('/auth/reset-password').send({ token, password: PASSWORD }),
      'invalid_one_time_token',
    );
    expect((await app.User.findById(user.id))?.get('emailVerifiedAt')).to.be.a('date');
  });
});
