import { expect } from 'chai';
import jwt from 'jsonwebtoken';
import { createHold } from '../conformance/hold-back.js';
import { recordEvents } from '../conformance/record-events.js';
import { expectFaults, expectProblem, expectRefusal } from '../http/expect-refusal.js';
import { bearer, createTestApp, PASSWORD, type TestApp } from '../support/test-app.js';

type User = Awaited<ReturnType<TestApp['signUp']>>;

describe('logging out', () => {
  let app: TestApp;
  before(async () => {
    app = await createTestApp();
  });
  after(() => app.close());

  const logout = () => app.http.post('/auth/logout');
  const me = (access_token: string) => app.http.get('/protected').set(bearer(access_token));
  const sessionsOf = async (id: string) =>
    app.connection.collection('auth_sessions').countDocuments({ user: (await app.User.findById(id))?._id });
  const expectOver = async ({
    access_token,
    refresh_token,
  }: Pick<User, 'access_token' | 'refresh_token'>) => {
    expectRefusal(await me(access_token), 'invalid_token');
    expectRefusal(await app.http.post('/auth/refresh').send({ refresh_token }), 'invalid_refresh_token');
  };

  describe('POST /logout', () => {
    const ways: Record<string, (user: User) => ReturnType<typeof logout>> = {
      'the refresh token': ({ refresh_token }) => logout().send({ refresh_token }),
      'the access token': ({ access_token }) => logout().set(bearer(access_token)),
      'the access token and an empty object': ({ access_token }) =>
        logout().set(bearer(access_token)).send({}),
      'both tokens': ({ access_token, refresh_token }) =>
        logout().set(bearer(access_token)).send({ refresh_token }),
      'the access token and null for the refresh token': ({ access_token }) =>
        logout().set(bearer(access_token)).send({ refresh_token: null }),
    };
    for (const [what, send] of Object.entries(ways)) {
      it(`ends the session with ${what}, and no other session (hold 40)`, async () => {
        const user = await app.signUp();
        const other = await app.login(user);
        const response = await send(user);
        expect([response.status, response.text]).to.deep.equal([204, '']);
        expect(response.headers['cache-control']).to.equal('no-store');
        await expectOver(user);
        await me(other.access_token).expect(200);
        expect(await sessionsOf(user.id)).to.equal(1);
      });
    }

    it('ends the session with a refresh token that was rotated long ago', async () => {
      const user = await app.signUp();
      const { body: second } = await app.http
        .post('/auth/refresh')
        .send({ refresh_token: user.refresh_token });
      await app.http.post('/auth/refresh').send({ refresh_token: second.refresh_token }).expect(200);
      app.clock.advance(60_000);
      await logout().send({ refresh_token: user.refresh_token }).expect(204);
      await expectOver(second);
    });

    it('ends the session of an access token that has expired, and no other (hold 78)', async () => {
      const user = await app.signUp();
      const other = await app.login(user);
      for (const days of [1, 28]) {
        const session = await app.login(user);
        app.clock.advance(days * 86_400_000);
        await logout().set(bearer(session.access_token)).expect(204);
        await expectOver(session);
      }
      await app.http.post('/auth/refresh').send({ refresh_token: other.refresh_token }).expect(200);
      expect(await sessionsOf(user.id)).to.equal(2);
    });

    it('ends nothing by an expired access token that is not authentic (hold 78)', async () => {
      const user = await app.signUp();
      const [head, , signature] = user.access_token.split('.');
      const { sid } = jwt.decode((await app.login(user)).access_token) as jwt.JwtPayload;
      const claims = { ...(jwt.decode(user.access_token) as jwt.JwtPayload), sid };
      const edited = Buffer.from(JSON.stringify(claims)).toString('base64url');
      app.clock.advance(3_600_000);
      for (const token of [
        `${head}.${edited}.${signature}`,
        `${head}.${edited}.`,
        jwt.sign(claims, 'x'.repeat(64), { header: { alg: 'HS256', typ: 'at+jwt' } }),
        user.refresh_token,
      ]) {
        await logout().set(bearer(token)).expect(204);
      }
      expect(await sessionsOf(user.id)).to.equal(2);
    });

    it('ends both sessions when the two tokens are of two', async () => {
      const user = await app.signUp();
      const other = await app.login(user);
      await logout().set(bearer(other.access_token)).send({ refresh_token: user.refresh_token }).expect(204);
      await expectOver(user);
      await expectOver(other);
    });

    const vain: Record<string, (user: User) => ReturnType<typeof logout>> = {
      'no token': () => logout(),
      'an empty object': () => logout().send({}),
      'what is no token': () => logout().set(bearer('nonsense')).send({ refresh_token: 'nonsense' }),
      'a token of the wrong kind in each place (hold 6)': ({ access_token, refresh_token }) =>
        logout().set(bearer(refresh_token)).send({ refresh_token: access_token }),
      'Basic credentials': () => logout().set('authorization', 'Basic YTpi'),
      'the tokens in the query string': ({ access_token, refresh_token }) =>
        logout().query({ access_token, refresh_token }),
    };
    for (const [what, send] of Object.entries(vain)) {
      it(`answers 204 to ${what}, and ends nothing`, async () => {
        const user = await app.signUp();
        const response = await send(user);
        expect([response.status, response.text]).to.deep.equal([204, '']);
        await me(user.access_token).expect(200);
      });
    }

    it('answers 204 again when the session is over, and when the user is gone', async () => {
      const user = await app.signUp();
      await logout().send({ refresh_token: user.refresh_token }).expect(204);
      await logout().send({ refresh_token: user.refresh_token }).expect(204);
      const gone = await app.signUp();
      await app.User.deleteOne({ _id: gone.id });
      await logout().set(bearer(gone.access_token)).send({ refresh_token: gone.refresh_token }).expect(204);
    });

    it('takes a refresh token that is no string for invalid, and ends nothing', async () => {
      const { access_token } = await app.signUp();
      for (const refresh_token of [5, true, ['a'], { $gt: '' }]) {
        expectFaults(await logout().set(bearer(access_token)).send({ refresh_token }), [
          { code: 'invalid_type', detail: 'The refresh token must be a string.', pointer: '#/refresh_token' },
        ]);
      }
      const empty = await logout().set(bearer(access_token)).send({ refresh_token: '' });
      expectFaults(empty, [
        { code: 'required', detail: 'The refresh token must not be empty.', pointer: '#/refresh_token' },
      ]);
      await me(access_token).expect(200);
    });

    it('takes no form', async () => {
      const { refresh_token, access_token } = await app.signUp();
      const detail = 'Send the body as application/json.';
      const response = await logout().type('form').send({ refresh_token });
      expectProblem(response, { status: 415, code: 'unsupported_media_type', detail });
      await me(access_token).expect(200);
    });

    it('says session.ended once, and nothing when there was none to end', async () => {
      const user = await app.signUp();
      const events = recordEvents(app.auth);
      await logout().set(bearer(user.access_token)).send({ refresh_token: user.refresh_token });
      await logout().send({ refresh_token: user.refresh_token });
      const { sid: sessionId } = jwt.decode(user.access_token) as jwt.JwtPayload;
      expect(events).to.deep.equal([
        ['session.ended', { userId: user.id, sessionId, reason: 'logout', ip: '127.0.0.1', userAgent: null }],
      ]);
    });
  });

  describe('POST /logout-all', () => {
    const logoutAll = (access_token: string) => app.http.post('/auth/logout-all').set(bearer(access_token));

    it('ends all sessions of the user, and nobody else\u2019s (hold 40)', async () => {
      const user = await app.signUp();
      const [second, third, stranger] = [await app.login(user), await app.login(user), await app.signUp()];
      const response = await logoutAll(second.access_token);
      expect([response.status, response.text]).to.deep.equal([204, '']);
      expect(response.headers['cache-control']).to.equal('no-store');
      for (const session of [user, second, third]) await expectOver(session);
      expect(await sessionsOf(user.id)).to.equal(0);
      await me(stranger.access_token).expect(200);
    });

    it('lets the user log in again at once (hold 41)', async () => {
      const user = await app.signUp();
      await logoutAll(user.access_token).expect(204);
      const { access_token } = await app.login(user);
      await me(access_token).expect(200);
    });

    it('ends the session too that a login is making at this moment (hold 42)', async () => {
      const hold = createHold();
      let holding = false;
      const slow = await createTestApp({
        hooks: {
          async beforeSignIn() {
            if (holding) await hold.wait();
          },
        },
      });
      try {
        const { email, access_token } = await slow.signUp();
        holding = true;
        const login = slow.http
          .post('/auth/token')
          .send({ username: email, password: PASSWORD })
          .then((response) => response);
        await hold.reached;
        await slow.http.post('/auth/logout-all').set(bearer(access_token)).expect(204);
        hold.release();
        const { body } = await login;
        expectRefusal(await slow.http.get('/protected').set(bearer(body.access_token)), 'invalid_token');
        const { refresh_token } = body;
        expectRefusal(await slow.http.post('/auth/refresh').send({ refresh_token }), 'invalid_refresh_token');
      } finally {
        hold.release();
        await slow.close();
      }
    });

    it('refuses who has no good access token, and ends nothing (hold 12)', async () => {
      const { access_token, refresh_token } = await app.signUp();
      expectRefusal(await app.http.post('/auth/logout-all'), 'missing_token');
      expectRefusal(await logoutAll('nonsense'), 'invalid_token');
      expectRefusal(await logoutAll(refresh_token), 'invalid_token');
      await me(access_token).expect(200);
    });

    it('says session.ended for all of them at once', async () => {
      const user = await app.signUp();
      const events = recordEvents(app.auth);
      await logoutAll(user.access_token).set('user-agent', 'Firefox').expect(204);
      const ended = { userId: user.id, sessionId: null, reason: 'logout_all' };
      expect(events).to.deep.equal([['session.ended', { ...ended, ip: '127.0.0.1', userAgent: 'Firefox' }]]);
    });
  });
});
