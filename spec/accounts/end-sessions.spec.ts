import { expect } from 'chai';
import jwt from 'jsonwebtoken';
import { createHold } from '../conformance/hold-back.js';
import { recordEvents } from '../conformance/record-events.js';
import { expectRefusal } from '../http/expect-refusal.js';
import { bearer, createTestApp, PASSWORD, type TestApp } from '../support/test-app.js';
import { watchCalls } from '../support/watch-calls.js';

describe('ending sessions', () => {
  let app: TestApp;

  before(async () => {
    app = await createTestApp();
  });
  after(() => app.close());

  const me = (access_token: string) => app.http.get('/protected').set(bearer(access_token));
  const sid = (token: string) => (jwt.decode(token) as jwt.JwtPayload).sid as string;
  const stampOf = async (email: string) =>
    (await app.connection.collection('users').findOne({ email }))?.securityStamp;

  it('one by one leaves the stamp of the user as it is: the others go on', async () => {
    const user = await app.signUp();
    const other = await app.login(user);
    const stamp = await stampOf(user.email);
    await app.http.post('/auth/logout').set(bearer(user.access_token)).expect(204);
    expect(await stampOf(user.email)).to.equal(stamp);
    await me(other.access_token).expect(200);
  });

  it('all at once renews the stamp, and so ends those too that are not swept (hold 42)', async () => {
    const user = await app.signUp();
    const stamp = await stampOf(user.email);
    const sweep = watchCalls(app.connection.models.AuthSession as typeof app.User, 'deleteMany');
    await app.auth.service.revokeSessions(user.id);
    sweep.restore();
    expect(sweep.calls).to.have.length(1);
    expect(await stampOf(user.email))
      .to.be.a('string')
      .that.is.not.equal(stamp);
  });

  it('all but one keeps that one, with both its tokens', async () => {
    const user = await app.signUp();
    const others = [await app.login(user), await app.login(user)];
    await app.auth.service.revokeSessions(user.id, { except: sid(user.access_token) });
    for (const { access_token, refresh_token } of others) {
      expectRefusal(await me(access_token), 'invalid_token');
      expectRefusal(await app.http.post('/auth/refresh').send({ refresh_token }), 'invalid_refresh_token');
    }
    await me(user.access_token).expect(200);
    await app.http.post('/auth/refresh').send({ refresh_token: user.refresh_token }).expect(200);
  });

  it('is the same the second time', async () => {
    const user = await app.signUp();
    await app.auth.service.revokeSessions(user.id);
    await app.auth.service.revokeSessions(user.id);
    expectRefusal(await me(user.access_token), 'invalid_token');
  });

  it('leaves alone who logs in while the old sessions are being cleared away (hold 41)', async () => {
    const user = await app.signUp();
    const model = app.connection.models.AuthSession as typeof app.User;
    const { deleteMany } = model;
    const hold = createHold();
    // As if the database had stood still, and carried the deletion out late.
    model.deleteMany = ((...args: Parameters<typeof deleteMany>) => {
      const query = deleteMany.apply(model, args);
      const { exec } = query;
      query.exec = async () => {
        await hold.wait();
        return exec.apply(query);
      };
      return query;
    }) as typeof deleteMany;
    try {
      const logout = app.http
        .post('/auth/logout-all')
        .set(bearer(user.access_token))
        .then((response) => response);
      await hold.reached;
      const since = await app.login(user);
      hold.release();
      expect((await logout).status).to.equal(204);
      await me(since.access_token).expect(200);
      expectRefusal(await me(user.access_token), 'invalid_token');
    } finally {
      model.deleteMany = deleteMany;
      hold.release();
    }
  });

  it('keeps the session that several at once mean to keep, twenty times', async () => {
    for (let round = 0; round < 20; round += 1) {
      const user = await app.signUp();
      const other = await app.login(user);
      const except = sid(user.access_token);
      const change = { current_password: PASSWORD, new_password: 'another good one' };
      const [changed] = await Promise.all([
        app.http.post('/auth/change-password').set(bearer(user.access_token)).send(change),
        app.auth.service.revokeSessions(user.id, { except }),
        app.auth.service.revokeSessions(user.id, { except }),
      ]);
      expect(changed.status).to.be.oneOf([200, 400]);
      await me(user.access_token).expect(200);
      expectRefusal(await me(other.access_token), 'invalid_token');
    }
  });

  it('of one user ends nobody else\u2019s, though their session is named', async () => {
    const [user, stranger] = [await app.signUp(), await app.signUp()];
    await app.auth.service.revokeSessions(user.id, { except: sid(stranger.access_token) });
    expectRefusal(await me(user.access_token), 'invalid_token');
    await me(stranger.access_token).expect(200);
  });

  it('says which: one, or all of the user', async () => {
    const user = await app.signUp();
    const other = await app.login(user);
    const events = recordEvents(app.auth);
    await app.http.post('/auth/logout').send({ refresh_token: other.refresh_token }).expect(204);
    await app.auth.service.revokeSessions(user.id);
    expect(events).to.deep.equal([
      ['session.ended', { userId: user.id, sessionId: sid(other.access_token) }],
      ['session.ended', { userId: user.id, sessionId: null }],
    ]);
  });
});
