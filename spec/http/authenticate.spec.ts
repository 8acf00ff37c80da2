import { expect } from 'chai';
import jwt from 'jsonwebtoken';
import { Strategy } from 'passport';
import { createAuthenticator, type Shown } from '../../lib/http/authenticate.js';
import { failureOf } from '../support/failure.js';
import { createTestApp, type TestApp } from '../support/test-app.js';

/** A strategy that does what it is told, at once or later. */
class Told extends Strategy {
  readonly act: (this: Told, req: { body: { user?: string }; query: object; session?: object }) => unknown;

  constructor(act: Told['act']) {
    super();
    this.act = act;
  }

  override authenticate(req: unknown): unknown {
    return this.act(req as Parameters<Told['act']>[0]);
  }
}

/**
 * What nobody has caught in a spec: outside any promise of ours, it would end the process of the app. Mocha's own
 * listeners are put aside for the time, who would fail the spec before it can tell.
 */
function watchUncaught(): () => unknown[] {
  const names = ['uncaughtException', 'unhandledRejection'] as const;
  let others: NodeJS.UncaughtExceptionListener[][];
  let uncaught: unknown[];
  const note = (error: unknown) => void uncaught.push(error);
  beforeEach(() => {
    uncaught = [];
    others = names.map((name) => process.listeners(name as 'uncaughtException'));
    for (const name of names) process.removeAllListeners(name).on(name, note);
  });
  afterEach(() => {
    names.forEach((name, index) => {
      process.off(name, note);
      for (const listener of others[index] ?? []) process.on(name as 'uncaughtException', listener);
    });
  });
  return () => uncaught;
}

describe('createAuthenticator', () => {
  const askShown = (act: Told['act'], shown?: Shown) => {
    const authenticator = createAuthenticator();
    authenticator.use('told', new Told(act));
    return authenticator.authenticate('told', { headers: {} }, shown);
  };
  const ask = (act: Told['act'], body?: object) => askShown(act, { body });

  it('gives the user of a strategy that succeeds', async () => {
    const user = { id: 1 };
    const outcome = await ask(function () {
      this.success(user as never);
    });
    expect(outcome).to.deep.equal({ type: 'success', user });
  });

  const reasons: [what: string, challenge: unknown, reason: string][] = [
    ['a string', 'no such user', 'no such user'],
    ['an object', { message: 'no such user' }, 'no such user'],
    ['an error', new Error('jwt malformed'), 'jwt malformed'],
    ['nothing', undefined, 'undefined'],
  ];
  for (const [what, challenge, reason] of reasons) {
    it(`gives the reason of a strategy that fails with ${what}`, async () => {
      const outcome = await ask(function () {
        this.fail(challenge as string);
      });
      expect(outcome).to.deep.equal({ type: 'failure', reason });
    });
  }

  it('rejects with what a strategy says went wrong, and with what it throws', async () => {
    const error = new Error('the directory is down');
    const said = await failureOf(() =>
      ask(function () {
        this.error(error);
      }),
    );
    const thrown = await failureOf(() =>
      ask(() => {
        throw error;
      }),
    );
    expect([said, thrown]).to.deep.equal([error, error]);
  });

  const later = () => new Promise<void>((resolve) => setImmediate(resolve));

  it('rejects with what a strategy says went wrong after it has waited for something', async () => {
    const error = new Error('the directory is down');
    const answer = ask(function () {
      later()
        .then(() => Promise.reject(error))
        .catch((reason) => this.error(reason));
    });
    expect(await failureOf(() => answer)).to.equal(error);
  });

  it('passes where a strategy has nothing to say, at once or later', async () => {
    const atOnce = await ask(function () {
      this.pass();
    });
    const waiting = await ask(async function () {
      await later();
      this.pass();
    });
    expect([atOnce, waiting]).to.deep.equal([{ type: 'pass' }, { type: 'pass' }]);
  });

  it('gives the user and the reason of strategies that have waited for something', async () => {
    const user = { id: 1 };
    const success = await ask(async function () {
      await later();
      this.success(user as never);
    });
    const failure = await ask(async function () {
      await later();
      this.fail('no such user');
    });
    expect([success, failure]).to.deep.equal([
      { type: 'success', user },
      { type: 'failure', reason: 'no such user' },
    ]);
  });

  describe('for a strategy that is an async function', () => {
    const uncaught = watchUncaught();

    it('rejects with what it rejects with, and leaves nothing unhandled', async () => {
      const error = new Error('the directory is down');
      const answer = ask(async () => {
        await later();
        throw error;
      }).catch((reason: unknown) => reason);
      // Two turns after it has broken off, whoever asked must know: nothing else will come.
      const waited = later().then(later).then(later);
      expect(await Promise.race([answer, waited.then(() => 'still waiting')])).to.equal(error);
      expect(uncaught()).to.deep.equal([]);
    });
  });

  describe('for a strategy that sends the browser elsewhere', () => {
    const url = 'https://provider.example/authorize?client_id=a%20b&state=%C3%A9';
    const uncaught = watchUncaught();

    const redirecting: Record<string, (redirect: () => void) => unknown> = {
      'at once': (redirect) => redirect(),
      'after an await': async (redirect) => {
        await later();
        redirect();
      },
      'in a callback': (redirect) => void setImmediate(redirect),
    };
    for (const [when, run] of Object.entries(redirecting)) {
      it(`gives where to, ${when}, and throws nothing outside its promise`, async () => {
        const outcome = await ask(function () {
          return run(() => this.redirect(url));
        });
        await later();
        expect(outcome).to.deep.equal({ type: 'redirect', url, status: 302 });
        expect(uncaught()).to.deep.equal([]);
      });
    }

    it('gives the status that it redirects by', async () => {
      const outcome = await ask(function () {
        this.redirect(url, 303);
      });
      expect(outcome).to.deep.equal({ type: 'redirect', url, status: 303 });
    });

    it('keeps the outcomes of many apart', async () => {
      const authenticator = createAuthenticator();
      const strategy = new Told(async function ({ query }) {
        await later();
        const { to } = query as { to: string };
        this.redirect(to, Number(to) % 2 === 0 ? 302 : 303);
      });
      authenticator.use('told', strategy);
      const asked = Array.from({ length: 20 }, (_, index) =>
        authenticator.authenticate('told', { headers: {} }, { query: { to: String(index) } }),
      );
      expect(await Promise.all(asked)).to.deep.equal(
        asked.map((_, index) => ({ type: 'redirect', url: `${index}`, status: 302 + (index % 2) })),
      );
    });
  });

  it('shows a strategy the query and the session it is given, and keeps what it writes there', async () => {
    const session: Record<string, unknown> = { state: 'kept' };
    let shown: object | undefined;
    await askShown(
      function (req) {
        shown = { query: req.query, session: { ...req.session } };
        Object.assign(req.session as object, { nonce: 'new' });
        this.fail('');
      },
      { query: { code: 'c' }, session },
    );
    expect(shown).to.deep.equal({ query: { code: 'c' }, session: { state: 'kept' } });
    expect(session).to.deep.equal({ state: 'kept', nonce: 'new' });
  });

  it('shows a strategy no body, no query string and no session where none is given', async () => {
    const authenticator = createAuthenticator();
    let shown: object | undefined;
    authenticator.use(
      'told',
      new Told(function ({ body, query, session }) {
        shown = { body, query, session };
        this.fail('');
      }),
    );
    const own = { headers: {}, body: { a: 1 }, query: { code: 'c' }, session: { of: 'the app' } };
    await authenticator.authenticate('told', own);
    expect(shown).to.deep.equal({ body: {}, query: {}, session: undefined });
    expect(own).to.deep.equal({
      headers: {},
      body: { a: 1 },
      query: { code: 'c' },
      session: { of: 'the app' },
    });
  });

  it('shows a strategy the rest of the request, and leaves it as it is', async () => {
    const authenticator = createAuthenticator();
    let url: unknown;
    authenticator.use(
      'told',
      new Told(function (req) {
        ({ originalUrl: url } = req as never);
        Object.assign(req, { account: 'of the strategy' });
        this.fail('');
      }),
    );
    const own = { headers: {}, originalUrl: '/callback?code=c' };
    await authenticator.authenticate('told', own);
    expect(url).to.equal('/callback?code=c');
    expect(Object.keys(own)).to.deep.equal(['headers', 'originalUrl']);
  });

  it('shows a strategy the body it is given and no query string (hold 19)', async () => {
    let shown: object | undefined;
    await ask(
      function ({ body, query }) {
        shown = { body, query };
        this.fail('');
      },
      { user: 'a' },
    );
    expect(shown).to.deep.equal({ body: { user: 'a' }, query: {} });
  });

  it('refuses a second strategy of one name', () => {
    const authenticator = createAuthenticator();
    const strategy = new Told(() => {});
    authenticator.use('told', strategy);
    expect(() => authenticator.use('told', strategy)).to.throw('two features claim the strategy told');
  });

  it('is apart from the passport of the app, and from other authenticators', async () => {
    const { default: passport } = await import('passport');
    createAuthenticator().use('told', new Told(() => {}));
    expect(Object.keys((passport as unknown as { _strategies: object })._strategies)).to.not.include('told');
    const error = await failureOf(() => createAuthenticator().authenticate('told', { headers: {} }));
    expect(error.message).to.match(/told/);
  });

  it('does not mix up the requests in flight', async () => {
    const authenticator = createAuthenticator();
    const waiting: (() => void)[] = [];
    const strategy = new Told(function ({ body }) {
      waiting.push(() => this.success({ name: body.user } as never));
    });
    authenticator.use('told', strategy);
    const names = Array.from({ length: 50 }, (_, index) => `user ${index}`);
    const asked = names.map((user) =>
      authenticator.authenticate<{ name: string }>('told', { headers: {} }, { body: { user } }),
    );
    // The last that came is answered first.
    for (const answer of waiting.reverse()) answer();
    const outcomes = await Promise.all(asked);
    expect(outcomes.map(({ user }) => user?.name)).to.deep.equal(names);
  });
});

describe('logins in flight', () => {
  let app: TestApp;
  let users: unknown[];

  before(async () => {
    app = await createTestApp({
      prepare: (each) =>
        each.use((req, res, next) => {
          req.user = { email: 'of the app' } as never;
          res.once('finish', () => users.push(req.user));
          next();
        }),
    });
  });
  after(() => app.close());
  beforeEach(() => {
    users = [];
  });

  it('are each answered for their own user', async () => {
    const accounts = await Promise.all(Array.from({ length: 30 }, () => app.register()));
    const pairs = await Promise.all(accounts.map((account) => app.login(account)));
    const subjects = pairs.map(({ access_token }) => (jwt.decode(access_token) as jwt.JwtPayload).sub);
    expect(subjects).to.deep.equal(accounts.map(({ id }) => id));
  });

  it('leave the user of the app\u2019s own request as it is', async () => {
    const account = await app.register();
    users = [];
    await app.login(account);
    expect(users).to.deep.equal([{ email: 'of the app' }]);
  });
});
