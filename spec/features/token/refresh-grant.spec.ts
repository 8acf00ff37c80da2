import { expect } from 'chai';
import jwt from 'jsonwebtoken';
import { holdNextRead } from '../../conformance/hold-back.js';
import { recordEvents } from '../../conformance/record-events.js';
import { expectFaults, expectRefusal } from '../../http/expect-refusal.js';
import { bearer, createTestApp, PASSWORD, type TestApp } from '../../support/test-app.js';

const SECOND = 1000;
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

  it('gives the immediate predecessor the same successor again within the grace time (hold 38)', async () => {
    const { id, refresh_token } = await app.signUp();
    const { body: lost } = await refresh(refresh_token).expect(200);
    app.clock.advance(10 * SECOND - 1);
    const { body: again } = await refresh(refresh_token).expect(200);
    expect(again.refresh_token).to.equal(lost.refresh_token);
    expect((await sessionsOf(id))[0]?.generation).to.equal(1);
    await app.http.get('/protected').set(bearer(again.access_token)).expect(200);
    await refresh(again.refresh_token).expect(200);
  });

  it('ends the session when the predecessor comes after the grace time (holds 36, 37)', async () => {
    const { id, refresh_token } = await app.signUp();
    const { body } = await refresh(refresh_token).expect(200);
    app.clock.advance(10 * SECOND);
    expectRefusal(await refresh(refresh_token), 'invalid_refresh_token');
    await expectOver(id, body);
  });

  it('counts the grace time from the rotation, not from the last repetition (hold 37)', async () => {
    const { id, refresh_token } = await app.signUp();
    const { body } = await refresh(refresh_token).expect(200);
    app.clock.advance(6 * SECOND);
    await refresh(refresh_token).expect(200);
    app.clock.advance(6 * SECOND);
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
        { detail: 'The refresh token is required.', pointer: '#/refresh_token' },
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

  it('lets the session that changes its password go on, a refresh that was on its way included (hold 41)', async () => {
    const { access_token, refresh_token } = await app.signUp();
    const read = holdNextRead(app.User);
    const refreshing = refresh(refresh_token).then((response) => response);
    await read.reached;
    await app.http
      .post('/auth/change-password')
      .set(bearer(access_token))
      .send({ current_password: PASSWORD, new_password: 'another good one' })
      .expect(200);
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
});
