import bcrypt from 'bcrypt';
import { expect } from 'chai';
import type { AuthError, ValidationFailed } from 'express-auth-kit';
import jwt from 'jsonwebtoken';
import { databaseContents } from './conformance/database-contents.js';
import { recordEvents } from './conformance/record-events.js';
import { expectRefusal } from './http/expect-refusal.js';
import { expectUnavailable, failureOf } from './support/failure.js';
import { bearer, createTestApp, PASSWORD, type TestApp } from './support/test-app.js';

const NEW = 'another good one';
const NOBODY = 'ffffffffffffffffffffffff';

describe('router.service', () => {
  let app: TestApp;

  before(async () => {
    app = await createTestApp({
      registration: 'closed',
      fields: { seats: { type: Number, max: [9, 'At most nine.'] } },
    });
  });
  after(() => app.close());

  let users = 0;
  const create = (fields: object = {}) => {
    users += 1;
    return app.auth.service.createUser({
      email: `served-${users}@example.com`,
      password: PASSWORD,
      ...fields,
    });
  };
  const stored = (email: string) => app.connection.collection('users').findOne({ email });
  const login = (username: string, password: string) =>
    app.http.post('/auth/token').send({ username, password });
  const me = (access_token: string) => app.http.get('/protected').set(bearer(access_token));
  const codeOf = async (run: () => unknown) => (await failureOf<AuthError>(run)).code;

  describe('createUser', () => {
    it('stores a user with roles and fields of the app, whatever registration says', async () => {
      const user = await app.auth.service.createUser({
        email: ' Jean@Example.com ',
        password: PASSWORD,
        name: 'Jean',
        roles: ['admin'],
        phone: '1',
        seats: 2,
        company: 'not among registerFields',
      });
      expect(user).to.be.an.instanceOf(app.User);
      expect([user.email, user.phone, user.displayName]).to.deep.equal(['jean@example.com', '1', 'Jean']);
      const document = await stored('jean@example.com');
      expect(document).to.include({
        name: 'Jean',
        phone: '1',
        seats: 2,
        company: 'not among registerFields',
      });
      expect(document?.roles).to.deep.equal(['admin']);
      expect(await bcrypt.compare(PASSWORD, document?.password)).to.equal(true);
      await login('jean@example.com', PASSWORD).expect(200);
    });

    it('shows no hash where the document is written as JSON (hold 66)', async () => {
      expect(JSON.stringify(await create())).to.not.match(/\$2b\$|password|securityStamp|_id|__v/);
    });

    it('refuses a taken address', async () => {
      const { email } = await create();
      const error = await failureOf<AuthError>(() => create({ email: email.toUpperCase() }));
      expect(error).to.include({ status: 400, code: 'email_taken', detail: 'Email already registered' });
    });

    const refused: [what: string, fields: object, pointer: string][] = [
      ['a bad address', { email: 'jean' }, '#/email'],
      ['two addresses', { email: 'a@example.com,b@example.com' }, '#/email'],
      ['no address', { email: undefined }, '#/email'],
      ['an address that is an object', { email: { $gt: '' } }, '#/email'],
      ['a short password', { password: 'short' }, '#/password'],
      ['a common password', { password: 'password123' }, '#/password'],
      ['no password', { password: undefined }, '#/password'],
      ['a password that is no string', { password: 12345678 }, '#/password'],
      ['a field that the schema refuses', { seats: 10 }, '#/seats'],
      ['a field of the wrong type', { phone: { a: 1 } }, '#/phone'],
      ['a name that is too long', { name: 'x'.repeat(201) }, '#/name'],
    ];
    for (const [what, fields, pointer] of refused) {
      it(`refuses ${what}, and stores nobody`, async () => {
        const before = await app.User.countDocuments();
        const error = await failureOf<ValidationFailed>(() => create(fields));
        expect(error).to.include({ status: 422, code: 'validation_failed' });
        expect(error.errors.map((fault) => fault.pointer)).to.deep.equal([pointer]);
        expect(await app.User.countDocuments()).to.equal(before);
      });
    }
  });

  describe('issueTokens', () => {
    it('signs in a user or a user\u2019s id', async () => {
      const user = await create();
      for (const reference of [user, user.id, { _id: user._id }]) {
        const pair = await app.auth.service.issueTokens(reference, { ip: '203.0.113.7', userAgent: 'Job' });
        expect(Object.keys(pair).sort()).to.deep.equal([
          'access_token',
          'expires_in',
          'refresh_token',
          'token_type',
        ]);
        expect(pair).to.include({ token_type: 'bearer', expires_in: 900 });
        await me(pair.access_token).expect(200, { user: user.email });
        await app.http.post('/auth/refresh').send({ refresh_token: pair.refresh_token }).expect(200);
      }
      const sessions = await app.connection.collection('auth_sessions').find({ user: user._id }).toArray();
      expect(sessions.map(({ ip, userAgent }) => [ip, userAgent])).to.deep.equal(
        Array(3).fill(['203.0.113.7', 'Job']),
      );
    });

    it('knows no address and no browser unless it is told', async () => {
      const { id, _id } = await create();
      await app.auth.service.issueTokens(id);
      const session = await app.connection.collection('auth_sessions').findOne({ user: _id });
      expect(session).to.include({ ip: null, userAgent: null });
    });

    it('refuses a disabled user and nobody, by not_found', async () => {
      const { id } = await create();
      await app.auth.service.disableUser(id);
      for (const reference of [id, NOBODY, 'no id', '']) {
        expect(await codeOf(() => app.auth.service.issueTokens(reference))).to.equal('not_found');
      }
    });
  });

  describe('verifyAccessToken', () => {
    it('gives the user and the claims', async () => {
      const { id } = await create({ phone: '1' });
      const { access_token } = await app.auth.service.issueTokens(id);
      const { user, claims } = await app.auth.service.verifyAccessToken(access_token);
      expect(user).to.be.an.instanceOf(app.User);
      expect([user.id, user.phone]).to.deep.equal([id, '1']);
      expect(claims).to.deep.equal(jwt.decode(access_token));
    });

    it('refuses what requireUser refuses, by invalid_token (holds 6, 40)', async () => {
      const { id } = await create();
      const { access_token, refresh_token } = await app.auth.service.issueTokens(id);
      const verify = (token: unknown) => () => app.auth.service.verifyAccessToken(token as string);
      const tokens = [
        refresh_token,
        '',
        'abc',
        `${access_token} x`,
        `Bearer ${access_token}`,
        undefined,
        null,
        {},
      ];
      for (const token of tokens) expect(await codeOf(verify(token))).to.equal('invalid_token');
      await app.auth.service.revokeSessions(id);
      expect(await codeOf(verify(access_token))).to.equal('invalid_token');
    });
  });

  describe('refresh', () => {
    it('gives the pair of the next generation, as POST /refresh does', async () => {
      const { id } = await create();
      const first = await app.auth.service.issueTokens(id);
      const second = await app.auth.service.refresh(first.refresh_token);
      expect(jwt.decode(second.refresh_token)).to.include({ gen: 1 });
      await me(second.access_token).expect(200);
      const { body } = await app.http.post('/auth/refresh').send({ refresh_token: first.refresh_token });
      expect(body.refresh_token).to.equal(second.refresh_token);
    });

    it('refuses what POST /refresh refuses, and tells a replay from where it came (holds 6, 36)', async () => {
      const { id } = await create();
      const { service } = app.auth;
      const first = await service.issueTokens(id);
      for (const token of [first.access_token, '', 'abc', undefined, null, {}]) {
        expect(await codeOf(() => service.refresh(token as string))).to.equal('invalid_refresh_token');
      }
      const second = await service.refresh(first.refresh_token);
      await service.refresh(second.refresh_token);
      const events = recordEvents(app.auth);
      const replay = () => service.refresh(first.refresh_token, { ip: '203.0.113.7' });
      expect(await codeOf(replay)).to.equal('invalid_refresh_token');
      const { sid: sessionId } = jwt.decode(first.access_token) as jwt.JwtPayload;
      expect(events[0]).to.deep.equal([
        'session.replayed',
        { userId: id, sessionId, ip: '203.0.113.7', userAgent: null },
      ]);
    });
  });

  describe('logout', () => {
    it('ends the session of each token, and no other (holds 40, 78)', async () => {
      const { id } = await create();
      const { service } = app.auth;
      const [byRefresh, byAccess, stays] = [
        await service.issueTokens(id),
        await service.issueTokens(id),
        await service.issueTokens(id),
      ];
      app.clock.advance(3_600_000);
      await service.logout({
        refreshToken: byRefresh.refresh_token,
        accessToken: byAccess.access_token,
      });
      for (const { refresh_token } of [byRefresh, byAccess]) {
        expect(await codeOf(() => service.refresh(refresh_token))).to.equal('invalid_refresh_token');
      }
      await service.refresh(stays.refresh_token);
    });

    it('ends nothing by tokens that are no good, and says nothing', async () => {
      const { id } = await create();
      const { service } = app.auth;
      const { access_token, refresh_token } = await service.issueTokens(id);
      const events = recordEvents(app.auth);
      await service.logout({});
      await service.logout({ refreshToken: access_token, accessToken: refresh_token });
      await service.logout({ refreshToken: 'abc', accessToken: `${access_token} x` });
      expect(events).to.deep.equal([]);
      await me(access_token).expect(200);
    });
  });

  describe('revokeSessions', () => {
    it('ends all sessions, or all but one', async () => {
      const { id } = await create();
      const issue = () => app.auth.service.issueTokens(id);
      const [first, second] = [await issue(), await issue()];
      const { sid } = jwt.decode(second.access_token) as jwt.JwtPayload;
      await app.auth.service.revokeSessions(id, { except: sid });
      expectRefusal(await me(first.access_token), 'invalid_token');
      await me(second.access_token).expect(200);
      await app.auth.service.revokeSessions(id);
      expectRefusal(await me(second.access_token), 'invalid_token');
    });
  });

  describe('listSessions', () => {
    it('gives the sessions of a user, as GET /sessions does, each by the name of its device (hold 43)', async () => {
      const { id, email } = await create();
      const { service } = app.auth;
      await service.issueTokens((await create()).id);
      const named = { username: email, password: PASSWORD, deviceName: ' Till 3 ' };
      const { access_token } = await service.login(named, { ip: '203.0.113.7', userAgent: 'curl/8' });
      await service.issueTokens(id, { deviceName: 'Job' });
      await service.issueTokens(id, { userAgent: 'curl/8' });
      const listed = await service.listSessions(id);
      expect(listed.map(({ device }) => device)).to.deep.equal(['curl', 'Job', 'Till 3']);
      const { sid } = jwt.decode(access_token) as jwt.JwtPayload;
      const where = { id: sid, ip: '203.0.113.7', userAgent: 'curl/8', amr: ['pwd'] };
      expect(listed[2]).to.deep.include(where);
    });

    it('gives none of who is disabled', async () => {
      const { id } = await create();
      await app.auth.service.issueTokens(id);
      await app.auth.service.disableUser(id);
      expect(await app.auth.service.listSessions(id)).to.deep.equal([]);
    });
  });

  describe('endSession', () => {
    it('ends one session of a user, says so, and refuses another’s and one that is over (holds 40, 43)', async () => {
      const { service } = app.auth;
      const [user, other] = [await create(), await create()];
      const { access_token } = await service.issueTokens(user.id);
      const stays = await service.issueTokens(user.id);
      const { sid } = jwt.decode(access_token) as jwt.JwtPayload;
      const events = recordEvents(app.auth);
      const ofAnother = () => service.endSession(other.id, sid);
      expect(await codeOf(ofAnother)).to.equal('not_found');
      await service.endSession(user, sid, { ip: '203.0.113.7' });
      expectRefusal(await me(access_token), 'invalid_token');
      await me(stays.access_token).expect(200);
      const event = { userId: user.id, sessionId: sid, reason: 'revoked' };
      expect(events).to.deep.equal([['session.ended', { ...event, ip: '203.0.113.7', userAgent: null }]]);
      for (const id of [sid, 'x', NOBODY]) {
        expect(await codeOf(() => service.endSession(user, id))).to.equal('not_found');
      }
    });
  });

  describe('findUser', () => {
    it('finds by id, by document and by address in whatever form it is typed', async () => {
      const user = await create();
      const { id, email } = user;
      for (const by of [id, user, { email }, { email: ` ${email.toUpperCase()} ` }]) {
        const found = await app.auth.service.findUser(by);
        expect(found?.id).to.equal(id);
        expect(found?.toObject()).to.not.have.any.keys(
          'password',
          'securityStamp',
          'passwordStamp',
          'waysIn',
        );
      }
    });

    it('gives null for who is not there', async () => {
      for (const by of [NOBODY, 'no id at all', { _id: NOBODY }, { email: 'nobody@example.com' }]) {
        expect(await app.auth.service.findUser(by)).to.equal(null);
      }
    });
  });

  describe('setRoles', () => {
    it('replaces the roles: felt at the next request, and no session ends', async () => {
      const { id, email } = await create({ roles: ['editor'] });
      const { access_token } = await app.auth.service.issueTokens(id);
      await app.auth.service.setRoles(id, ['admin', 'owner']);
      expect((await stored(email))?.roles).to.deep.equal(['admin', 'owner']);
      await me(access_token).expect(200);
      const { user } = await app.auth.service.verifyAccessToken(access_token);
      expect(user.roles).to.deep.equal(['admin', 'owner']);
      await app.auth.service.setRoles(id, []);
      expect((await stored(email))?.roles).to.deep.equal([]);
    });

    it('refuses roles that are no list of texts, and who is not there, and changes nothing', async () => {
      const { id, email } = await create({ roles: ['editor'] });
      for (const roles of [[{ admin: true }], undefined, null, 'admin']) {
        const error = await failureOf<ValidationFailed>(() => app.auth.service.setRoles(id, roles as never));
        expect(error).to.include({ code: 'validation_failed', status: 422 });
        expect((await stored(email))?.roles).to.deep.equal(['editor']);
      }
      expect(await codeOf(() => app.auth.service.setRoles(NOBODY, ['admin']))).to.equal('not_found');
    });
  });

  describe('login', () => {
    it('gives a pair for the right password, of a session where the request came from', async () => {
      const { email } = await create();
      const from = { ip: '203.0.113.7', userAgent: 'UA' };
      const { access_token, token_type } = await app.auth.service.login(
        { username: email, password: PASSWORD },
        from,
      );
      expect(token_type).to.equal('bearer');
      const { sid } = jwt.decode(access_token) as jwt.JwtPayload;
      const sessions = await app.connection.collection('auth_sessions').find({}).toArray();
      expect(sessions.find(({ _id }) => String(_id) === sid)).to.include(from);
      await me(access_token).expect(200);
    });

    it('refuses as POST /token does: one answer for a wrong password and for nobody', async () => {
      const { email } = await create();
      for (const username of [email, 'nobody@example.com']) {
        const error = await failureOf(() => app.auth.service.login({ username, password: 'wrong one' }));
        const detail = 'Incorrect email or password';
        expect(error).to.include({ code: 'invalid_credentials', status: 401, detail });
      }
    });
  });

  it('answerChallenge knows no challenge where no feature brings a method', async () => {
    const answer = { challenge: 'any', method: 'totp', code: '1' };
    expect(await codeOf(() => app.auth.service.answerChallenge(answer))).to.equal('invalid_challenge');
  });

  describe('setPassword', () => {
    it('sets the password, ends all sessions, and says so', async () => {
      const { id, email } = await create();
      const { access_token } = await app.auth.service.issueTokens(id);
      const events = recordEvents(app.auth);
      await app.auth.service.setPassword(id, NEW);
      expectRefusal(await me(access_token), 'invalid_token');
      expectRefusal(await login(email, PASSWORD), 'invalid_credentials');
      await login(email, NEW).expect(200);
      expect(events).to.deep.include([
        'password.changed',
        { userId: id, reason: 'service', ip: null, userAgent: null },
      ]);
    });

    it('refuses what register refuses, and changes nothing', async () => {
      const { id, email } = await create({ name: 'Maria Stuart' });
      const { access_token } = await app.auth.service.issueTokens(id);
      for (const password of ['short', 'password123', 'maria stuart', email, undefined, 5, {}]) {
        const error = await failureOf<ValidationFailed>(() =>
          app.auth.service.setPassword(id, password as string),
        );
        expect(error).to.include({ status: 422, code: 'validation_failed' });
        expect(error.errors.map(({ pointer }) => pointer)).to.deep.equal(['#/password']);
      }
      await me(access_token).expect(200);
      await login(email, PASSWORD).expect(200);
    });

    it('does not count the address as verified', async () => {
      const { id, email } = await create();
      await app.auth.service.setPassword(id, NEW);
      expect((await stored(email))?.emailVerifiedAt).to.equal(null);
    });
  });

  describe('disableUser and enableUser', () => {
    it('end all sessions and let none begin; and let it begin again (hold 40)', async () => {
      const { id, email } = await create();
      const { access_token, refresh_token } = await app.auth.service.issueTokens(id);
      await app.auth.service.disableUser(id);
      expect((await stored(email))?.disabledAt).to.deep.equal(new Date(app.clock.now()));
      expectRefusal(await me(access_token), 'invalid_token');
      expectRefusal(await app.http.post('/auth/refresh').send({ refresh_token }), 'invalid_refresh_token');
      expectRefusal(await login(email, PASSWORD), 'invalid_credentials');

      await app.auth.service.enableUser(id);
      expect((await stored(email))?.disabledAt).to.equal(null);
      expectRefusal(await me(access_token), 'invalid_token');
      await login(email, PASSWORD).expect(200);
    });
  });

  it('knows no user who is not there, whatever it is asked: not_found, nothing written', async () => {
    const before = await databaseContents(app.connection);
    const { service } = app.auth;
    for (const reference of [NOBODY, 'no id', '', { _id: NOBODY }, { _id: null }, { _id: { $gt: '' } }]) {
      for (const run of [
        () => service.issueTokens(reference),
        () => service.listSessions(reference),
        () => service.endSession(reference, NOBODY),
        () => service.revokeSessions(reference),
        () => service.revokeSessions(reference, { except: NOBODY }),
        () => service.setPassword(reference, NEW),
        () => service.disableUser(reference),
        () => service.enableUser(reference),
      ]) {
        const error = await failureOf<AuthError>(run);
        expect(error, error.stack).to.include({ status: 404, code: 'not_found', detail: 'Not found' });
      }
    }
    expect(await databaseContents(app.connection)).to.deep.equal(before);
  });

  it('says Unavailable while the database is away (hold 67)', async () => {
    const user = await create();
    const { access_token, refresh_token } = await app.auth.service.issueTokens(user);
    const { service } = app.auth;
    await app.connection.close();
    try {
      await Promise.all(
        [
          () => create(),
          () => service.issueTokens(user),
          () => service.verifyAccessToken(access_token),
          () => service.refresh(refresh_token),
          () => service.logout({ refreshToken: refresh_token }),
          () => service.listSessions(user),
          () => service.endSession(user, NOBODY),
          () => service.revokeSessions(user),
          () => service.setPassword(user, NEW),
          () => service.disableUser(user),
          () => service.enableUser(user),
        ].map(expectUnavailable),
      );
    } finally {
      await app.connection.openUri(app.uri);
    }
    await service.verifyAccessToken(access_token);
  });

  it('creates the indexes', async () => {
    const names = ['users', 'auth_sessions', 'auth_one_time_tokens'];
    for (const name of names) await app.connection.collection(name).dropIndexes();
    await app.auth.service.createIndexes();
    const keys = await Promise.all(
      names.map(async (name) =>
        (await app.connection.collection(name).indexes()).map(({ key }) => Object.keys(key)),
      ),
    );
    expect(keys[0]).to.deep.include(['email']);
    expect(keys[1]).to.deep.include(['expiresAt']);
    expect(keys[2]).to.deep.include(['hash']);
    const { email } = await create();
    expect(await codeOf(() => create({ email }))).to.equal('email_taken');
  });
});
