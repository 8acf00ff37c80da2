import { randomBytes } from 'node:crypto';
import { expect } from 'chai';
import express, { type ErrorRequestHandler, type Request } from 'express';
import { baseUserPlugin, createAuthRouter } from 'express-auth-kit';
import { loginAs } from 'express-auth-kit/testing';
import jwt from 'jsonwebtoken';
import { Schema, Types } from 'mongoose';
import { recordCommands } from '../support/commands.js';
import { createTestDatabase } from '../support/database.js';
import { bearer, createTestApp, PASSWORD, serve, type TestApp } from '../support/test-app.js';
import { expectProblem, expectRefusal } from './expect-refusal.js';

const SECOND = 1000;
const SILENT = { warn() {} };

describe('the guards', () => {
  let app: TestApp;
  /** The last request that passed a guard of `/seen/...`. */
  let seen: Request | undefined;

  before(async () => {
    app = await createTestApp({
      finish(each, auth) {
        const { requireUser, optionalUser, requireClaims, requireRole, requireRecentLogin, handler } = auth;
        each.get('/seen/verified', auth.requireVerified, (_req, res) => void res.json({}));
        const see: express.RequestHandler = (req, res) => {
          seen = req;
          res.json({ user: req.user?.email ?? null, auth: req.auth ?? null });
        };
        each.get('/seen/user', requireUser, see);
        each.all('/seen/page', auth.requireUserOr('/login'), see);
        each.get('/seen/page-of-german', auth.requireUserOr('/login?lang=de'), see);
        each.get('/seen/optional', optionalUser, see);
        each.get(
          '/seen/stranger',
          (req, _res, next) => {
            Object.assign(req, { user: { email: 'stranger@example.com' }, auth: { sub: 'stranger' } });
            next();
          },
          optionalUser,
          see,
        );
        each.get('/seen/claims', requireClaims, see);
        each.get('/seen/role', requireRole('admin', 'editor'), see);
        each.get('/seen/no-role', requireRole(), see);
        each.get('/seen/recent', requireRecentLogin({ seconds: 300 }), see);
        each.get(
          '/seen/all',
          requireUser,
          optionalUser,
          requireRole('admin'),
          requireRecentLogin({ seconds: 9 }),
          see,
        );
        each.get(
          '/seen/between',
          requireUser,
          async (req, _res, next) => {
            const user = await app.User.findById((req.user as unknown as { id: string }).id);
            await user?.set('phone', 'from between').save();
            next();
          },
          requireRole('admin'),
          see,
        );
        each.get(
          '/typed',
          handler((req, res) => {
            res.json({ phone: req.user.phone, email: req.user.email, sid: req.auth.sid });
          }),
        );
        each.get(
          '/throws/:how',
          handler(async (req, _res, next) => {
            if (req.params.how === 'next') return next(new Error('by next'));
            if (req.params.how === 'nothing') return Promise.reject();
            await Promise.resolve();
            throw new Error('by throwing');
          }),
        );
        each.get(
          '/passes-on',
          handler((_req, _res, next) => next()),
          see,
        );
        each.use(((error, _req, res, _next) => {
          res.status(500).json({ handled: error.message });
        }) satisfies ErrorRequestHandler);
      },
    });
  });
  after(() => app.close());
  beforeEach(() => {
    seen = undefined;
  });

  const get = (path: string, access_token?: string) => {
    const request = app.http.get(path);
    return access_token ? request.set(bearer(access_token)) : request;
  };
  const giveRoles = (email: string, roles: unknown) =>
    app.connection.collection('users').updateOne({ email }, { $set: { roles } });

  describe('requireUser', () => {
    it('gives the user as a document of the app\u2019s model, without its hash, and the claims', async () => {
      const { id, email, access_token } = await app.signUp({ phone: '1' });
      const { body } = await get('/seen/user', access_token).expect(200);
      expect(body).to.deep.equal({ user: email, auth: jwt.decode(access_token) });
      const user = seen?.user as unknown as InstanceType<typeof app.User> & { password?: string };
      expect(user).to.be.an.instanceOf(app.User);
      expect([user.id, user.phone, user.password]).to.deep.equal([id, '1', undefined]);
      expect(JSON.stringify(user)).to.not.match(/\$2b\$|password|securityStamp|_id|__v/);
      user.phone = '2';
      await user.save();
      expect((await app.User.findById(id))?.phone).to.equal('2');
      await app.login({ email, password: PASSWORD });
    });

    it('refuses a request without credentials by a challenge without error (hold 12)', async () => {
      expectRefusal(await get('/seen/user'), 'missing_token');
      expectRefusal(await get('/seen/user').set('authorization', ''), 'missing_token');
      expect(seen).to.equal(undefined);
    });

    it('looks for the token in the header alone (hold 13)', async () => {
      const { access_token } = await app.signUp();
      const elsewhere = app.http
        .get('/seen/user')
        .query({ access_token, token: access_token, authorization: `Bearer ${access_token}` })
        .set('cookie', `access_token=${access_token}`)
        .set('x-access-token', access_token)
        .send({ access_token });
      expectRefusal(await elsewhere, 'missing_token');
    });

    const malformed: Record<string, (token: string) => string> = {
      'with something after the token': (token) => `Bearer ${token} extra`,
      'with the scheme alone': () => 'Bearer',
      'of another scheme': (token) => `Basic ${token}`,
      'of Basic with good credentials': () => `Basic ${Buffer.from(`a:${PASSWORD}`).toString('base64')}`,
      'with the token alone': (token) => token,
      'with two tokens': (token) => `Bearer ${token}, Bearer ${token}`,
      'with two spaces': (token) => `Bearer  ${token}`,
    };
    for (const [what, header] of Object.entries(malformed)) {
      it(`refuses a header ${what}: error="invalid_token" (holds 12, 13)`, async () => {
        const { access_token } = await app.signUp();
        expectRefusal(await get('/seen/user').set('authorization', header(access_token)), 'invalid_token');
        expect(seen).to.equal(undefined);
      });
    }

    const wrong: Record<string, (user: Awaited<ReturnType<TestApp['signUp']>>) => string | Promise<string>> =
      {
        'a refresh token (hold 6)': ({ refresh_token }) => refresh_token,
        'a recovery token (hold 6)': ({ email }) => app.resetToken(email),
        'what is no token': () => 'abc.def.ghi',
        'a token without its signature (hold 4)': ({ access_token }) => access_token.replace(/[^.]+$/, ''),
        'a token with another payload (hold 4)': async ({ access_token }) => {
          const other = await app.signUp();
          const [header, , signature] = access_token.split('.');
          return [header, other.access_token.split('.')[1], signature].join('.');
        },
        'an expired token': ({ access_token }) => {
          app.clock.advance(900 * SECOND);
          return access_token;
        },
      };
    for (const [what, tokenOf] of Object.entries(wrong)) {
      it(`refuses ${what}`, async () => {
        const token = await tokenOf(await app.signUp());
        expectRefusal(await get('/seen/user', token), 'invalid_token');
        expect(seen).to.equal(undefined);
      });
    }

    it('refuses an expired token under the real clock too', async () => {
      const secretKey = randomBytes(32).toString('base64');
      const options = { User: app.User, secretKey, logger: SILENT };
      const clock = { now: () => Date.now() - 901 * SECOND };
      const past = createAuthRouter({ ...options, clock });
      const present = createAuthRouter(options);
      const other = express().get('/', present.requireUser, (_req, res) => void res.end());
      const served = await serve(other);
      try {
        const { id } = await app.register();
        expectRefusal(await served.http.get('/').set(await loginAs(past, id)), 'invalid_token');
        await served.http
          .get('/')
          .set(await loginAs(present, id))
          .expect(200);
      } finally {
        served.close();
      }
    });

    it('answers by itself where the app has no error handler', async () => {
      const bare = await createTestApp();
      try {
        expectRefusal(await bare.http.get('/protected'), 'missing_token');
        expectRefusal(await bare.http.get('/protected').set(bearer('abc')), 'invalid_token');
      } finally {
        await bare.close();
      }
    });
  });

  describe('optionalUser', () => {
    it('gives the user of a good token', async () => {
      const { email, access_token } = await app.signUp();
      const { body } = await get('/seen/optional', access_token).expect(200);
      expect(body).to.deep.equal({ user: email, auth: jwt.decode(access_token) });
    });

    const anonymous: Record<string, (user: Awaited<ReturnType<TestApp['signUp']>>) => unknown> = {
      'no token': () => undefined,
      'what is no token': () => 'abc',
      'a refresh token': ({ refresh_token }) => refresh_token,
      'a token whose session is over': async ({ access_token }) => {
        await app.http.post('/auth/logout').set(bearer(access_token)).expect(204);
        return access_token;
      },
      'a token of a disabled user': async ({ id, access_token }) => {
        await app.auth.service.disableUser(id);
        return access_token;
      },
    };
    for (const [what, tokenOf] of Object.entries(anonymous)) {
      it(`lets a request with ${what} pass, anonymous`, async () => {
        const token = (await tokenOf(await app.signUp())) as string | undefined;
        const { body } = await get('/seen/optional', token).expect(200);
        expect(body).to.deep.equal({ user: null, auth: null });
      });

      it(`leaves nobody whom something else has put there with ${what} (hold 75)`, async () => {
        const token = (await tokenOf(await app.signUp())) as string | undefined;
        const { body } = await get('/seen/stranger', token).expect(200);
        expect(body).to.deep.equal({ user: null, auth: null });
        expect(seen).to.not.have.any.keys('user', 'auth');
      });
    }

    it('puts the user of a good token in the place of whoever is there', async () => {
      const { email, access_token } = await app.signUp();
      const { body } = await get('/seen/stranger', access_token).expect(200);
      expect(body).to.deep.equal({ user: email, auth: jwt.decode(access_token) });
    });
  });

  describe('requireClaims', () => {
    it('gives the claims, no user, and asks the database nothing', async () => {
      const { access_token } = await app.signUp();
      const commands = await recordCommands(app.connection, async () => {
        const { body } = await get('/seen/claims', access_token).expect(200);
        expect(body).to.deep.equal({ user: null, auth: jwt.decode(access_token) });
      });
      expect(commands).to.deep.equal([]);
    });

    it('does not feel a logout before the token expires', async () => {
      const { access_token } = await app.signUp();
      await app.http.post('/auth/logout').set(bearer(access_token)).expect(204);
      await get('/seen/claims', access_token).expect(200);
      app.clock.advance(900 * SECOND);
      expectRefusal(await get('/seen/claims', access_token), 'invalid_token');
    });

    it('refuses as requireUser does', async () => {
      const { refresh_token } = await app.signUp();
      expectRefusal(await get('/seen/claims'), 'missing_token');
      expectRefusal(await get('/seen/claims', refresh_token), 'invalid_token');
      expectRefusal(await get('/seen/claims', 'abc'), 'invalid_token');
    });
  });

  describe('requireRole', () => {
    it('lets who has one of the roles pass', async () => {
      const { email, access_token } = await app.signUp();
      await giveRoles(email, ['reader', 'editor']);
      await get('/seen/role', access_token).expect(200);
    });

    for (const roles of [[], ['reader'], ['Admin'], ['admin '], null]) {
      it(`refuses who has ${JSON.stringify(roles)}, and does not say what it takes`, async () => {
        const { email, access_token } = await app.signUp();
        await giveRoles(email, roles);
        const response = await get('/seen/role', access_token);
        expectRefusal(response, 'insufficient_role');
        expect(response.text).to.not.match(/admin|editor/);
        expect(seen).to.equal(undefined);
      });
    }

    it('asks the database, not the token: a role that was taken is gone at once', async () => {
      const { email, access_token } = await app.signUp();
      await giveRoles(email, ['admin']);
      await get('/seen/role', access_token).expect(200);
      await giveRoles(email, []);
      expectRefusal(await get('/seen/role', access_token), 'insufficient_role');
    });

    it('implies requireUser', async () => {
      const { id, email, access_token } = await app.signUp();
      await giveRoles(email, ['admin']);
      expectRefusal(await get('/seen/role'), 'missing_token');
      await app.auth.service.revokeSessions(id);
      expectRefusal(await get('/seen/role', access_token), 'invalid_token');
    });

    it('lets nobody pass where it names no role', async () => {
      const { email, access_token } = await app.signUp();
      await giveRoles(email, ['admin']);
      expectRefusal(await get('/seen/no-role', access_token), 'insufficient_role');
    });
  });

  describe('requireRecentLogin', () => {
    const refused = {
      status: 401,
      code: 'insufficient_user_authentication',
      detail: 'A more recent login is required',
    };
    const challenge = 'Bearer error="insufficient_user_authentication", max_age="300"';

    it('asks for a new login when the last is too old, by RFC 9470', async () => {
      const user = await app.signUp();
      app.clock.advance(300 * SECOND);
      await get('/seen/recent', user.access_token).expect(200);
      app.clock.advance(1);
      expectProblem(await get('/seen/recent', user.access_token), refused, challenge);
      const { access_token } = await app.login(user);
      await get('/seen/recent', access_token).expect(200);
    });

    it('counts from the login: a refresh is none', async () => {
      const { refresh_token } = await app.signUp();
      app.clock.advance(301 * SECOND);
      const { body } = await app.http.post('/auth/refresh').send({ refresh_token }).expect(200);
      expectProblem(await get('/seen/recent', body.access_token), refused, challenge);
    });

    it('implies requireUser', async () => {
      expectRefusal(await get('/seen/recent'), 'missing_token');
      expectRefusal(await get('/seen/recent', 'abc'), 'invalid_token');
    });

    it('and the typed handler are not made of nothing', () => {
      expect(() => app.auth.handler(undefined as never)).to.throw(
        TypeError,
        'handler: undefined given; allowed: a function',
      );
    });

    for (const seconds of [undefined, null, '300', Number.NaN, Number.POSITIVE_INFINITY, -1, 0.5]) {
      it(`is not made for ${seconds} seconds: every login would be recent, or none`, () => {
        expect(() => app.auth.requireRecentLogin({ seconds: seconds as number })).to.throw(
          TypeError,
          /seconds: .* given; allowed: a whole number of seconds/,
        );
      });
    }
  });

  describe('requireVerified', () => {
    const verify = (email: string, emailVerifiedAt: unknown) =>
      app.connection.collection('users').updateOne({ email }, { $set: { emailVerifiedAt } });

    it('lets who has verified the address pass, and asks the database each time', async () => {
      const { email, access_token } = await app.signUp();
      for (const [at, status] of [
        [null, 403],
        [new Date(), 200],
        [null, 403],
      ] as const) {
        await verify(email, at);
        const response = await get('/seen/verified', access_token);
        if (status === 403) expectRefusal(response, 'email_not_verified');
        else expect(response.status).to.equal(200);
      }
    });

    it('implies requireUser', async () => {
      const { id, email, access_token } = await app.signUp();
      await verify(email, new Date());
      expectRefusal(await get('/seen/verified'), 'missing_token');
      await app.auth.service.revokeSessions(id);
      expectRefusal(await get('/seen/verified', access_token), 'invalid_token');
    });
  });

  describe('requireUserOr', () => {
    const PAGE = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8';
    const page = (path: string) => app.http.get(path).set('Accept', PAGE);

    it('sends a browser to the login, with where it wanted to go', async () => {
      for (const path of ['/seen/page', '/seen/page?tab=2&sort=a%26b']) {
        const answer = await page(path);
        expect([answer.status, answer.headers.location]).to.deep.equal([
          303,
          `/login?return_to=${encodeURIComponent(path)}`,
        ]);
        expect(answer.headers).to.include({ 'cache-control': 'no-store', vary: 'Accept' });
      }
      expect((await page('/seen/page-of-german')).headers.location).to.equal(
        '/login?lang=de&return_to=%2Fseen%2Fpage-of-german',
      );
    });

    it('sends it there also by a token that is no good, and lets a good one pass', async () => {
      const { access_token } = await app.signUp();
      expect((await page('/seen/page').set(bearer('abc'))).status).to.equal(303);
      expect((await page('/seen/page').set(bearer(access_token))).status).to.equal(200);
    });

    it('has no page to come back to for a form that was posted', async () => {
      const answer = await app.http.post('/seen/page').set('Accept', PAGE);
      expect([answer.status, answer.headers.location]).to.deep.equal([303, '/login']);
    });

    it('is requireUser for what takes anything', async () => {
      for (const accept of ['application/json', '*/*', 'application/json, text/html'])
        expectRefusal(await app.http.get('/seen/page').set('Accept', accept), 'missing_token');
      expectRefusal(await app.http.get('/seen/page'), 'missing_token');
    });

    for (const path of [
      'login',
      '//evil.example',
      '/\\evil.example',
      'https://evil.example/',
      '',
      '/a b',
      undefined,
      7,
    ]) {
      it(`refuses ${JSON.stringify(path)} when the app is built (hold 102)`, () => {
        expect(() => app.auth.requireUserOr(path as never)).to.throw(
          TypeError,
          /^requireUserOr: .+ given; allowed: a path of the app, e\.g\. \/login$/,
        );
      });
    }
  });

  describe('handler', () => {
    it('gives a typed user and the claims', async () => {
      const { email, access_token } = await app.signUp({ phone: '1' });
      const { body } = await get('/typed', access_token).expect(200);
      expect(body).to.deep.equal({
        phone: '1',
        email,
        sid: (jwt.decode(access_token) as jwt.JwtPayload).sid,
      });
    });

    it('refuses as requireUser does', async () => {
      expectRefusal(await get('/typed'), 'missing_token');
      expectRefusal(await get('/typed', 'abc'), 'invalid_token');
    });

    it('hands what is thrown or passed on to the error handler of the app', async () => {
      const { access_token } = await app.signUp();
      await get('/throws/async', access_token).expect(500, { handled: 'by throwing' });
      await get('/throws/next', access_token).expect(500, { handled: 'by next' });
      // What is rejected with nothing must not pass for done.
      await get('/throws/nothing', access_token).expect(500, {
        handled: 'the handler rejected with nothing',
      });
    });

    it('may pass on to the next handler', async () => {
      const { email, access_token } = await app.signUp();
      const { body } = await get('/passes-on', access_token).expect(200);
      expect(body.user).to.equal(email);
    });
  });

  describe('in a row', () => {
    it('load user and session once', async () => {
      const { email, access_token } = await app.signUp();
      await giveRoles(email, ['admin']);
      const commands = await recordCommands(app.connection, () => get('/seen/all', access_token).expect(200));
      const asked = commands.map(({ collection }) => collection);
      expect(asked.sort()).to.deep.equal(['auth_sessions', 'users']);
    });

    it('note once that a refresh has arrived, off the path; requireClaims notes nothing (hold 37)', async () => {
      const { email, refresh_token, access_token } = await app.signUp();
      await giveRoles(email, ['admin']);
      const commandsOf = async (path: string, token: string) => {
        const commands = await recordCommands(app.connection, async () => {
          await get(path, token).expect(200);
          await app.auth.service.settled();
        });
        // Waiting for it also looks for mails.
        const asked = commands.filter(({ collection }) => collection !== 'auth_outbox');
        return asked.map(({ name, collection }) => `${name} ${collection}`).sort();
      };
      const reads = ['find auth_sessions', 'find users'];
      expect(await commandsOf('/seen/all', access_token)).to.deep.equal(reads);
      const { body } = await app.http.post('/auth/refresh').send({ refresh_token }).expect(200);
      expect(await commandsOf('/seen/all', access_token)).to.deep.equal(reads);
      expect(await commandsOf('/seen/claims', body.access_token)).to.deep.equal([]);
      const noting = [...reads, 'findAndModify auth_sessions'].sort();
      expect(await commandsOf('/seen/all', body.access_token)).to.deep.equal(noting);
      expect(await commandsOf('/seen/all', body.access_token)).to.deep.equal(reads);
    });

    it('let the app work with the database in between', async () => {
      const { id, email, access_token } = await app.signUp();
      await giveRoles(email, ['admin']);
      const { body } = await get('/seen/between', access_token).expect(200);
      expect(body.user).to.equal(email);
      expect((await app.User.findById(id))?.phone).to.equal('from between');
    });

    it('do not mix up the users of requests in flight', async () => {
      const users = await Promise.all(Array.from({ length: 20 }, () => app.signUp()));
      const rounds = [...users, ...users, ...users];
      const answers = await Promise.all(rounds.map(({ access_token }) => get('/seen/user', access_token)));
      expect(answers.map(({ body }) => body.user)).to.deep.equal(rounds.map(({ email }) => email));
    });
  });

  describe('while the database is away', () => {
    it('answer 503, never 401 and never anonymous; requireClaims works (hold 67)', async () => {
      const { access_token, refresh_token } = await app.signUp();
      await app.connection.close();
      try {
        const paths = [
          '/seen/user',
          '/seen/optional',
          '/seen/role',
          '/seen/recent',
          '/seen/verified',
          '/seen/page',
          '/typed',
          '/auth/me',
        ];
        const [claims, refresh, ...others] = await Promise.all([
          get('/seen/claims', access_token),
          app.http.post('/auth/refresh').send({ refresh_token }),
          ...paths.map((path) => get(path, access_token)),
        ]);
        expect(claims.status).to.equal(200);
        for (const response of [refresh, ...others]) expectRefusal(response, 'unavailable');
        await get('/seen/optional').expect(200, { user: null, auth: null });
        expectRefusal(await get('/seen/user', 'abc'), 'invalid_token');
      } finally {
        await app.connection.openUri(app.uri);
      }
      await get('/seen/user', access_token).expect(200);
    });
  });

  describe('of two routers with different users', () => {
    it('do not accept each other\u2019s users, though key, ids and addresses are the same (hold 75)', async () => {
      const { connection, drop } = await createTestDatabase();
      const [Customer, Clerk] = ['Customer', 'Clerk'].map((name) => {
        const schema = new Schema({});
        schema.plugin(baseUserPlugin);
        return connection.model(name, schema);
      }) as [typeof app.User, typeof app.User];
      const secretKey = randomBytes(32).toString('base64');
      const options = { secretKey, password: { bcryptCost: 4 }, logger: SILENT };
      const customers = createAuthRouter({ User: Customer, ...options });
      const clerks = createAuthRouter({ User: Clerk, ...options });
      const see: express.RequestHandler = (req, res) => {
        res.json({ user: req.user?.email ?? null, auth: req.auth ?? null });
      };
      const served = await serve(
        express()
          .use('/customers', customers)
          .use('/clerks', clerks)
          .get('/both', customers.requireUser, clerks.optionalUser, see)
          .get('/either', customers.optionalUser, clerks.optionalUser, see)
          .get('/clerks-first', clerks.optionalUser, customers.optionalUser, see),
      );
      try {
        const _id = new Types.ObjectId();
        const account = { _id, email: 'same@example.com', password: PASSWORD };
        await customers.service.createUser(account);
        await clerks.service.createUser(account);
        const { body } = await served.http
          .post('/customers/token')
          .send({ username: account.email, password: PASSWORD })
          .expect(200);
        const { refresh_token } = body;
        await served.http.get('/customers/me').set(bearer(body.access_token)).expect(200);
        expectRefusal(await served.http.get('/clerks/me').set(bearer(body.access_token)), 'invalid_token');
        expectRefusal(
          await served.http.post('/clerks/refresh').send({ refresh_token }),
          'invalid_refresh_token',
        );
        const seenAt = async (path: string) =>
          (await served.http.get(path).set(bearer(body.access_token)).expect(200)).body;
        const nobody = { user: null, auth: null };
        expect(await seenAt('/both')).to.deep.equal(nobody);
        expect(await seenAt('/either')).to.deep.equal(nobody);
        const found = { user: account.email, auth: jwt.decode(body.access_token) };
        expect(await seenAt('/clerks-first')).to.deep.equal(found);
      } finally {
        served.close();
        await drop();
      }
    });
  });

  for (const [when, mount] of Object.entries({
    before: (each: express.Express, use: () => void) => {
      use();
      each.use(express.json());
    },
    after: (each: express.Express, use: () => void) => {
      each.use(express.json());
      use();
    },
  })) {
    it(`work with the router mounted ${when} express.json()`, async () => {
      const secretKey = randomBytes(32).toString('base64');
      const auth = createAuthRouter({
        User: app.User,
        secretKey,
        password: { bcryptCost: 4 },
        logger: SILENT,
      });
      const each = express();
      mount(each, () => each.use('/auth', auth));
      each.post('/echo', auth.requireUser, (req, res) => res.json(req.body));
      const served = await serve(each);
      try {
        const { email: username, password } = await app.register();
        const { body } = await served.http.post('/auth/token').send({ username, password }).expect(200);
        const { refresh_token } = body;
        await served.http.post('/auth/refresh').send({ refresh_token }).expect(200);
        await served.http.post('/echo').set(bearer(body.access_token)).send({ a: 1 }).expect(200, { a: 1 });
      } finally {
        served.close();
      }
    });
  }
});
