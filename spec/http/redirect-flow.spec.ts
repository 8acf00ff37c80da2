import { expect } from 'chai';
import type express from 'express';
import { Strategy } from 'passport';
import type { Response } from 'supertest';
import { defineRoute } from '../../lib/http/route.js';
import type { Feature } from '../../lib/kit.js';
import { databaseContents } from '../conformance/database-contents.js';
import { createTestApp, type TestApp } from '../support/test-app.js';
import { cookiesOf } from './browser.js';

const PROVIDER = 'https://provider.example/authorize?client_id=app&state=';
/** As the strategies of OAuth 2.0 and OpenID Connect name it: the database has no fields for such a name. */
const KEY = 'oauth2:example.com';
const TEN_MINUTES = 600_000;

interface StrategyRequest {
  query: { code?: string; error?: string; again?: string };
  body: { code?: string };
  session: Record<string, unknown>;
}

let states = 0;

/** A strategy as those of OAuth 2.0 are: it leaves, keeps what it must know in `req.session`, and comes back. */
class Roundtrip extends Strategy {
  override async authenticate(req: unknown): Promise<void> {
    const { query, body, session } = req as StrategyRequest;
    await new Promise(setImmediate);
    if (query.error === 'pass') return this.pass();
    if (query.error === 'broken') return this.error(new Error('the provider is down'));
    if (query.error) return this.fail(query.error);
    if (!(query.code ?? body.code)) {
      states += 1;
      session[KEY] = { state: `state-${states}`, nonce: ['n', { of: states }] };
      return this.redirect(`${PROVIDER}state-${states}`);
    }
    const kept = session[KEY];
    // A provider that wants to ask for one more thing.
    if (query.again) return this.redirect(PROVIDER);
    if (!kept) return this.fail('no state');
    delete session[KEY];
    this.success({ kept, left: Object.keys(session) } as never);
  }
}

/** Two providers, each with two routes: one where it begins, one where it ends. */
const providers: Feature = {
  name: 'providers',
  setup: (kit) => ({
    redirectStrategies: { one: new Roundtrip(), two: new Roundtrip() },
    routes: ['one', 'two'].flatMap((name) => {
      const handle = async ({ req }: { req: express.Request }) => {
        const { headers, ...outcome } = await kit.redirectFlow.advance<object>(name, req);
        return outcome.type === 'redirect' ? { redirect: outcome.url, headers } : { body: outcome, headers };
      };
      return [
        defineRoute({ method: 'get', path: `/${name}/begin`, success: 302, handle }),
        defineRoute({ method: 'get', path: `/${name}/callback`, success: 200, handle }),
        defineRoute({ method: 'post', path: `/${name}/callback`, accepts: 'form', success: 200, handle }),
        defineRoute({ method: 'get', path: `/${name}/elsewhere`, success: 303, handle }),
      ];
    }),
  }),
};

const NOTHING = { type: 'failure', reason: 'no state' };

/** The header by which a browser sends back what it was given. */
function jar(response: Response): { cookie: string } {
  return {
    cookie: cookiesOf(response)
      .map(({ name, value }) => `${name}=${value}`)
      .join('; '),
  };
}

describe('the redirect flow', () => {
  let app: TestApp;
  /** What the app keeps in `req.session` by itself, a request each. */
  const sessions: object[] = [];
  before(async () => {
    app = await createTestApp({
      features: [providers],
      prepare: (each) =>
        each.use((req, _res, next) => {
          sessions.push({ of: 'the app' });
          Object.assign(req, { session: sessions.at(-1) });
          next();
        }),
      finish: (each) =>
        each.use(((error, _req, res, _next) => {
          res.status(500).json({ handled: error.message });
        }) satisfies express.ErrorRequestHandler),
    });
  });
  after(() => app.close());

  const begin = (headers: Record<string, string> = {}, name = 'one') =>
    app.http.get(`/auth/${name}/begin`).set(headers);
  const finish = (headers: Record<string, string> = {}, name = 'one', query = 'code=c') =>
    app.http.get(`/auth/${name}/callback?${query}`).set(headers);
  const stateOf = ({ headers }: Response) => headers['location']?.slice(PROVIDER.length);
  const rows = async () => (await databaseContents(app.connection))['auth_redirect_states'] ?? [];

  it('sends the browser where the strategy says, by the status of the row', async () => {
    const response = await begin();
    expect([response.status, response.text]).to.deep.equal([302, '']);
    expect(response.headers['location']).to.match(
      /^https:\/\/provider\.example\/authorize\?client_id=app&state=state-\d+$/,
    );
    expect(response.headers['cache-control']).to.equal('no-store');
    expect((await app.http.get('/auth/one/elsewhere')).status).to.equal(303);
  });

  it('shows a strategy at the callback what it has kept, whatever its names', async () => {
    const begun = await begin();
    const state = stateOf(begun);
    const { body } = await finish(jar(begun)).expect(200);
    const nonce = ['n', { of: Number(state?.replace('state-', '')) }];
    expect(body).to.deep.equal({ type: 'success', user: { kept: { state, nonce }, left: [] } });
  });

  it('shows it to a callback that is a form', async () => {
    const begun = await begin();
    const { body } = await app.http
      .post('/auth/one/callback')
      .set(jar(begun))
      .type('form')
      .send({ code: 'c' });
    expect(body).to.nested.include({ type: 'success', 'user.kept.state': stateOf(begun) });
  });

  it('shows it once (hold 94)', async () => {
    const cookie = jar(await begin());
    expect((await finish(cookie)).body.type).to.equal('success');
    expect((await finish(cookie)).body).to.deep.equal(NOTHING);
  });

  it('shows it to one of fifty callbacks at once (hold 94)', async () => {
    const cookie = jar(await begin());
    const answers = await Promise.all(Array.from({ length: 50 }, () => finish(cookie)));
    const types = answers.map(({ status, body }) => [status, body.type]);
    expect(types.filter(([, type]) => type === 'success')).to.have.length(1);
    expect(types.filter(([, type]) => type === 'failure')).to.have.length(49);
    expect(types.every(([status]) => status === 200)).to.equal(true);
  });

  it('is used up by a callback that fails too', async () => {
    const cookie = jar(await begin());
    expect((await finish(cookie, 'one', 'error=access_denied')).body).to.deep.equal({
      type: 'failure',
      reason: 'access_denied',
    });
    expect((await finish(cookie)).body).to.deep.equal(NOTHING);
  });

  it('shows nothing to another browser, and leaves it to the right one (hold 94)', async () => {
    const [begun, other] = [await begin(), await begin()];
    expect((await finish()).body).to.deep.equal(NOTHING);
    const [{ name } = { name: '' }] = cookiesOf(begun);
    for (const forged of ['', 'x', 'a'.repeat(43), '%', '$ne']) {
      expect((await finish({ cookie: `${name}=${forged}` })).body).to.deep.equal(NOTHING);
    }
    expect((await finish(jar(other))).body.user.kept.state).to.equal(stateOf(other));
    expect((await finish(jar(begun))).body.user.kept.state).to.equal(stateOf(begun));
  });

  it('shows nothing to another strategy, and leaves it to the right one (hold 94)', async () => {
    const begun = await begin();
    expect((await finish(jar(begun), 'two')).body).to.deep.equal(NOTHING);
    expect((await finish(jar(begun), 'one')).body.user.kept.state).to.equal(stateOf(begun));
  });

  it('keeps it for ten minutes (hold 94)', async () => {
    const [inTime, late] = [await begin(), await begin()];
    app.clock.advance(TEN_MINUTES - 1);
    expect((await finish(jar(inTime))).body.user.kept.state).to.equal(stateOf(inTime));
    app.clock.advance(1);
    expect((await finish(jar(late))).body).to.deep.equal(NOTHING);
  });

  it('is over when the browser begins anew', async () => {
    const first = await begin();
    const second = await begin(jar(first));
    expect((await finish(jar(first))).body).to.deep.equal(NOTHING);
    expect((await finish(jar(second))).body.user.kept.state).to.equal(stateOf(second));
  });

  it('goes on where a strategy sends the browser away once more', async () => {
    const first = await begin();
    const again = await app.http.get('/auth/one/elsewhere?code=c&again=1').set(jar(first)).expect(303);
    expect(jar(again)).to.not.deep.equal(jar(first));
    expect((await finish(jar(first))).body).to.deep.equal(NOTHING);
    expect((await finish(jar(again))).body.user.kept.state).to.equal(stateOf(first));
  });

  it('has nothing in the database that can be presented (hold 34)', async () => {
    const before = await rows();
    const begun = await begin();
    const [{ name, value } = { name: '', value: '' }] = cookiesOf(begun);
    expect(value).to.match(/^[\w-]{43}$/);
    expect(JSON.stringify(await databaseContents(app.connection))).to.not.include(value);
    const stored = (await rows()).filter(
      (row) => !before.some((each) => JSON.stringify(each) === JSON.stringify(row)),
    );
    expect(stored).to.have.length(1);
    for (const presented of Object.values(stored[0] as object)) {
      expect((await finish({ cookie: `${name}=${encodeURIComponent(presented)}` })).body).to.deep.equal(
        NOTHING,
      );
    }
    expect((await finish(jar(begun))).body.type).to.equal('success');
  });

  it('leaves nothing behind when it is over', async () => {
    const before = await rows();
    await finish(jar(await begin()));
    expect(await rows()).to.deep.equal(before);
  });

  it('stores nothing for who comes to a callback without having begun', async () => {
    const before = await rows();
    await finish();
    expect(await rows()).to.deep.equal(before);
  });

  it('neither shows a strategy the session of the app, nor writes to it', async () => {
    const { body } = await finish(jar(await begin()));
    expect(body.user.left).to.deep.equal([]);
    expect(sessions.slice(-2)).to.deep.equal([{ of: 'the app' }, { of: 'the app' }]);
  });

  describe('sets a cookie', () => {
    it('that scripts and other sites’ requests do not have, for ten minutes, by https alone', async () => {
      const [{ value, ...flags } = { value: '' }, ...more] = cookiesOf(await begin());
      expect(more).to.deep.equal([]);
      expect(value).to.match(/^[\w-]{43}$/);
      expect(flags).to.deep.equal({
        name: '__Host-auth-redirect',
        httpOnly: true,
        secure: true,
        sameSite: 'lax',
        path: '/',
        maxAge: 600,
      });
    });

    it('that is of no host where the app is served by http: browsers would not take it', async () => {
      const plain = await createTestApp({ features: [providers], appUrl: 'http://localhost:3000' });
      try {
        const begun = await plain.http.get('/auth/one/begin');
        const [{ value: _value, ...flags } = {}] = cookiesOf(begun);
        expect(flags).to.deep.equal({
          name: 'auth-redirect',
          httpOnly: true,
          sameSite: 'lax',
          path: '/',
          maxAge: 600,
        });
        const { body } = await plain.http.get('/auth/one/callback?code=c').set(jar(begun));
        expect(body.type).to.equal('success');
      } finally {
        await plain.close();
      }
    });

    it('whatever the request says of how it came', async () => {
      const [{ name, secure } = {}] = cookiesOf(await begin({ 'x-forwarded-proto': 'http' }));
      expect([name, secure]).to.deep.equal(['__Host-auth-redirect', true]);
    });

    it('with another value each time', async () => {
      const begun = await Promise.all(Array.from({ length: 20 }, () => begin()));
      expect(new Set(begun.map((each) => jar(each).cookie)).size).to.equal(20);
    });

    for (const [how, query] of [
      ['succeeds', 'code=c'],
      ['fails', 'error=access_denied'],
      ['passes', 'error=pass'],
    ] as const) {
      it(`and clears it when the strategy ${how}`, async () => {
        const [cleared, ...more] = cookiesOf(await finish(jar(await begin()), 'one', query));
        expect(more).to.deep.equal([]);
        // By the same name, path and flags, or the browser would keep it.
        expect(cleared).to.deep.equal({
          name: '__Host-auth-redirect',
          value: '',
          httpOnly: true,
          secure: true,
          sameSite: 'lax',
          path: '/',
          maxAge: 0,
        });
      });
    }

    it('and none where there is nothing to clear', async () => {
      expect(cookiesOf(await finish())).to.deep.equal([]);
      expect(cookiesOf(await finish({ cookie: 'theme=dark' }))).to.deep.equal([]);
    });
  });

  it('leaves what a strategy says is an error to the error handler of the app', async () => {
    const cookie = jar(await begin());
    const broken = await finish(cookie, 'one', 'error=broken');
    expect([broken.status, broken.body]).to.deep.equal([500, { handled: 'the provider is down' }]);
    expect((await finish(cookie)).body).to.deep.equal(NOTHING);
  });
});

describe('the redirect flow beside the cookies of the app', () => {
  it('reads its own among them, and those that the app sets stay', async () => {
    const app = await createTestApp({
      features: [providers],
      prepare: (each) =>
        each.use((_req, res, next) => {
          res.cookie('theme', 'dark');
          next();
        }),
    });
    try {
      const begun = await app.http.get('/auth/one/begin');
      expect(cookiesOf(begun).map(({ name }) => name)).to.have.members(['theme', '__Host-auth-redirect']);
      const { cookie } = jar(begun);
      const { body } = await app.http.get('/auth/one/callback?code=c').set({ cookie: `${cookie}; a=b` });
      expect(body.type).to.equal('success');
    } finally {
      await app.close();
    }
  });
});
