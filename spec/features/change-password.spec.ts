import bcrypt from 'bcrypt';
import { expect } from 'chai';
import { databaseContents } from '../conformance/database-contents.js';
import { recordEvents } from '../conformance/record-events.js';
import { expectFaults, expectRefusal } from '../http/expect-refusal.js';
import { bearer, createTestApp, PASSWORD, type TestApp } from '../support/test-app.js';
import { watchCalls } from '../support/watch-calls.js';

const NEW = 'another good one';
const CHANGED = { message: 'Password changed successfully' };

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
  const hashOf = async (email: string) =>
    (await app.connection.collection('users').findOne({ email }))?.password as string;

  for (const path of ['/auth/change-password', '/auth/password/change']) {
    it(`sets the new password at ${path}; the other sessions end, this one goes on (holds 32, 41)`, async () => {
      const user = await app.signUp();
      const others = [await app.login(user), await app.login(user)];
      const response = await app.http
        .post(path)
        .set(bearer(user.access_token))
        .send({ current_password: PASSWORD, new_password: NEW });
      expect([response.status, response.body]).to.deep.equal([200, CHANGED]);
      expect(response.headers['cache-control']).to.equal('no-store');
      for (const { access_token, refresh_token } of others) {
        expectRefusal(await me(access_token), 'invalid_token');
        expectRefusal(await refresh(refresh_token), 'invalid_refresh_token');
      }
      expectRefusal(await login(user.email, PASSWORD), 'invalid_credentials');
      // All within one second: the clock stands still.
      const { body: fresh } = await login(user.email, NEW).expect(200);
      await me(fresh.access_token).expect(200);
      await me(user.access_token).expect(200);
      const { body: rotated } = await refresh(user.refresh_token).expect(200);
      await me(rotated.access_token).expect(200);
    });
  }

  it('may be done again and again by the same session', async () => {
    const user = await app.signUp();
    const passwords = [PASSWORD, NEW, 'a third good one', 'a fourth good one'];
    const stamps = new Set<string>();
    for (const [index, current] of passwords.slice(0, -1).entries()) {
      const other = await app.login({ email: user.email, password: current });
      await change(user.access_token, current, passwords[index + 1]).expect(200, CHANGED);
      await me(user.access_token).expect(200);
      expectRefusal(await me(other.access_token), 'invalid_token');
      const { securityStamp } = Object(
        await app.connection.collection('users').findOne({ email: user.email }),
      );
      stamps.add(securityStamp);
    }
    expect(stamps.size).to.equal(3);
    await refresh(user.refresh_token).expect(200);
  });

  it('lets the other sessions die though their sweeping fails (hold 42)', async () => {
    const user = await app.signUp();
    const other = await app.login(user);
    const sessions = app.connection.collection('auth_sessions');
    const kept = await sessions.find({ user: (await app.User.findById(user.id))?._id }).toArray();
    await change(user.access_token).expect(200);
    // As if the process had died before it swept.
    for (const session of kept) await sessions.replaceOne({ _id: session._id }, session, { upsert: true });
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
    const { access_token } = await app.signUp({ password: 'zqxj\ufffdkvbw' });
    expectRefusal(await change(access_token, 'zqxj\ud800kvbw'), 'wrong_password');
    await change(access_token, 'zqxj\ufffdkvbw').expect(200, CHANGED);
  });

  it('is not for users without a password, and costs one hash for them too', async () => {
    const user = await app.signUp();
    await app.connection.collection('users').updateOne({ email: user.email }, { $unset: { password: 1 } });
    const watch = watchCalls(bcrypt, 'compare');
    try {
      expectRefusal(await change(user.access_token, PASSWORD), 'wrong_password');
    } finally {
      watch.restore();
    }
    expect(watch.calls).to.have.length(1);
    expect(await hashOf(user.email)).to.equal(undefined);
  });

  it('works for a user stored by other means than the kit, without a stamp', async () => {
    const email = 'imported@example.com';
    const password = await bcrypt.hash(PASSWORD, 4);
    await app.connection.collection('users').insertOne({ email, password });
    const [session, other] = [await login(email, PASSWORD), await login(email, PASSWORD)];
    await change(session.body.access_token).expect(200, CHANGED);
    await me(session.body.access_token).expect(200);
    expectRefusal(await me(other.body.access_token), 'invalid_token');
    expectRefusal(await refresh(other.body.refresh_token), 'invalid_refresh_token');
  });

  it('refuses a new password that register would refuse, whatever the current one (holds 30, 31)', async () => {
    const user = await app.signUp({ name: 'Maria Stuart' });
    const refused: Record<string, string> = {
      short: 'The password must have at least 8 characters.',
      ['zq'.repeat(200)]: 'The password must have at most 256 characters.',
      password123: 'This password is too common.',
      [user.email]: 'The password must not be your email address or name.',
      'maria stuart': 'The password must not be your email address or name.',
      'zqxjkvbw\0': 'The password contains characters that cannot be used.',
      'zqxjkvbw\udfff': 'The password contains characters that cannot be used.',
    };
    const before = await hashOf(user.email);
    for (const [password, detail] of Object.entries(refused)) {
      expectFaults(await change(user.access_token, PASSWORD, password), [
        { detail, pointer: '#/new_password' },
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

  const invalid: Record<string, [value: unknown, complaint: string]> = {
    nothing: [undefined, 'is required.'],
    null: [null, 'is required.'],
    'an empty string': ['', 'must not be empty.'],
    'a number': [5, 'must be a string.'],
    'an array': [[PASSWORD], 'must be a string.'],
    'an object': [{ $ne: 'x' }, 'must be a string.'],
  };
  for (const [what, [value, complaint]] of Object.entries(invalid)) {
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
          expectFaults(response, [{ detail: `${label} ${complaint}`, pointer: `#/${field}` }]);
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
      const sessions = [user, other];
      await me(sessions[won]?.access_token as string).expect(200);
      expectRefusal(await me(sessions[lost]?.access_token as string), 'invalid_token');
      expectRefusal(await refresh(sessions[lost]?.refresh_token as string), 'invalid_refresh_token');
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
        ['password.changed', { userId: id, reason: 'change' }],
      ]);
      expect(events.map(([name]) => name)).to.include('session.ended');
    } finally {
      await hooked.close();
    }
  });
});
