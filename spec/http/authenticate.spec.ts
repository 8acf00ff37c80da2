import { expect } from 'chai';
import jwt from 'jsonwebtoken';
import { Strategy } from 'passport';
import { createAuthenticator } from '../../lib/http/authenticate.js';
import { failureOf } from '../support/failure.js';
import { createTestApp, type TestApp } from '../support/test-app.js';

/** A strategy that does what it is told, at once or later. */
class Told extends Strategy {
  readonly act: (this: Told, req: { body: { user?: string }; query: object }) => void;

  constructor(act: Told['act']) {
    super();
    this.act = act;
  }

  override authenticate(req: unknown): void {
    this.act(req as Parameters<Told['act']>[0]);
  }
}

describe('createAuthenticator', () => {
  const ask = (act: Told['act'], body?: object) => {
    const authenticator = createAuthenticator();
    authenticator.use('told', new Told(act));
    return authenticator.authenticate('told', { headers: {} }, body);
  };

  it('gives the user of a strategy that succeeds', async () => {
    const user = { id: 1 };
    const outcome = await ask(function () {
      this.success(user as never);
    });
    expect(outcome).to.deep.equal({ user });
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
      expect(outcome).to.deep.equal({ user: undefined, reason });
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
      authenticator.authenticate<{ name: string }>('told', { headers: {} }, { user }),
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
