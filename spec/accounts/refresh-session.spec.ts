import { expect } from 'chai';
import { AuthError, type RefreshClaims, type TokenPair } from 'express-auth-kit';
import type { Kit } from 'express-auth-kit/feature';
import jwt from 'jsonwebtoken';
import { refreshSession } from '../../lib/accounts/refresh-session.js';
import { recordEvents } from '../conformance/record-events.js';
import { methods } from '../own-features/methods.js';
import { failureOf } from '../support/failure.js';
import { bearer, createTestApp, type TestApp } from '../support/test-app.js';

// What becomes of each generation, and of races, is in features/token/refresh-grant.spec.ts and conformance/.
describe('refreshSession', () => {
  let app: TestApp;
  let kit: Kit;
  before(async () => {
    const withKit = methods({}, (given) => {
      kit = given;
    });
    app = await createTestApp({ features: [withKit] });
  });
  after(() => app.close());

  const origin = { ip: '203.0.113.7', userAgent: 'UA' };
  const context = { ...origin, acceptLanguage: null };
  const claimsOf = ({ refresh_token }: Pick<TokenPair, 'refresh_token'>) =>
    jwt.decode(refresh_token) as unknown as RefreshClaims;
  const refused = ({ refresh_token }: Pick<TokenPair, 'refresh_token'>) =>
    failureOf<AuthError>(() => refreshSession(kit, refresh_token, context));

  it('gives the pair of the next generation, of the same session', async () => {
    const first = await app.signUp();
    const pair = await refreshSession(kit, first.refresh_token, context);
    const { sid, gen } = claimsOf(first);
    expect(claimsOf(pair)).to.include({ sid, gen: gen + 1 });
    await app.http.get('/protected').set(bearer(pair.access_token)).expect(200, { user: first.email });
  });

  it('ends the session of an old token, and tells where it came from (hold 36)', async () => {
    const first = await app.signUp();
    const second = await refreshSession(kit, first.refresh_token, context);
    await refreshSession(kit, second.refresh_token, context);
    const events = recordEvents(app.auth);
    const error = await refused(first);
    expect(error).to.include({ code: 'invalid_refresh_token', status: 401 });
    expect(error.message).to.match(/^an old refresh token was presented/);
    const replayed = { userId: first.id, sessionId: claimsOf(first).sid, ...origin };
    expect(events).to.deep.equal([
      ['session.replayed', replayed],
      ['session.ended', { ...replayed, reason: 'replayed' }],
    ]);
    expect((await refused(second)).message).to.equal('the session is over');
  });

  it('says session.repeated where the predecessor was answered, and where it came from (hold 38)', async () => {
    const first = await app.signUp();
    await refreshSession(kit, first.refresh_token, context);
    const events = recordEvents(app.auth);
    await refreshSession(kit, first.refresh_token, context);
    const repeated = { userId: first.id, sessionId: claimsOf(first).sid, ...origin };
    expect(events).to.deep.equal([['session.repeated', repeated]]);
  });

  it('refuses who is disabled or gone', async () => {
    for (const end of ['disableUser', 'deleteUser'] as const) {
      const { id, ...pair } = await app.signUp();
      await app.auth.service[end](id);
      expect((await refused(pair)).message).to.equal('no such user, or disabled');
    }
  });
});

describe('beforeRefresh', () => {
  let app: TestApp;
  let asked: object[];
  let refuse: unknown;
  before(async () => {
    app = await createTestApp({
      hooks: {
        async beforeRefresh({ user, session, context }) {
          await Promise.resolve();
          const shown = JSON.stringify(Object(user).toObject({ transform: false }));
          expect(shown).to.not.match(/[sS]tamp|assword/);
          asked.push({ email: user.email, session: session.id, lastUsedAt: session.lastUsedAt, context });
          if (refuse) throw refuse;
        },
      },
      prepare: (each) => each.set('env', 'test'),
    });
  });
  after(() => app.close());
  beforeEach(() => {
    asked = [];
    refuse = undefined;
  });

  const refresh = (refresh_token: string) => app.http.post('/auth/refresh').send({ refresh_token });
  const stored = (token: string) => {
    const { ObjectId } = app.connection.base.mongo;
    const { sid } = jwt.decode(token) as jwt.JwtPayload;
    return app.connection.collection('auth_sessions').findOne({ _id: new ObjectId(sid) });
  };

  it('is asked once, with the session as it was, before the refresh goes on; within the grace time too', async () => {
    const { email, refresh_token } = await app.signUp();
    const created = new Date(app.clock.now());
    app.clock.advance(1000);
    await refresh(refresh_token).set('user-agent', 'UA').set('accept-language', 'de').expect(200);
    const { sid } = jwt.decode(refresh_token) as jwt.JwtPayload;
    const context = { ip: '127.0.0.1', userAgent: 'UA', acceptLanguage: 'de' };
    expect(asked).to.deep.equal([{ email, session: sid, lastUsedAt: created, context }]);
    await refresh(refresh_token).expect(200);
    expect(asked).to.have.length(2);
  });

  it('refuses by what it throws, and nothing has changed: the same refresh token still works', async () => {
    const { refresh_token } = await app.signUp();
    const before = await stored(refresh_token);
    const events = recordEvents(app.auth);
    refuse = new AuthError({ status: 403, code: 'unpaid', detail: 'The subscription has ended.' });
    const { status, body } = await refresh(refresh_token);
    expect([status, body.code, body.detail]).to.deep.equal([403, 'unpaid', 'The subscription has ended.']);
    refuse = new Error('the billing is away');
    await refresh(refresh_token).expect(500);
    expect(await stored(refresh_token)).to.deep.equal(before);
    expect(events).to.deep.equal([]);
    app.clock.advance(3_600_000);
    refuse = undefined;
    await refresh(refresh_token).expect(200);
  });

  it('is not asked about a token that is refused anyway, and keeps no old one from ending its session (hold 36)', async () => {
    const { refresh_token } = await app.signUp();
    const { body: second } = await refresh(refresh_token);
    await refresh(second.refresh_token).expect(200);
    asked = [];
    refuse = new Error('not asked');
    await refresh(refresh_token).expect(401);
    expect(await stored(refresh_token)).to.equal(null);
    await refresh(second.refresh_token).expect(401);
    await refresh('no token').expect(401);
    expect(asked).to.deep.equal([]);
  });
});
