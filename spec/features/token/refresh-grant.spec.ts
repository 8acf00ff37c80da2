import { randomBytes } from 'node:crypto';
import { expect } from 'chai';
import { type AuthError, createAuthRouter } from 'express-auth-kit';
import jwt from 'jsonwebtoken';
import { holdNextRead } from '../../conformance/hold-back.js';
import { recordEvents } from '../../conformance/record-events.js';
import { expectFaults, expectRefusal } from '../../http/expect-refusal.js';
import { failureOf } from '../../support/failure.js';
import { createKeyPair } from '../../support/key-pairs.js';
import { bearer, createTestApp, type TestApp } from '../../support/test-app.js';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const DAY = 86_400 * SECOND;

describe('the refresh grant', () => {
  let app: TestApp;

  before(async () => {
    app = await createTestApp();
  });
  after(() => app.close());

  const refresh = (refresh_token: string, at: TestApp = app) =>
    at.http.post('/auth/refresh').send({ refresh_token });
  const claims = (token: string) => jwt.decode(token) as jwt.JwtPayload;
  const sessionsOf = async (id: string, at: TestApp = app) =>
    at.connection
      .collection('auth_sessions')
      .find({ user: (await at.User.findById(id))?._id })
      .toArray();
  /** Refreshes a number of times. @returns all refresh tokens of the session, oldest first */
  const rotate = async (first: string, times: number, at: TestApp = app) => {
    const tokens = [first];
    for (let time = 0; time < times; time += 1) {
      const { body } = await refresh(tokens.at(-1) as string, at).expect(200);
      tokens.push(body.refresh_token);
    }
    return tokens;
  };
  /** Shows an access token at a guard, and waits until that is noted. */
  const show = async ({ access_token }: { access_token: string }, at: TestApp = app) => {
    await at.http.get('/protected').set(bearer(access_token)).expect(200);
    await at.auth.service.settled();
  };
  /** That a session is over: no token of it works, and nothing of it is stored. */
  const expectOver = async (id: string, tokens: { access_token: string; refresh_token: string }) => {
    expectRefusal(await app.http.get('/protected').set(bearer(tokens.access_token)), 'invalid_token');
    expectRefusal(await refresh(tokens.refresh_token), 'invalid_refresh_token');
    expect(await sessionsOf(id)).to.deep.equal([]);
  };

  it('makes the next generation of the same session, which goes on under its first name', async () => {
    const { id, access_token, refresh_token } = await app.signUp();
    const created = app.clock.now();
    app.clock.advance(5 * SECOND);
    const { body } = await refresh(refresh_token).expect(200);
    expect(claims(body.access_token).sid).to.equal(claims(access_token).sid);
    const [session, ...others] = await sessionsOf(id);
    expect(others).to.deep.equal([]);
    const now = new Date(app.clock.now());
    expect(session).to.deep.include({ generation: 1, rotatedAt: now, lastUsedAt: now });
    expect(session?.createdAt).to.deep.equal(new Date(created));
  });

  it('gives 200 who ask at once the same single successor (hold 35)', async () => {
    const { id, refresh_token } = await app.signUp();
    const answers = await Promise.all(Array.from({ length: 200 }, () => refresh(refresh_token)));
    expect([...new Set(answers.map(({ status }) => status))]).to.deep.equal([200]);
    const [successor, ...others] = new Set(answers.map(({ body }) => body.refresh_token as string));
    expect(others).to.deep.equal([]);
    expect(claims(successor as string).gen).to.equal(1);
    expect((await sessionsOf(id)).map(({ generation }) => generation)).to.deep.equal([1]);
    await refresh(successor as string).expect(200);
  });

  it('lets one of 200 at once rotate where there is no grace, and takes the others for replays (holds 35, 36)', async () => {
    const strict = await createTestApp({ refreshGraceSeconds: 0 });
    try {
      const { id, refresh_token } = await strict.signUp();
      const answers = await Promise.all(Array.from({ length: 200 }, () => refresh(refresh_token, strict)));
      const [won, ...others] = answers.filter(({ status }) => status === 200);
      expect(others).to.deep.equal([]);
      for (const answer of answers) if (answer !== won) expectRefusal(answer, 'invalid_refresh_token');
      expectRefusal(await refresh(won?.body.refresh_token, strict), 'invalid_refresh_token');
      expect(await sessionsOf(id, strict)).to.deep.equal([]);
    } finally {
      await strict.close();
    }
  });

  it('answers a client whose answer got lost, however late, and forks nothing (hold 38)', async () => {
    const user = await app.signUp();
    const { body: lost } = await refresh(user.refresh_token).expect(200);
    app.clock.advance(10 * MINUTE);
    // The access token of before still works, and shows nothing.
    await show(user);
    app.clock.advance(9 * DAY);
    const { body: again } = await refresh(user.refresh_token).expect(200);
    expect(again.refresh_token).to.equal(lost.refresh_token);
    await show(again);
    const { body: next } = await refresh(again.refresh_token).expect(200);
    await show(next);
    expect((await sessionsOf(user.id)).map(({ generation }) => generation)).to.deep.equal([2]);
  });

  it('gives the immediate predecessor the same successor again within the grace time (hold 38)', async () => {
    const { id, refresh_token } = await app.signUp();
    const { body: lost } = await refresh(refresh_token).expect(200);
    app.clock.advance(MINUTE);
    await show(lost);
    app.clock.advance(30 * SECOND - 1);
    const { body: again } = await refresh(refresh_token).expect(200);
    expect(again.refresh_token).to.equal(lost.refresh_token);
    expect((await sessionsOf(id))[0]?.generation).to.equal(1);
    await app.http.get('/protected').set(bearer(again.access_token)).expect(200);
    await refresh(again.refresh_token).expect(200);
  });

  it('ends the session when the predecessor comes after the grace time (holds 36, 37)', async () => {
    const { id, refresh_token } = await app.signUp();
    const { body } = await refresh(refresh_token).expect(200);
    await show(body);
    app.clock.advance(30 * SECOND);
    expectRefusal(await refresh(refresh_token), 'invalid_refresh_token');
    await expectOver(id, body);
  });

  it('counts the grace time from when the successor was first shown, not from what came later (hold 37)', async () => {
    const { id, refresh_token } = await app.signUp();
    const { body } = await refresh(refresh_token).expect(200);
    await show(body);
    app.clock.advance(16 * SECOND);
    const { body: again } = await refresh(refresh_token).expect(200);
    await show(again);
    app.clock.advance(16 * SECOND);
    expectRefusal(await refresh(refresh_token), 'invalid_refresh_token');
    await expectOver(id, body);
  });

  it('lets the service show a token as a guard does (hold 37)', async () => {
    const { id, refresh_token } = await app.signUp();
    const { body } = await refresh(refresh_token).expect(200);
    await app.auth.service.verifyAccessToken(body.access_token);
    await app.auth.service.settled();
    app.clock.advance(30 * SECOND);
    expectRefusal(await refresh(refresh_token), 'invalid_refresh_token');
    await expectOver(id, body);
  });

  it('ends the session when an older generation than the predecessor comes, at once (holds 36, 37)', async () => {
    const user = await app.signUp();
    const tokens = await rotate(user.refresh_token, 2);
    expectRefusal(await refresh(user.refresh_token), 'invalid_refresh_token');
    for (const token of tokens) expectRefusal(await refresh(token), 'invalid_refresh_token');
    await expectOver(user.id, user);
  });

  it('ends that session alone, and says session.replayed once (hold 36)', async () => {
    const user = await app.signUp();
    const other = await app.login(user);
    await rotate(user.refresh_token, 2);
    const events = recordEvents(app.auth);
    const replay = () => refresh(user.refresh_token).set('user-agent', 'Thief/1');
    await replay();
    await replay();
    const { sid: sessionId } = claims(user.refresh_token);
    const event = { userId: user.id, sessionId, ip: '127.0.0.1', userAgent: 'Thief/1' };
    expect(events.filter(([name]) => name === 'session.replayed')).to.deep.equal([
      ['session.replayed', event],
    ]);
    await app.http.get('/protected').set(bearer(other.access_token)).expect(200);
    await refresh(other.refresh_token).expect(200);
  });

  it('forgives nothing where the grace time is 0 (hold 37)', async () => {
    const strict = await createTestApp({ refreshGraceSeconds: 0 });
    try {
      const { id, refresh_token } = await strict.signUp();
      await rotate(refresh_token, 1, strict);
      expectRefusal(await refresh(refresh_token, strict), 'invalid_refresh_token');
      expect(await sessionsOf(id, strict)).to.deep.equal([]);
    } finally {
      await strict.close();
    }
  });

  it('does not extend the session: it ends 30 days after the login, however often it was rotated (hold 39)', async () => {
    const { email, id, refresh_token } = await app.signUp();
    const start = app.clock.now();
    const { exp } = claims(refresh_token);
    let token = refresh_token;
    for (const _day of [1, 2, 3]) {
      app.clock.advance(9 * DAY);
      const { body } = await refresh(token).expect(200);
      token = body.refresh_token;
      expect(claims(token).exp).to.equal(exp);
    }
    expect((await sessionsOf(id))[0]?.expiresAt).to.deep.equal(new Date(start + 30 * DAY));
    app.clock.advance(3 * DAY - 2 * SECOND);
    const { body: last } = await refresh(token).expect(200);
    await app.http.get('/protected').set(bearer(last.access_token)).expect(200, { user: email });
    app.clock.advance(2 * SECOND);
    expectRefusal(await refresh(last.refresh_token), 'invalid_refresh_token');
    // The access token has minutes left; its session has not.
    expectRefusal(await app.http.get('/protected').set(bearer(last.access_token)), 'invalid_token');
  });

  describe('refuses', () => {
    const invalid: Record<string, (user: Awaited<ReturnType<TestApp['signUp']>>) => Promise<string>> = {
      'an access token (hold 6)': async ({ access_token }) => access_token,
      'a recovery token (hold 6)': ({ email }) => app.resetToken(email),
      'what is no token': async () => 'no.token.atall',
      'a token without its signature': async ({ refresh_token }) => refresh_token.replace(/[^.]+$/, ''),
      'a token with an edited generation': async ({ refresh_token }) => {
        const [header, , signature] = refresh_token.split('.');
        const payload = Buffer.from(JSON.stringify({ ...claims(refresh_token), gen: 1 })).toString(
          'base64url',
        );
        return [header, payload, signature].join('.');
      },
      'a token of another key': async () => {
        const other = await createTestApp();
        try {
          return (await other.signUp()).refresh_token;
        } finally {
          await other.close();
        }
      },
      'white space around a good token': async ({ refresh_token }) => ` ${refresh_token} `,
    };
    for (const [what, tokenOf] of Object.entries(invalid)) {
      it(`${what}, and the session goes on`, async () => {
        const user = await app.signUp();
        expectRefusal(await refresh(await tokenOf(user)), 'invalid_refresh_token');
        await refresh(user.refresh_token).expect(200);
      });
    }

    it('a refresh token that comes as a bearer token instead of in the body', async () => {
      const { refresh_token } = await app.signUp();
      expectFaults(await app.http.post('/auth/refresh').set(bearer(refresh_token)).send({}), [
        { code: 'required', detail: 'The refresh token is required.', pointer: '#/refresh_token' },
      ]);
    });

    const endings: Record<string, (user: Awaited<ReturnType<TestApp['signUp']>>) => Promise<unknown>> = {
      'a logout': ({ refresh_token }) => app.http.post('/auth/logout').send({ refresh_token }).expect(204),
      'a logout everywhere': ({ access_token }) =>
        app.http.post('/auth/logout-all').set(bearer(access_token)).expect(204),
      'a reset': async ({ email }) =>
        app.http
          .post('/auth/reset-password')
          .send({ token: await app.resetToken(email), password: 'another good one' })
          .expect(200),
      'a password set by the service': ({ id }) => app.auth.service.setPassword(id, 'another good one'),
      'a revocation by the service': ({ id }) => app.auth.service.revokeSessions(id),
      'a disable': ({ id }) => app.auth.service.disableUser(id),
      'a disable that was taken back': async ({ id }) => {
        await app.auth.service.disableUser(id);
        await app.auth.service.enableUser(id);
      },
      'the deletion of the user': ({ id }) => app.User.deleteOne({ _id: id }),
    };
    for (const [ending, end] of Object.entries(endings)) {
      it(`every token of a session after ${ending}, the access token at the next request (hold 40)`, async () => {
        const user = await app.signUp();
        const [old, current] = await rotate(user.refresh_token, 1);
        await app.http.get('/protected').set(bearer(user.access_token)).expect(200);
        await end(user);
        expectRefusal(await app.http.get('/protected').set(bearer(user.access_token)), 'invalid_token');
        for (const token of [old, current])
          expectRefusal(await refresh(token as string), 'invalid_refresh_token');
      });
    }

    it('a session whose sweeping failed after the credentials had changed (hold 42)', async () => {
      const { id, access_token, refresh_token } = await app.signUp();
      const sessions = app.connection.collection('auth_sessions');
      const kept = await sessions.findOne({ generation: 0, user: (await app.User.findById(id))?._id });
      await app.auth.service.setPassword(id, 'another good one');
      // As if the process had died between the two writes.
      await sessions.insertOne(kept as never);
      expectRefusal(await refresh(refresh_token), 'invalid_refresh_token');
      expectRefusal(await app.http.get('/protected').set(bearer(access_token)), 'invalid_token');
    });
  });

  it('lets the one session go on that outlives the others, a refresh that was on its way included', async () => {
    const { id, refresh_token } = await app.signUp();
    const read = holdNextRead('users');
    const refreshing = refresh(refresh_token).then((response) => response);
    await read.reached;
    await app.auth.service.revokeSessions(id, { except: claims(refresh_token).sid });
    read.release();
    const { status, body } = await refreshing;
    expect(status).to.equal(200);
    await app.http.get('/protected').set(bearer(body.access_token)).expect(200);
    await refresh(body.refresh_token).expect(200);
  });

  it('finds the user by id: a new address changes nothing, and the claim follows it', async () => {
    const { id, refresh_token } = await app.signUp();
    await app.User.updateOne({ _id: id }, { email: 'moved@example.com' });
    const { body } = await refresh(refresh_token).expect(200);
    expect(claims(body.access_token)).to.include({ sub: id, email: 'moved@example.com' });
  });

  describe('without rotation', () => {
    let kept: TestApp;
    before(async () => {
      kept = await createTestApp({ refreshRotation: 'off', refreshGraceSeconds: 0 });
    });
    after(() => kept.close());

    it('answers the same refresh token and a new access token, until the session ends (hold 39)', async () => {
      const { email, id, refresh_token, ...first } = await kept.signUp();
      const events = recordEvents(kept.auth);
      const seen = new Set([first.access_token]);
      for (let day = 0; day < 29; day += 1) {
        kept.clock.advance(DAY);
        const { body } = await refresh(refresh_token, kept).expect(200);
        expect(body.refresh_token).to.equal(refresh_token);
        seen.add(body.access_token);
        await kept.http.get('/protected').set(bearer(body.access_token)).expect(200, { user: email });
      }
      expect(seen.size).to.equal(30);
      const [session] = await sessionsOf(id, kept);
      expect(session).to.deep.include({ generation: 0, lastUsedAt: new Date(kept.clock.now()) });
      expect(events).to.deep.equal([]);
      kept.clock.advance(DAY);
      expectRefusal(await refresh(refresh_token, kept), 'invalid_refresh_token');
    });

    it('answers what was presented, whatever the signature: those of ES256 differ each time', async () => {
      const secretKey = createKeyPair('ES256').privateKey;
      const es256 = await createTestApp({ refreshRotation: 'off', algorithm: 'ES256', secretKey });
      try {
        const { refresh_token } = await es256.signUp();
        const form = { grant_type: 'refresh_token', refresh_token };
        const { body } = await es256.http.post('/auth/token').type('form').send(form).expect(200);
        expect(body.refresh_token).to.equal(refresh_token);
      } finally {
        await es256.close();
      }
    });

    it('still refuses what is over: logout, new credentials, disabled, somebody else’s (holds 40, 42)', async () => {
      const endings: ((user: Awaited<ReturnType<TestApp['signUp']>>) => PromiseLike<unknown>)[] = [
        ({ refresh_token }) => kept.http.post('/auth/logout').send({ refresh_token }),
        ({ access_token }) => kept.http.post('/auth/logout-all').set(bearer(access_token)),
        ({ id }) => kept.auth.service.setPassword(id, 'another good one'),
        ({ id }) => kept.auth.service.disableUser(id),
      ];
      for (const end of endings) {
        const user = await kept.signUp();
        await end(user);
        expectRefusal(await refresh(user.refresh_token, kept), 'invalid_refresh_token');
      }
      const user = await kept.signUp();
      const stamp = { stamps: ['of before'] };
      await kept.connection.collection('auth_sessions').updateMany({}, { $set: stamp });
      expectRefusal(await refresh(user.refresh_token, kept), 'invalid_refresh_token');
    });
  });

  it('lets a session end that was not refreshed for sessionIdleDays: at refresh and at the guards', async () => {
    const idle = await createTestApp({ sessionIdleDays: 2, accessTokenExpireMinutes: 4 * 24 * 60 });
    const visit = (access_token: string) => idle.http.get('/protected').set(bearer(access_token));
    try {
      const user = await idle.signUp();
      const { iat = 0, exp } = claims(user.access_token);
      // Who verifies claims alone must not think that it goes on.
      expect([exp, user.expires_in]).to.deep.equal([iat + 2 * 86_400, 2 * 86_400]);
      idle.clock.advance(2 * DAY - SECOND);
      await visit(user.access_token).expect(200);
      const { body } = await refresh(user.refresh_token, idle).expect(200);
      idle.clock.advance(2 * DAY - SECOND);
      await visit(body.access_token).expect(200);
      idle.clock.advance(SECOND);
      expectRefusal(await visit(body.access_token), 'invalid_token');
      const sessions = await sessionsOf(user.id, idle);
      expectRefusal(await refresh(body.refresh_token, idle), 'invalid_refresh_token');
      expect(sessions).to.have.length(1);
    } finally {
      await idle.close();
    }
  });

  it('finds at the guards too that a session was not refreshed, whenever its access token ends', async () => {
    const secretKey = randomBytes(32).toString('base64');
    const days = await createTestApp({ secretKey, accessTokenExpireMinutes: 4 * 24 * 60 });
    try {
      const { access_token } = await days.signUp();
      // The option is set now; the token was made before.
      const { User, clock } = days;
      const { service } = createAuthRouter({
        User,
        clock,
        secretKey,
        sessionIdleDays: 2,
        logger: { warn() {} },
      });
      days.clock.advance(2 * DAY - SECOND);
      await service.verifyAccessToken(access_token);
      days.clock.advance(SECOND);
      await days.http.get('/protected').set(bearer(access_token)).expect(200);
      const { code } = await failureOf<AuthError>(() => service.verifyAccessToken(access_token));
      expect(code).to.equal('invalid_token');
    } finally {
      await days.close();
    }
  });
});
