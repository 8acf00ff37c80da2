import { expect } from 'chai';
import type { AccessClaims, AuthError, SessionInfo } from 'express-auth-kit';
import jwt from 'jsonwebtoken';
import { databaseContents } from '../conformance/database-contents.js';
import { recordEvents } from '../conformance/record-events.js';
import { failureOf } from '../support/failure.js';
import { bearer, createTestApp, type TestApp } from '../support/test-app.js';

describe('claims of an app', () => {
  let app: TestApp;
  let given: { claims(): unknown; asked: SessionInfo[]; shown: string[] };

  before(async () => {
    app = await createTestApp({
      async claims(user, session) {
        given.asked.push(session);
        given.shown.push(JSON.stringify(Object(user).toObject({ transform: false })));
        await Promise.resolve();
        return (await given.claims()) as object;
      },
      prepare: (each) => each.set('env', 'test'),
      finish: (each, auth) =>
        each.get('/claims', auth.requireClaims, (req, res) => {
          res.json(req.auth);
        }),
    });
  });
  after(() => app.close());
  beforeEach(() => {
    given = { claims: () => ({ plan: 'free' }), asked: [], shown: [] };
  });

  type Own = AccessClaims & Record<string, unknown>;
  const claims = (token: string) => jwt.decode(token) as unknown as Own;
  const refresh = (refresh_token: string) => app.http.post('/auth/refresh').send({ refresh_token });
  const change = (access_token: string, current_password: string, new_password = 'another good one') =>
    app.http.post('/auth/change-password').set(bearer(access_token)).send({ current_password, new_password });

  it('are in every access token, asked for anew, and not in the refresh token', async () => {
    const user = await app.signUp();
    expect(claims(user.access_token)).to.deep.include({ plan: 'free', sub: user.id, type: 'access' });
    expect(claims(user.refresh_token)).to.not.have.property('plan');
    given.claims = () => ({ plan: 'paid', seats: [1, { of: 2 }], none: null });
    const { body } = await refresh(user.refresh_token).expect(200);
    expect(claims(body.access_token)).to.deep.include({ plan: 'paid', seats: [1, { of: 2 }], none: null });
    const { body: changed } = await change(body.access_token, user.password).expect(200);
    expect(claims(changed.access_token)).to.include({ plan: 'paid' });
    const { access_token } = await app.auth.service.issueTokens(user.id);
    const { body: seen } = await app.http.get('/claims').set(bearer(access_token)).expect(200);
    expect(seen).to.deep.include({ plan: 'paid', sub: user.id });
  });

  it('are told of the session, and are given the user without hash and stamps (hold 66)', async () => {
    const { access_token, refresh_token } = await app.signUp();
    app.clock.advance(60_000);
    await refresh(refresh_token).expect(200);
    const { sid, auth_time } = claims(access_token);
    expect(given.asked.map(({ id }) => id)).to.deep.equal([sid, sid]);
    for (const { authTime, amr } of given.asked) {
      expect([Math.floor(authTime.getTime() / 1000), amr]).to.deep.equal([auth_time, ['pwd']]);
    }
    expect(given.shown).to.have.length(2);
    for (const shown of given.shown) expect(shown).to.not.match(/\$2b\$|[sS]tamp|waysIn/);
  });

  const kitNames = [
    'iss',
    'sub',
    'aud',
    'exp',
    'nbf',
    'iat',
    'jti',
    'type',
    'email',
    'sid',
    'gen',
    'amr',
    'auth_time',
  ];
  const failing: Record<string, { claims: () => unknown; message: string }> = {
    ...Object.fromEntries(
      kitNames.map((name) => [
        `have the name ${name}`,
        {
          claims: () => ({ plan: 'free', [name]: undefined }),
          message: `claims: ${name} is a claim of the kit's own; allowed: any other name`,
        },
      ]),
    ),
    'are no object': {
      claims: () => 'free',
      message: 'the result of claims: "free" given; allowed: an object',
    },
    'are nothing': {
      claims: () => undefined,
      message: 'the result of claims: undefined given; allowed: an object',
    },
    'give a claim of the kit\u2019s by toJSON': {
      claims: () => ({ plan: 'free', toJSON: () => ({ sub: 'somebody else' }) }),
      message: "claims: sub is a claim of the kit's own; allowed: any other name",
    },
    'are no object in JSON': {
      claims: () => ({ plan: 'free', toJSON: () => 'free' }),
      message: 'the result of claims: "free" given; allowed: an object',
    },
    'are no JSON': { claims: () => ({ seats: 10n }), message: 'Do not know how to serialize a BigInt' },
    fail: {
      claims: () => Promise.reject(new TypeError('the plans are away')),
      message: 'the plans are away',
    },
  };
  for (const [what, { claims: bad, message }] of Object.entries(failing)) {
    it(`that ${what} are the app\u2019s error; there is no token, and nothing has changed`, async () => {
      const user = await app.signUp();
      const before = await databaseContents(app.connection);
      const events = recordEvents(app.auth);
      given.claims = bad;
      const error = await failureOf<AuthError>(() => app.auth.service.issueTokens(user.id));
      expect([error.name, error.message]).to.deep.equal(['TypeError', message]);
      const login = { username: user.email, password: user.password };
      for (const answer of [
        await app.http.post('/auth/token').send(login),
        await refresh(user.refresh_token),
        await change(user.access_token, user.password),
      ]) {
        expect(answer.status).to.equal(500);
        expect(answer.text).to.not.match(/eyJ/);
      }
      expect(events).to.deep.equal([]);
      expect(await databaseContents(app.connection)).to.deep.equal(before);
      given.claims = () => ({});
      await refresh(user.refresh_token).expect(200);
    });
  }

  it('are not asked for by an old refresh token, which ends its session all the same (hold 36)', async () => {
    const user = await app.signUp();
    const { body: second } = await refresh(user.refresh_token).expect(200);
    await refresh(second.refresh_token).expect(200);
    given.asked = [];
    given.claims = () => Promise.reject(new Error('not asked'));
    await refresh(user.refresh_token).expect(401);
    expect(given.asked).to.deep.equal([]);
    await app.http.get('/protected').set(bearer(user.access_token)).expect(401);
  });

  it('must come of a function', async () => {
    const error = await failureOf(() => createTestApp({ claims: { plan: 'free' } as never }));
    expect(error.message).to.equal('claims: a value of type object given; allowed: a function');
  });
});
