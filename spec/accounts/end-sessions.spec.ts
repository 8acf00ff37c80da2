import { expect } from 'chai';
import jwt from 'jsonwebtoken';
import { Types } from 'mongoose';
import { holdCommands } from '../conformance/hold-back.js';
import { recordEvents } from '../conformance/record-events.js';
import { expectRefusal } from '../http/expect-refusal.js';
import { type Command, isWrite, recordCommands } from '../support/commands.js';
import { failCommands } from '../support/intercept-commands.js';
import { bearer, createTestApp, type TestApp } from '../support/test-app.js';

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
  const sessionsOf = (id: string) =>
    app.connection.collection('auth_sessions').countDocuments({ user: new Types.ObjectId(id) });
  /** What clears sessions away. */
  const isSweep = ({ name, collection }: Command) => name === 'delete' && collection === 'auth_sessions';

  it('one by one leaves the stamp of the user as it is: the others go on', async () => {
    const user = await app.signUp();
    const other = await app.login(user);
    const stamp = await stampOf(user.email);
    await app.http.post('/auth/logout').set(bearer(user.access_token)).expect(204);
    expect(await stampOf(user.email)).to.equal(stamp);
    await me(other.access_token).expect(200);
  });

  it('all at once renews the stamp, then clears away what was there (hold 42)', async () => {
    const user = await app.signUp();
    await app.login(user);
    const stamp = await stampOf(user.email);
    const revoke = () => app.auth.service.revokeSessions(user.id);
    const writes = (await recordCommands(app.connection, revoke)).filter(isWrite);
    expect(writes.map(({ collection }) => collection)).to.deep.equal(['users', 'auth_sessions']);
    expect(await sessionsOf(user.id)).to.equal(0);
    expect(await stampOf(user.email))
      .to.be.a('string')
      .that.is.not.equal(stamp);
  });

  it('all at once ends those too that are not cleared away (hold 42)', async () => {
    const user = await app.signUp();
    const other = await app.login(user);
    const sweep = failCommands(isSweep);
    try {
      await app.auth.service.revokeSessions(user.id);
    } finally {
      sweep.heal();
    }
    expect(sweep.failed).to.have.length(1);
    expect(await sessionsOf(user.id)).to.equal(2);
    for (const { access_token, refresh_token } of [user, other]) {
      expectRefusal(await me(access_token), 'invalid_token');
      expectRefusal(await app.http.post('/auth/refresh').send({ refresh_token }), 'invalid_refresh_token');
    }
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
    const sweep = holdCommands(isSweep);
    try {
      const logout = app.http
        .post('/auth/logout-all')
        .set(bearer(user.access_token))
        .then((response) => response);
      await sweep.reached;
      const since = await app.login(user);
      sweep.release();
      expect((await logout).status).to.equal(204);
      await me(since.access_token).expect(200);
      expectRefusal(await me(user.access_token), 'invalid_token');
    } finally {
      sweep.release();
    }
  });

  it('keeps the session that several at once mean to keep, twenty times', async () => {
    for (let round = 0; round < 20; round += 1) {
      const user = await app.signUp();
      const other = await app.login(user);
      const except = sid(user.access_token);
      const revoke = () => app.auth.service.revokeSessions(user.id, { except });
      await Promise.all([revoke(), revoke(), revoke()]);
      await me(user.access_token).expect(200);
      expectRefusal(await me(other.access_token), 'invalid_token');
    }
  });

  it('all but one that has ended meanwhile does not bring it back, though it was not cleared away (hold 42)', async () => {
    const user = await app.signUp();
    const telling = holdCommands(
      ({ name, collection }) => collection === 'auth_sessions' && name === 'findAndModify',
    );
    const cut = failCommands(isSweep);
    try {
      const revoked = app.auth.service.revokeSessions(user.id, { except: sid(user.access_token) });
      await telling.reached;
      await app.auth.service.setPassword(user.id, 'another good one');
      expect(cut.failed).to.have.length(1);
      expectRefusal(await me(user.access_token), 'invalid_token');
      telling.release();
      await revoked;
      expectRefusal(await me(user.access_token), 'invalid_token');
      const { refresh_token } = user;
      expectRefusal(await app.http.post('/auth/refresh').send({ refresh_token }), 'invalid_refresh_token');
    } finally {
      cut.heal();
      telling.release();
    }
  });

  it('of one user ends nobody else\u2019s, though their session is named', async () => {
    const [user, stranger] = [await app.signUp(), await app.signUp()];
    await app.auth.service.revokeSessions(user.id, { except: sid(stranger.access_token) });
    expectRefusal(await me(user.access_token), 'invalid_token');
    await me(stranger.access_token).expect(200);
  });

  it('says which, why and from where: one, or all of the user', async () => {
    const user = await app.signUp();
    const other = await app.login(user);
    const events = recordEvents(app.auth);
    await app.http.post('/auth/logout').send({ refresh_token: other.refresh_token }).expect(204);
    await app.auth.service.revokeSessions(user.id);
    expect(events).to.deep.equal([
      [
        'session.ended',
        {
          userId: user.id,
          sessionId: sid(other.access_token),
          reason: 'logout',
          ip: '127.0.0.1',
          userAgent: null,
        },
      ],
      ['session.ended', { userId: user.id, sessionId: null, reason: 'revoked', ip: null, userAgent: null }],
    ]);
  });

  it('says of what the service did why it ended them, and for whom', async () => {
    const { id } = await app.signUp();
    const events = recordEvents(app.auth);
    await app.auth.service.setPassword(id, 'another good one');
    await app.auth.service.revokeSessions(id, {}, { ip: '203.0.113.7' });
    await app.auth.service.disableUser(id, { userAgent: 'Admin' });
    const reasons = events.filter(([name]) => name === 'session.ended').map(([, event]) => event);
    const ended = { userId: id, sessionId: null, ip: null, userAgent: null };
    expect(reasons).to.deep.equal([
      { ...ended, reason: 'password_set' },
      { ...ended, reason: 'revoked', ip: '203.0.113.7' },
      { ...ended, reason: 'disabled', userAgent: 'Admin' },
    ]);
  });
});
