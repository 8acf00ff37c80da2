import bcrypt from 'bcrypt';
import { expect } from 'chai';
import type { TokenPair } from 'express-auth-kit';
import { addWayIn, type Kit, type Proof } from 'express-auth-kit/feature';
import jwt from 'jsonwebtoken';
import { Types } from 'mongoose';
import type { Response } from 'supertest';
import { databaseContents } from '../conformance/database-contents.js';
import { holdNextRead } from '../conformance/hold-back.js';
import { recordEvents } from '../conformance/record-events.js';
import { expectFaults, expectNotRecent, expectRefusal } from '../http/expect-refusal.js';
import { methods } from '../own-features/methods.js';
import { bearer, createTestApp, PASSWORD, type TestApp } from '../support/test-app.js';
import { watchCalls } from '../support/watch-calls.js';

const NEW = 'another good one';
/** The answer: a pair beside the message. */
function expectChanged({ status, body }: Response): TokenPair {
  const { message, ...pair } = body;
  expect([status, message]).to.deep.equal([200, 'Password changed successfully']);
  expect(Object.keys(pair)).to.have.members(['access_token', 'refresh_token', 'token_type', 'expires_in']);
  expect(pair).to.include({ token_type: 'bearer', expires_in: 900 });
  return pair;
}

describe('POST /change-password', () => {
  let app: TestApp;

  before(async () => {
    app = await createTestApp();
  });
  after(() => app.close());

  const change = (access_token: string, current_password: unknown = PASSWORD, new_password: unknown = NEW) =>
    app.http.post('/auth/change-password').set(bearer(access_token)).send({ current_password, new_password });
  const me = (access_token: string) => app.http.get('/protected').set(bearer(access_token));
  const refresh = (refresh_token: string) => app.http.post('/auth/refresh').send({ refresh_token });
  const login = (username: string, password: string) =>
    app.http.post('/auth/token').send({ username, password });
  const sessions = () => app.connection.collection('auth_sessions');
  const claims = (token: string) => jwt.decode(token) as jwt.JwtPayload;
  const hashOf = async (email: string) =>
    (await app.connection.collection('users').findOne({ email }))?.password as string;

  for (const path of ['/auth/change-password', '/auth/password/change']) {
    it(`sets the new password at ${path}; every session ends, and the answered pair is of a new one (holds 32, 41, 77)`, async () => {
      const user = await app.signUp();
      const former = [user, await app.login(user), await app.login(user)];
      const response = await app.http
        .post(path)
        .set(bearer(user.access_token))
        .send({ current_password: PASSWORD, new_password: NEW });
      const pair = expectChanged(response);
      expect(response.headers['cache-control']).to.equal('no-store');
      for (const { access_token, refresh_token } of former) {
        expectRefusal(await me(access_token), 'invalid_token');
        expectRefusal(await refresh(refresh_token), 'invalid_refresh_token');
      }
      expectRefusal(await login(user.email, PASSWORD), 'invalid_credentials');
      // All within one second: the clock stands still.
      const { body: fresh } = await login(user.email, NEW).expect(200);
      await me(fresh.access_token).expect(200);
      await me(pair.access_token).expect(200);
      const { body: rotated } = await refresh(pair.refresh_token).expect(200);
      await me(rotated.access_token).expect(200);
    });
  }

  it('may be done again and again, each time by the session that came of it', async () => {
    const user = await app.signUp();
    let session: TokenPair = user;
    const passwords = [PASSWORD, NEW, 'a third good one', 'a fourth good one'];
    const stamps = new Set<string>();
    for (const [index, current] of passwords.slice(0, -1).entries()) {
      const other = await app.login({ email: user.email, password: current });
      session = expectChanged(await change(session.access_token, current, passwords[index + 1]));
      await me(session.access_token).expect(200);
      expectRefusal(await me(other.access_token), 'invalid_token');
      const { securityStamp } = Object(
        await app.connection.collection('users').findOne({ email: user.email }),
      );
      stamps.add(securityStamp);
    }
    expect(stamps.size).to.equal(3);
    await refresh(session.refresh_token).expect(200);
    const { ObjectId } = Types;
    expect(await sessions().countDocuments({ user: new ObjectId(user.id) })).to.equal(1);
  });

  it('makes the new session of the login that the presented one came of, from where the request comes', async () => {
    const user = await app.signUp();
    const { auth_time, amr, sid } = claims(user.access_token);
    app.clock.advance(600_000);
    const pair = expectChanged(await change(user.access_token).set('user-agent', 'Firefox'));
    const changed = claims(pair.access_token);
    // The password alone is no recent login: a second factor may be due for that.
    expect(changed).to.deep.include({ auth_time, amr });
    expect(changed.sid).to.not.equal(sid);
    const { ObjectId } = Types;
    const now = new Date(app.clock.now());
    expect(await sessions().findOne({ _id: new ObjectId(changed.sid) })).to.deep.include({
      generation: 0,
      createdAt: now,
      lastUsedAt: now,
      expiresAt: new Date(app.clock.now() + 30 * 86_400_000),
      ip: '127.0.0.1',
      userAgent: 'Firefox',
    });
  });

  it('is no sign-in: no hook is asked, no second step, and what was shown for the session counts on', async () => {
    const shown = ['knowledge', 'device'];
    const asked: string[] = [];
    let kit: Kit | undefined;
    const withKit = methods({ totp: {} }, (given) => {
      kit = given;
    });
    const own = await createTestApp({
      features: [withKit],
      hooks: { beforeSignIn: ({ user }) => void asked.push(user.email) },
    });
    try {
      const { email, id, password } = await own.register();
      await addWayIn(kit as Kit, (await own.User.findById(id))?._id, { method: 'totp', id: 'a' });
      const { body: begun } = await own.http.post('/auth/token').send({ username: email, password });
      const step = { challenge: begun.challenge, method: 'totp', code: 'right' };
      const { body: signedIn } = await own.http.post('/auth/challenge').send(step).expect(200);
      expect(asked).to.deep.equal([email]);
      const events = recordEvents(own.auth);
      const body = { current_password: password, new_password: NEW };
      const request = own.http.post('/auth/change-password').set(bearer(signedIn.access_token));
      const pair = expectChanged(await request.send(body));
      expect(claims(pair.access_token).amr).to.deep.equal(['pwd', 'otp', 'mfa']);
      expect(asked).to.deep.equal([email]);
      expect(events.map(([name]) => name)).to.deep.equal(['session.ended', 'password.changed']);
      const [session] = await own.connection.collection('auth_sessions').find().toArray();
      expect(session?.proofs.flatMap(({ kinds }: Proof) => kinds)).to.deep.equal(shown);
    } finally {
      await own.close();
    }
  });

  it('answers no pair where the sessions were ended after the guard had let it pass (hold 42)', async () => {
    const user = await app.signUp();
    const read = holdNextRead('users');
    const changing = change(user.access_token).then((response) => response);
    await read.reached;
    await app.auth.service.revokeSessions(user.id);
    read.release();
    expectRefusal(await changing, 'invalid_token');
    await login(user.email, PASSWORD).expect(200);
  });

  it('lets the other sessions die though their sweeping fails (hold 42)', async () => {
    const user = await app.signUp();
    const other = await app.login(user);
    const kept = await sessions()
      .find({ user: (await app.User.findById(user.id))?._id })
      .toArray();
    await change(user.access_token).expect(200);
    // As if the process had died before it swept.
    for (const session of kept) await sessions().replaceOne({ _id: session._id }, session, { upsert: true });
    expectRefusal(await me(other.access_token), 'invalid_token');
    expectRefusal(await refresh(other.refresh_token), 'invalid_refresh_token');
  });

  it('leaves the sessions of other users alone', async () => {
    const [user, stranger] = [await app.signUp(), await app.signUp()];
    await change(user.access_token).expect(200);
    await me(stranger.access_token).expect(200);
    await refresh(stranger.refresh_token).expect(200);
  });

  it('needs the current password: with a wrong one nothing changes (hold 32)', async () => {
    const user = await app.signUp();
    const other = await app.login(user);
    const before = await databaseContents(app.connection);
    for (const wrong of ['not the password', NEW, PASSWORD.toUpperCase(), ` ${PASSWORD}`]) {
      expectRefusal(await change(user.access_token, wrong), 'wrong_password');
    }
    expect(await databaseContents(app.connection)).to.deep.equal(before);
    await me(other.access_token).expect(200);
    await login(user.email, PASSWORD).expect(200);
  });

  it('takes a lone surrogate in the current password for no other character (hold 31)', async () => {
    const { email, access_token } = await app.signUp();
    const password = await bcrypt.hash('zqxj\ufffdkvbw', 4);
    await app.connection.collection('users').updateOne({ email }, { $set: { password } });
    expectRefusal(await change(access_token, 'zqxj\ud800kvbw'), 'wrong_password');
    expectChanged(await change(access_token, 'zqxj\ufffdkvbw'));
  });

  it('refuses the password of before, in whichever form it is typed, once it was right', async () => {
    const { email, access_token } = await app.signUp({ password: 'zqxj kvbw \u00e9' });
    const before = await hashOf(email);
    const detail = 'The new password must not be the current one.';
    for (const [current, chosen] of [
      ['zqxj kvbw \u00e9', 'zqxj kvbw \u00e9'],
      ['zqxj kvbw e\u0301', 'zqxj kvbw \u00e9'],
      ['zqxj kvbw \u00e9', 'zqxj kvbw e\u0301'],
    ] as const) {
      expectFaults(await change(access_token, current, chosen), [
        { code: 'unchanged', detail, pointer: '#/new_password' },
      ]);
    }
    expectRefusal(await change(access_token, NEW, NEW), 'wrong_password');
    expect(await hashOf(email)).to.equal(before);
    await me(access_token).expect(200);
  });

  describe('for a user without a password', () => {
    let names = 0;
    const create = async () => {
      names += 1;
      const { id, email } = await app.auth.service.createUser({ email: `without-${names}@example.com` });
      return { id, email, ...(await app.auth.service.issueTokens(id)) };
    };
    const set = (access_token: string, body: object = {}) =>
      app.http
        .post('/auth/change-password')
        .set(bearer(access_token))
        .send({ new_password: NEW, ...body });

    it('sets the first one after a login of the last five minutes, whatever is given for the current one', async () => {
      for (const body of [
        {},
        { current_password: null },
        { current_password: PASSWORD },
        { current_password: NEW },
      ]) {
        const user = await create();
        const other = await app.auth.service.issueTokens(user.id);
        app.clock.advance(300_000);
        const answer = await set(user.access_token, body).expect(200);
        for (const { access_token } of [user, other]) expectRefusal(await me(access_token), 'invalid_token');
        await login(user.email, NEW).expect(200);
        const { access_token } = answer.body;
        expectRefusal(await change(access_token, PASSWORD, 'yet another one'), 'wrong_password');
        const fault = {
          code: 'required',
          detail: 'The current password is required.',
          pointer: '#/current_password',
        };
        expectFaults(await set(access_token, { new_password: 'yet another one' }), [fault]);
      }
    });

    it('asks for a more recent login where it is older, and sets none', async () => {
      const user = await create();
      app.clock.advance(301_000);
      expectNotRecent(await set(user.access_token));
      expectNotRecent(await set(user.access_token, { current_password: PASSWORD }));
      expect(await hashOf(user.email)).to.equal(undefined);
    });

    it('sets none that the rules refuse (hold 30)', async () => {
      const user = await create();
      const detail = 'This password is too common.';
      expectFaults(await set(user.access_token, { new_password: 'password123' }), [
        { code: 'too_common', detail, pointer: '#/new_password' },
      ]);
      expect(await hashOf(user.email)).to.equal(undefined);
    });

    it('sets the first one once, of two at once; twenty times (hold 42)', async () => {
      for (let round = 0; round < 20; round += 1) {
        const user = await create();
        const other = await app.auth.service.issueTokens(user.id);
        const answers = await Promise.all([
          set(user.access_token, { new_password: 'the first of two' }),
          set(other.access_token, { new_password: 'the second of two' }),
        ]);
        expect(answers.map(({ status }) => status).filter((status) => status === 200)).to.have.length(1);
        const chosen = answers[0]?.status === 200 ? 'the first of two' : 'the second of two';
        await login(user.email, chosen).expect(200);
      }
    });
  });

  it('works for a user stored by other means than the kit, without a stamp', async () => {
    const email = 'imported@example.com';
    const password = await bcrypt.hash(PASSWORD, 4);
    await app.connection.collection('users').insertOne({ email, password });
    const [session, other] = [await login(email, PASSWORD), await login(email, PASSWORD)];
    const pair = expectChanged(await change(session.body.access_token));
    await me(pair.access_token).expect(200);
    for (const { body } of [session, other]) expectRefusal(await me(body.access_token), 'invalid_token');
    expectRefusal(await refresh(other.body.refresh_token), 'invalid_refresh_token');
  });

  it('tells what is wrong with both passwords at once', async () => {
    const { access_token } = await app.signUp();
    const change = (body: object) =>
      app.http.post('/auth/change-password').set(bearer(access_token)).send(body);
    expectFaults(await change({ new_password: 'short' }), [
      { code: 'required', detail: 'The current password is required.', pointer: '#/current_password' },
      {
        code: 'too_short',
        detail: 'The password must have at least 8 characters.',
        pointer: '#/new_password',
      },
    ]);
  });

  it('refuses a new password that register would refuse, whatever the current one (holds 30, 31)', async () => {
    const user = await app.signUp({ name: 'Maria Stuart' });
    const refused: Record<string, [code: string, detail: string]> = {
      short: ['too_short', 'The password must have at least 8 characters.'],
      ['zq'.repeat(200)]: ['too_long', 'The password must have at most 256 characters.'],
      password123: ['too_common', 'This password is too common.'],
      [user.email]: ['too_personal', 'The password must not be your email address or name.'],
      'maria stuart': ['too_personal', 'The password must not be your email address or name.'],
      'zqxjkvbw\0': ['invalid_characters', 'The password contains characters that cannot be used.'],
      'zqxjkvbw\udfff': ['invalid_characters', 'The password contains characters that cannot be used.'],
    };
    const before = await hashOf(user.email);
    for (const [password, [code, detail]] of Object.entries(refused)) {
      expectFaults(await change(user.access_token, PASSWORD, password), [
        { code, detail, pointer: '#/new_password' },
      ]);
    }
    expect(await hashOf(user.email)).to.equal(before);
  });

  it('refuses who has no good access token, before it reads the body (hold 12)', async () => {
    const user = await app.signUp();
    const send = () => app.http.post('/auth/change-password').type('json').send('{"broken');
    expectRefusal(await send(), 'missing_token');
    expectRefusal(await send().set(bearer('nonsense')), 'invalid_token');
    expectRefusal(await change(user.refresh_token), 'invalid_token');
    await login(user.email, PASSWORD).expect(200);
  });

  const invalid: Record<string, [value: unknown, code: string, complaint: string]> = {
    nothing: [undefined, 'required', 'is required.'],
    null: [null, 'required', 'is required.'],
    'an empty string': ['', 'required', 'must not be empty.'],
    'a number': [5, 'invalid_type', 'must be a string.'],
    'an array': [[PASSWORD], 'invalid_type', 'must be a string.'],
    'an object': [{ $ne: 'x' }, 'invalid_type', 'must be a string.'],
  };
  for (const [what, [value, code, complaint]] of Object.entries(invalid)) {
    it(`takes ${what} for invalid, without a hash (hold 18)`, async () => {
      const { email, access_token } = await app.signUp();
      const watch = watchCalls(bcrypt, 'compare');
      try {
        for (const [field, label] of [
          ['current_password', 'The current password'],
          ['new_password', 'The new password'],
        ] as const) {
          const body = { current_password: PASSWORD, new_password: NEW, [field]: value };
          const response = await app.http.post('/auth/change-password').set(bearer(access_token)).send(body);
          expectFaults(response, [{ code, detail: `${label} ${complaint}`, pointer: `#/${field}` }]);
        }
      } finally {
        watch.restore();
      }
      expect(watch.calls).to.deep.equal([]);
      await login(email, PASSWORD).expect(200);
    });
  }

  it('done twice at once succeeds once, and that password counts; twenty times (hold 42)', async () => {
    for (let round = 0; round < 20; round += 1) {
      const user = await app.signUp();
      const other = await app.login(user);
      const answers = await Promise.all([
        change(user.access_token, PASSWORD, 'the first of two'),
        change(other.access_token, PASSWORD, 'the second of two'),
      ]);
      const [won, lost] = answers[0]?.status === 200 ? [0, 1] : [1, 0];
      expect(answers[won]?.status).to.equal(200);
      // The other was told that its password is wrong by now, or that its session is over by now.
      expect(answers[lost]?.body.code).to.be.oneOf(['wrong_password', 'invalid_token']);
      const former = [user, other];
      await me(answers[won]?.body.access_token).expect(200);
      for (const { access_token, refresh_token } of former) {
        expectRefusal(await me(access_token), 'invalid_token');
        expectRefusal(await refresh(refresh_token), 'invalid_refresh_token');
      }
      // That of the other, made and not come into force, is gone as well.
      const { ObjectId } = Types;
      expect(await sessions().countDocuments({ user: new ObjectId(user.id) })).to.equal(1);
      const logins = await Promise.all([
        login(user.email, 'the first of two'),
        login(user.email, 'the second of two'),
        login(user.email, PASSWORD),
      ]);
      const statuses = [401, 401, 401];
      statuses[won] = 200;
      expect(logins.map(({ status }) => status)).to.deep.equal(statuses);
    }
  });

  it('says password.changed, and runs afterPasswordChange before it answers', async () => {
    const seen: string[] = [];
    const hooked = await createTestApp({
      hooks: {
        async afterPasswordChange({ user, reason }) {
          await Promise.resolve();
          seen.push(`${user.email} ${reason}`);
        },
      },
    });
    try {
      const { id, email, access_token } = await hooked.signUp();
      const events = recordEvents(hooked.auth);
      await hooked.http
        .post('/auth/change-password')
        .set(bearer(access_token))
        .send({ current_password: PASSWORD, new_password: NEW })
        .expect(200);
      expect(seen).to.deep.equal([`${email} change`]);
      expect(events.filter(([name]) => name === 'password.changed')).to.deep.equal([
        ['password.changed', { userId: id, reason: 'change', ip: '127.0.0.1', userAgent: null }],
      ]);
      const ended = {
        userId: id,
        sessionId: null,
        reason: 'password_changed',
        ip: '127.0.0.1',
        userAgent: null,
      };
      expect(events.find(([name]) => name === 'session.ended')?.[1]).to.deep.equal(ended);
    } finally {
      await hooked.close();
    }
  });
});
