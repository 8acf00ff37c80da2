import { expect } from 'chai';
import type { TokenPair } from 'express-auth-kit';
import jwt from 'jsonwebtoken';
import { recordEvents } from '../conformance/record-events.js';
import { expectProblem, expectRefusal } from '../http/expect-refusal.js';
import { isWrite, recordCommands } from '../support/commands.js';
import { bearer, createTestApp, PASSWORD, type TestApp } from '../support/test-app.js';

const DAY = 86_400_000;
const FIREFOX = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:128.0) Gecko/20100101 Firefox/128.0';

describe('the sessions of a user', () => {
  let app: TestApp;
  before(async () => {
    app = await createTestApp();
  });
  after(() => app.close());

  type Tokens = Pick<TokenPair, 'access_token' | 'refresh_token'>;
  const sid = ({ access_token }: Tokens) => (jwt.decode(access_token) as jwt.JwtPayload).sid as string;
  const list = async ({ access_token }: Tokens, on = app) => {
    const { body, headers } = await on.http.get('/auth/sessions').set(bearer(access_token)).expect(200);
    expect(headers['cache-control']).to.equal('no-store');
    return body as Record<string, unknown>[];
  };
  const idsOf = async (pair: Tokens) => (await list(pair)).map(({ id }) => id);
  const end = ({ access_token }: Tokens, id = '') =>
    app.http.delete(`/auth/sessions${id && `/${id}`}`).set(bearer(access_token));
  const me = ({ access_token }: Tokens) => app.http.get('/protected').set(bearer(access_token));
  const refresh = ({ refresh_token }: Tokens) => app.http.post('/auth/refresh').send({ refresh_token });
  const token = (username: string, body: object = {}) =>
    app.http.post('/auth/token').send({ username, password: PASSWORD, ...body });
  const expectOver = async (pair: Tokens) => {
    expectRefusal(await me(pair), 'invalid_token');
    expectRefusal(await refresh(pair), 'invalid_refresh_token');
  };
  const expectNotFound = (response: Parameters<typeof expectProblem>[0]) =>
    expectProblem(response, { status: 404, code: 'not_found', detail: 'Not found' });

  describe('GET /sessions', () => {
    it('lists them, the newest first, and says which is the current one', async () => {
      const user = await app.register();
      const { body: first } = await token(user.email).set('user-agent', FIREFOX).expect(200);
      const start = app.clock.now();
      app.clock.advance(60_000);
      const { body: second } = await token(user.email, { device_name: ' Till 3 ' })
        .set('user-agent', 'x'.repeat(600))
        .expect(200);
      app.clock.advance(60_000);
      await refresh(first).expect(200);
      const at = (ms: number) => new Date(start + ms).toISOString();
      expect(await list(first)).to.deep.equal([
        {
          id: sid(second),
          current: false,
          device: 'Till 3',
          ip: '127.0.0.1',
          user_agent: 'x'.repeat(512),
          created_at: at(60_000),
          last_used_at: at(60_000),
          expires_at: at(60_000 + 30 * DAY),
        },
        {
          id: sid(first),
          current: true,
          device: 'Firefox on Windows',
          ip: '127.0.0.1',
          user_agent: FIREFOX,
          created_at: at(0),
          last_used_at: at(120_000),
          expires_at: at(30 * DAY),
        },
      ]);
      expect((await list(second)).map(({ current }) => current)).to.deep.equal([true, false]);
    });

    it('has no device where the user agent says nothing', async () => {
      const user = await app.register();
      const { body } = await token(user.email).unset('user-agent').expect(200);
      const [session] = await list(body);
      expect(session).to.include({ device: null, user_agent: null });
    });

    it('lists one’s own alone, and none that is over (hold 43)', async () => {
      const [user, other] = [await app.signUp(), await app.signUp()];
      const gone = await app.login(user);
      await app.http.post('/auth/logout').send({ refresh_token: gone.refresh_token }).expect(204);
      expect(await idsOf(user)).to.deep.equal([sid(user)]);
      expect(await idsOf(other)).to.deep.equal([sid(other)]);
      app.clock.advance(30 * DAY);
      const since = await app.login(user);
      expect(await idsOf(since)).to.deep.equal([sid(since)]);
    });

    it('says when a session ends that is not refreshed', async () => {
      const idle = await createTestApp({ sessionIdleDays: 2 });
      try {
        const [session] = await list(await idle.signUp(), idle);
        expect(session?.['expires_at']).to.equal(new Date(idle.clock.now() + 2 * DAY).toISOString());
      } finally {
        await idle.close();
      }
    });
  });

  describe('DELETE /sessions/:id', () => {
    it('ends one, with both its tokens, and no other (hold 40)', async () => {
      const user = await app.signUp();
      const [other, third] = [await app.login(user), await app.login(user)];
      const events = recordEvents(app.auth);
      const response = await end(user, sid(other)).set('user-agent', 'UA');
      expect([response.status, response.text]).to.deep.equal([204, '']);
      const event = { userId: user.id, sessionId: sid(other), reason: 'revoked' };
      expect(events).to.deep.equal([['session.ended', { ...event, ip: '127.0.0.1', userAgent: 'UA' }]]);
      await expectOver(other);
      expect(await idsOf(user)).to.deep.equal([sid(third), sid(user)]);
    });

    it('ends the current one, too (hold 40)', async () => {
      const user = await app.signUp();
      const other = await app.login(user);
      await end(user, sid(user)).expect(204);
      await expectOver(user);
      await me(other).expect(200);
    });

    it('is 404 for another’s, and leaves that alone (hold 43)', async () => {
      const [user, other] = [await app.signUp(), await app.signUp()];
      const events = recordEvents(app.auth);
      expectNotFound(await end(user, sid(other)));
      expect(events).to.deep.equal([]);
      await me(other).expect(200);
    });

    it('is 404 for one that is over, cleared away or not', async () => {
      const user = await app.signUp();
      const old = await app.login(user);
      await end(user, sid(old)).expect(204);
      expectNotFound(await end(user, sid(old)));
      const expired = await app.login(user);
      app.clock.advance(30 * DAY);
      const since = await app.login(user);
      expectNotFound(await end(since, sid(expired)));
      const stored = await app.connection.collection('auth_sessions').find({}).toArray();
      expect(stored.map(({ _id }) => String(_id))).to.include(sid(expired));
    });

    it('is 404 for what is no id, however it is spelt (hold 43)', async () => {
      const user = await app.signUp();
      for (const id of [
        'x',
        '0'.repeat(24),
        'x'.repeat(12),
        'null',
        '%00',
        '%7B%22%24ne%22%3A1%7D',
        '%E0%A4%A',
      ]) {
        expectNotFound(await end(user, id));
      }
      await me(user).expect(200);
    });

    it('is done by one of many at once', async () => {
      const user = await app.signUp();
      const other = await app.login(user);
      const answers = await Promise.all(Array.from({ length: 10 }, () => end(user, sid(other))));
      const statuses = answers.map(({ status }) => status).sort();
      expect(statuses).to.deep.equal([204, ...Array(9).fill(404)]);
    });

    it('leaves no live descendant of a refresh at the same moment (hold 42)', async () => {
      for (let round = 0; round < 10; round += 1) {
        const user = await app.signUp();
        const other = await app.login(user);
        const [ended, refreshed] = await Promise.all([end(user, sid(other)), refresh(other)]);
        expect(ended.status).to.equal(204);
        if (refreshed.status === 200) await expectOver(refreshed.body);
        await expectOver(other);
      }
    });
  });

  describe('DELETE /sessions', () => {
    it('ends all but the current one, which goes on (hold 40)', async () => {
      const user = await app.signUp();
      const others = [await app.login(user), await app.login(user)];
      const stranger = await app.signUp();
      const events = recordEvents(app.auth);
      const response = await end(user).set('user-agent', 'UA');
      expect([response.status, response.text]).to.deep.equal([204, '']);
      const event = { userId: user.id, sessionId: null, reason: 'revoked', ip: '127.0.0.1', userAgent: 'UA' };
      expect(events).to.deep.equal([['session.ended', event]]);
      for (const other of others) await expectOver(other);
      expect(await idsOf(user)).to.deep.equal([sid(user)]);
      await refresh(user).expect(200);
      await me(stranger).expect(200);
    });
  });

  for (const [method, path] of [
    ['get', '/sessions'],
    ['delete', '/sessions'],
    ['delete', '/sessions/0123456789abcdef01234567'],
  ] as const) {
    it(`are shown to nobody who is not signed in: ${method.toUpperCase()} ${path}`, async () => {
      const ask = () => app.http[method](`/auth${path}`);
      expectRefusal(await ask(), 'missing_token');
      const user = await app.signUp();
      expectRefusal(await ask().set(bearer(user.refresh_token)), 'invalid_token');
      await app.http.post('/auth/logout').send({ refresh_token: user.refresh_token }).expect(204);
      expectRefusal(await ask().set(bearer(user.access_token)), 'invalid_token');
    });
  }

  describe('the time of the last use', () => {
    const lastUse = async (pair: Tokens) => {
      const listed = await list(pair);
      return listed.find(({ current }) => current)?.['last_used_at'];
    };

    it('is that of the last refresh, also of one that was repeated', async () => {
      const user = await app.signUp();
      for (const ms of [60_000, 10_000, 10_000]) {
        app.clock.advance(ms);
        // The first rotates; the others present its predecessor once more.
        await refresh(user).expect(200);
        expect(await lastUse(user)).to.equal(new Date(app.clock.now()).toISOString());
      }
    });

    it('is written by a refresh, in one write each, and never by a protected request', async () => {
      const user = await app.signUp();
      const writes = async (run: () => unknown) =>
        (await recordCommands(app.connection, run)).filter(isWrite).map(({ collection }) => collection);
      expect(await writes(() => me(user).expect(200))).to.deep.equal([]);
      expect(await writes(() => app.http.get('/me').set(bearer(user.access_token)))).to.deep.equal([]);
      expect(await writes(() => list(user))).to.deep.equal([]);
      expect(await writes(() => refresh(user).expect(200))).to.deep.equal(['auth_sessions']);
      // The first looks for the current generation.
      expect(await writes(() => refresh(user).expect(200))).to.deep.equal(['auth_sessions', 'auth_sessions']);
      expect(await writes(() => me(user).expect(200))).to.deep.equal([]);
    });
  });
});
