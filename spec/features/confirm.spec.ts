import { expect } from 'chai';
import type { AuthEvents } from 'express-auth-kit';
import type { Attempt, Feature } from 'express-auth-kit/feature';
import { expectFaults, expectNotRecent, expectProblem, expectRefusal } from '../http/expect-refusal.js';
import { methods } from '../own-features/methods.js';
import { bearer, createTestApp, PASSWORD, type TestApp } from '../support/test-app.js';

const TEN_MINUTES = 600_000;

describe('POST /confirm', () => {
  let app: TestApp;
  const attempts: Attempt[] = [];
  const noting: Feature = {
    name: 'noting',
    setup: () => ({
      limits: {
        before: async (attempt) => void attempts.push(attempt),
        async after() {},
      },
    }),
  };

  before(async () => {
    app = await createTestApp({
      features: [methods({ device: {}, riddle: { kind: 'knowledge' } }), noting],
      finish(server, auth) {
        server.post('/dangerous', auth.requireRecentLogin({ seconds: 300 }), (_req, res) => {
          res.json({ done: true });
        });
      },
    });
  });
  after(() => app.close());
  beforeEach(() => attempts.splice(0));

  const confirm = (access_token: string, body: object = {}) =>
    app.http.post('/auth/confirm').set(bearer(access_token)).send(body);
  const dangerous = (access_token: string) => app.http.post('/dangerous').set(bearer(access_token));
  /** Who signed in ten minutes ago, and is asked to do it again. */
  async function signedInLongAgo(waysIn: string[] = [], fields?: object) {
    const user = await app.signUp({ ...fields });
    app.clock.advance(TEN_MINUTES);
    const entries = waysIn.map((method) => ({ method, id: method, addedAt: new Date() }));
    await app.User.updateOne({ _id: user.id }, { $set: { waysIn: entries } });
    expectNotRecent(await dangerous(user.access_token));
    return user;
  }

  it('lets the same access token do what asks for a recent login, for its time', async () => {
    const { id, access_token, refresh_token } = await signedInLongAgo();
    const events: AuthEvents['login.confirmed'][] = [];
    const stop = app.auth.on('login.confirmed', (event) => events.push(event));
    const { body, headers } = await confirm(access_token, { password: PASSWORD }).expect(200);
    stop();
    expect(body).to.deep.equal({ confirmed_at: new Date(app.clock.now()).toISOString() });
    expect(headers['cache-control']).to.equal('no-store');
    await dangerous(access_token).expect(200);
    expect(events.map(({ userId }) => userId)).to.deep.equal([id]);
    expect(attempts.map(({ operation, user }) => [operation, user])).to.deep.include(['confirm', id]);

    const { body: pair } = await app.http.post('/auth/refresh').send({ refresh_token }).expect(200);
    const { claims } = await app.auth.service.verifyAccessToken(pair.access_token);
    expect([claims.auth_time, claims.amr]).to.deep.equal([Math.floor(app.clock.now() / 1000), ['pwd']]);

    app.clock.advance(TEN_MINUTES);
    expectNotRecent(await dangerous(pair.access_token));
  });

  it('concerns no other session of the user', async () => {
    const { email, password, access_token: other } = await app.signUp();
    const { access_token } = await app.login({ email, password });
    app.clock.advance(TEN_MINUTES);
    await confirm(access_token, { password: PASSWORD }).expect(200);
    await dangerous(access_token).expect(200);
    expectNotRecent(await dangerous(other));
  });

  it('refuses a wrong password, and changes nothing then', async () => {
    const { access_token } = await signedInLongAgo();
    expectRefusal(await confirm(access_token, { password: 'wrong' }), 'wrong_password');
    expectNotRecent(await dangerous(access_token));
  });

  it('asks for the password of who has one', async () => {
    const { access_token } = await signedInLongAgo();
    const missing = { code: 'required', detail: 'The password is required.', pointer: '#/password' };
    for (const body of [{}, { password: null }]) expectFaults(await confirm(access_token, body), [missing]);
    const { body } = await confirm(access_token, { password: 5 }).expect(422);
    expect(body.errors[0].code).to.equal('invalid_type');
  });

  it('refuses who is not signed in, and a session that has ended (hold 40)', async () => {
    expectRefusal(await app.http.post('/auth/confirm').send({ password: PASSWORD }), 'missing_token');
    const { access_token } = await app.signUp();
    await app.http.post('/auth/logout').set(bearer(access_token)).expect(204);
    expectRefusal(await confirm(access_token, { password: PASSWORD }), 'invalid_token');
  });

  describe('of a user with a second factor', () => {
    it('takes the password and a code together', async () => {
      const { access_token } = await signedInLongAgo(['device']);
      await confirm(access_token, { password: PASSWORD, method: 'device', code: 'right' }).expect(200);
      await dangerous(access_token).expect(200);
    });

    it('says what is missing before it spends a hash', async () => {
      const { access_token } = await signedInLongAgo(['device']);
      const missing = { code: 'required', detail: 'The method is required.', pointer: '#/method' };
      expectFaults(await confirm(access_token, { password: PASSWORD }), [missing]);
      expect(attempts.filter(({ operation }) => operation === 'confirm')).to.deep.equal([]);
    });

    const wrong: [string, object, string][] = [
      ['a wrong code', { method: 'device', code: 'wrong' }, 'device'],
      ['no code', { method: 'device' }, 'device'],
      ['a method that there is not', { method: 'nothing', code: 'right' }, ''],
      ['a method that the user has not set up', { method: 'riddle', code: 'right' }, 'riddle'],
    ];
    for (const [what, shown, named] of wrong) {
      it(`refuses ${what}, and tells the app`, async () => {
        const { id, access_token } = await signedInLongAgo(['device']);
        const failed: AuthEvents['challenge.failed'][] = [];
        const stop = app.auth.on('challenge.failed', (event) => failed.push(event));
        const answer = await confirm(access_token, { password: PASSWORD, ...shown });
        stop();
        expect([answer.status, answer.body.code]).to.deep.equal([401, 'invalid_code']);
        expect(failed.map(({ userId, method }) => [userId, method ?? ''])).to.deep.equal([[id, named]]);
        expectNotRecent(await dangerous(access_token));
      });
    }

    it('refuses a method of the kind of the password: that is one factor twice', async () => {
      const { access_token } = await signedInLongAgo(['device', 'riddle']);
      const shown = { password: PASSWORD, method: 'riddle', code: 'right' };
      expect((await confirm(access_token, shown)).body.code).to.equal('invalid_code');
      expectNotRecent(await dangerous(access_token));
    });

    it('checks the password first: a right code alone is not enough', async () => {
      const { access_token } = await signedInLongAgo(['device']);
      const shown = { password: 'wrong', method: 'device', code: 'right' };
      expectRefusal(await confirm(access_token, shown), 'wrong_password');
    });
  });

  describe('of a user without a password', () => {
    async function withoutPassword(...waysIn: string[]) {
      const user = await signedInLongAgo(waysIn);
      await app.User.updateOne({ _id: user.id }, { $unset: { password: 1 } });
      return user;
    }

    it('names what can be shown in its place', async () => {
      for (const waysIn of [[], ['device']]) {
        const { access_token } = await withoutPassword(...waysIn);
        for (const body of [{}, { password: PASSWORD }]) {
          const answer = await confirm(access_token, body);
          const { methods, ...problem } = answer.body;
          expectProblem({ ...answer, body: problem } as typeof answer, {
            status: 400,
            code: 'wrong_password',
            detail: 'Current password is incorrect',
          });
          expect(methods).to.deep.equal(waysIn);
        }
      }
    });

    it('takes one of those', async () => {
      const { access_token } = await withoutPassword('device');
      await confirm(access_token, { method: 'device', code: 'right' }).expect(200);
      await dangerous(access_token).expect(200);
    });
  });
});
