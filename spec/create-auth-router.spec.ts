import { randomBytes } from 'node:crypto';
import { expect } from 'chai';
import express from 'express';
import { baseUserPlugin, baseUserSchema, createAuthRouter } from 'express-auth-kit';
import { defineRoute, type Feature } from 'express-auth-kit/feature';
import { createMailbox } from 'express-auth-kit/testing';
import jwt from 'jsonwebtoken';
import mongoose, { Schema } from 'mongoose';
import request from 'supertest';
import { expectRefusal } from './http/expect-refusal.js';
import { createTestDatabase, type TestDatabase } from './support/database.js';
import { bearer, createTestApp, PASSWORD, serve, type TestApp } from './support/test-app.js';

const SILENT = { warn() {} };
const newSecret = () => randomBytes(32).toString('base64');

describe('createAuthRouter', () => {
  it('with nothing but AUTH_SECRET_KEY is a complete installation on the default connection', async () => {
    const database = await createTestDatabase();
    const before = process.env.AUTH_SECRET_KEY;
    const warnings: Error[] = [];
    const warn = (warning: Error) => warnings.push(warning);
    process.on('warning', warn);
    process.env.AUTH_SECRET_KEY = newSecret();
    const auth = createAuthRouter();
    const served = await serve(express().use('/auth', auth));
    try {
      // Connected after the router was made, as apps do.
      await mongoose.connect(database.uri);
      const account = { email: 'jean@example.com', password: PASSWORD };
      await served.http.post('/auth/register').send(account).expect(201);
      const { body } = await served.http
        .post('/auth/token')
        .send({ username: account.email, password: PASSWORD })
        .expect(200);
      const me = await served.http.get('/auth/me').set(bearer(body.access_token)).expect(200);
      expect(Object.keys(me.body).sort()).to.deep.equal([
        'createdAt',
        'displayName',
        'email',
        'emailVerifiedAt',
        'id',
        'initials',
        'name',
        'roles',
        'updatedAt',
      ]);
      await served.http.post('/auth/refresh').send({ refresh_token: body.refresh_token }).expect(200);
      await served.http.post('/auth/forgot-password').send({ email: account.email }).expect(202);
      const collections = await database.connection.listCollections();
      expect(collections.map(({ name }) => name).sort()).to.deep.equal([
        'auth_counters',
        'auth_one_time_tokens',
        'auth_outbox',
        'auth_sessions',
        'users',
      ]);
      const stored = await database.connection.collection('users').findOne({});
      expect(stored?.password).to.match(/^\$2b\$12\$/);
      const own = warnings.filter(({ name }) => name === 'ExpressAuthKitWarning');
      expect(own.map(({ message }) => message)).to.deep.equal([
        'mails will not be sent: set mail (SMTP_URL, MAIL_FROM) and appUrl (AUTH_APP_URL)',
      ]);
    } finally {
      process.off('warning', warn);
      if (before === undefined) delete process.env.AUTH_SECRET_KEY;
      else process.env.AUTH_SECRET_KEY = before;
      served.close();
      await auth.service.settled();
      await mongoose.connection.close();
      await database.drop();
    }
  });

  it('carries its guards, its services and the profile router', async () => {
    const auth = createAuthRouter({ secretKey: newSecret(), logger: SILENT });
    expect(auth).to.be.a('function');
    expect(auth.me).to.be.a('function');
    for (const name of [
      'requireUser',
      'requireUserOr',
      'optionalUser',
      'requireClaims',
      'requireRole',
      'requireRecentLogin',
      'requireVerified',
      'handler',
      'on',
    ] as const) {
      expect(auth[name], name).to.be.a('function');
    }
    expect(Object.keys(auth.service).sort()).to.deep.equal([
      'answerChallenge',
      'auditTrail',
      'changeEmail',
      'changePassword',
      'close',
      'confirm',
      'confirmEmailChange',
      'createIndexes',
      'createUser',
      'deleteUser',
      'disableUser',
      'enableUser',
      'endSession',
      'ensureUser',
      'findUser',
      'forgotPassword',
      'issueTokens',
      'listSessions',
      'login',
      'logout',
      'refresh',
      'resendVerification',
      'resetPassword',
      'revokeSessions',
      'setPassword',
      'setRoles',
      'settled',
      'undoEmailChange',
      'updateUser',
      'validatePasswordReset',
      'verifyAccessToken',
      'verifyEmail',
    ]);
  });

  it('lets a discriminator with options of its own for JSON show the public user all the same (hold 66)', () => {
    const base = mongoose.createConnection().model('Base', baseUserSchema.clone(), 'users');
    const User = base.discriminator('User', new Schema({ phone: String }, { toJSON: { virtuals: true } }));
    createAuthRouter({ User, secretKey: newSecret(), logger: SILENT });
    const shown = JSON.parse(JSON.stringify(new User({ email: 'a@example.com', phone: '1' })));
    expect(shown).to.include({ email: 'a@example.com', phone: '1', displayName: 'a@example.com' });
    expect(shown).to.not.have.any.keys('_id', '__t', '__v', 'disabledAt', 'securityStamp');
  });

  it('has the profile routes of a feature below /me, with their other names, and nowhere else', async () => {
    const avatar: Feature = {
      name: 'avatar',
      setup: () => ({
        profile: [
          defineRoute({
            method: 'get',
            path: '/avatar',
            aliases: ['/picture'],
            success: 200,
            answer: {},
            handle: async () => ({ body: { here: true } }),
          }),
        ],
      }),
    };
    const app = await createTestApp({ features: [avatar] });
    try {
      for (const path of ['/auth/me/avatar', '/auth/me/picture', '/me/avatar', '/me/picture']) {
        await app.http.get(path).expect(200, { here: true });
      }
      for (const path of ['/auth/avatar', '/auth/picture']) await app.http.get(path).expect(404);
    } finally {
      await app.close();
    }
  });

  const refused: [what: string, options: object, message: RegExp][] = [
    [
      'features that are none',
      { features: ['throttle'] },
      /^features\[0\]: "throttle" given; allowed: a feature/,
    ],
    [
      'an option that it does not know',
      { acessTokenExpireMinutes: 5 },
      /acessTokenExpireMinutes.*accessTokenExpireMinutes/,
    ],
    [
      'verification without mail and appUrl',
      { emailVerification: 'required' },
      /^emailVerification \(or AUTH_EMAIL_VERIFICATION\): "required" needs mail \(SMTP_URL, MAIL_FROM\) and appUrl \(AUTH_APP_URL\)$/,
    ],
    [
      'verification without mail',
      { emailVerification: 'optional', appUrl: 'https://a.example.com' },
      /^emailVerification .*: "optional" needs mail \(SMTP_URL, MAIL_FROM\)$/,
    ],
    [
      'verification with a link for one of its mails alone',
      {
        emailVerification: 'optional',
        mail: { transport: createMailbox().transport, from: 'a@example.com' },
        links: { passwordReset: 'myapp://reset' },
      },
      /^emailVerification .*: "optional" needs appUrl \(AUTH_APP_URL\)$/,
    ],
    ['a user that is no model', { User: {} }, /^User: not a mongoose model/],
    [
      'a model without the base fields',
      { User: mongoose.model('Bare', new Schema({}, { autoCreate: false, autoIndex: false })) },
      /^User: the model Bare lacks/,
    ],
    ['a base field among those to register', { registerFields: ['roles'] }, /^registerFields: "roles"/],
    ['a field that the model does not have', { registerFields: ['phone'] }, /^registerFields: "phone"/],
    ['a password to change by profile', { profileFields: ['password'] }, /^profileFields: "password"/],
  ];
  for (const [what, options, message] of refused) {
    it(`stops the start at ${what}`, () => {
      const start = () => createAuthRouter({ secretKey: newSecret(), logger: SILENT, ...options } as never);
      expect(start).to.throw(TypeError, message);
    });
  }

  it('says how it is mounted to who mounts the function itself', async () => {
    const app = express();
    app.use('/auth', createAuthRouter as never);
    app.use(((error, _req, res, _next) =>
      res.status(500).json(error.message)) as express.ErrorRequestHandler);
    const { body } = await request(app).get('/auth/me').expect(500);
    expect(body).to.equal(
      "createAuthRouter: a request given; mount what it returns: app.use('/auth', createAuthRouter())",
    );
  });

  describe('warns at start', () => {
    const mail = { transport: createMailbox().transport, from: 'a@example.com' };
    const warningsOf = (options: object) => {
      const warnings: string[] = [];
      const logger = { warn: (message: string) => warnings.push(message) };
      createAuthRouter({ secretKey: newSecret(), logger, ...options });
      return warnings;
    };

    it('once, when mails cannot be sent', () => {
      expect(warningsOf({ mail })).to.deep.equal(['mails will not be sent: set appUrl (AUTH_APP_URL)']);
      expect(warningsOf({ appUrl: 'https://a.example.com' })).to.deep.equal([
        'mails will not be sent: set mail (SMTP_URL, MAIL_FROM)',
      ]);
    });

    it('of tokens that live longer than their cookies', () => {
      const appUrl = 'https://a.example.com';
      const warned = (refreshTokenExpireDays: number, cookies: boolean) =>
        warningsOf({ mail, appUrl, refreshTokenExpireDays, cookies });
      expect(warned(401, true)).to.deep.equal([
        'browsers keep no cookie for longer than 400 days: refreshTokenExpireDays is more',
      ]);
      expect([...warned(400, true), ...warned(401, false)]).to.deep.equal([]);
    });

    it('of nothing, when they can', () => {
      expect(warningsOf({ mail, appUrl: 'https://a.example.com' })).to.deep.equal([]);
      const elsewhere = {
        passwordReset: 'myapp://reset',
        changeEmail: 'myapp://confirm',
        undoEmailChange: 'myapp://undo',
      };
      expect(warningsOf({ mail, links: elsewhere })).to.deep.equal([]);
      const links = { ...elsewhere, verifyEmail: 'myapp://verify' };
      expect(warningsOf({ mail, links })).to.deep.equal([]);
      expect(warningsOf({ mail, links, emailVerification: 'required' })).to.deep.equal([]);
    });
  });

  describe('on one user model', () => {
    let app: TestApp;
    const secretKey = newSecret();

    before(async () => {
      app = await createTestApp({ secretKey, issuer: 'https://id.example.com', audience: 'shop' });
    });
    after(() => app.close());

    /** Another router of the same users. */
    const serveWith = async (options: object, path = '/auth') => {
      const auth = createAuthRouter({
        User: app.User,
        secretKey,
        clock: app.clock,
        logger: SILENT,
        password: { bcryptCost: 4 },
        ...options,
      });
      return serve(express().use(path, auth));
    };

    it('puts issuer and audience into every token', async () => {
      const { access_token, refresh_token } = await app.signUp();
      for (const token of [access_token, refresh_token]) {
        expect(jwt.decode(token)).to.include({ iss: 'https://id.example.com', aud: 'shop' });
      }
      await app.http.get('/protected').set(bearer(access_token)).expect(200);
      await app.http.post('/auth/refresh').send({ refresh_token }).expect(200);
    });

    const strangers: Record<string, object> = {
      'another issuer': { issuer: 'https://other.example.com', audience: 'shop' },
      'another audience': { issuer: 'https://id.example.com', audience: 'admin' },
      neither: {},
    };
    for (const [what, options] of Object.entries(strangers)) {
      it(`refuses tokens of ${what}, access and refresh (hold 8)`, async () => {
        const served = await serveWith(options);
        try {
          const { email: username, password } = await app.register();
          const { body } = await served.http.post('/auth/token').send({ username, password }).expect(200);
          expectRefusal(await app.http.get('/protected').set(bearer(body.access_token)), 'invalid_token');
          const { refresh_token } = body;
          expectRefusal(
            await app.http.post('/auth/refresh').send({ refresh_token }),
            'invalid_refresh_token',
          );
        } finally {
          served.close();
        }
      });
    }

    it('checks neither issuer nor audience where they are not set', async () => {
      const served = await serveWith({});
      try {
        const { access_token, refresh_token } = await app.signUp();
        await served.http.get('/auth/me').set(bearer(access_token)).expect(200);
        await served.http.post('/auth/refresh').send({ refresh_token }).expect(200);
      } finally {
        served.close();
      }
    });

    it('verifies by the previous key and signs by the present one (hold 15)', async () => {
      const next = newSecret();
      const identity = { issuer: 'https://id.example.com', audience: 'shop' };
      const [rotated, without] = await Promise.all([
        serveWith({ ...identity, secretKey: next, previousSecretKeys: [secretKey] }),
        serveWith({ ...identity, secretKey: next }),
      ]);
      try {
        const { access_token, refresh_token } = await app.signUp();
        await rotated.http.get('/auth/me').set(bearer(access_token)).expect(200);
        const { body } = await rotated.http.post('/auth/refresh').send({ refresh_token }).expect(200);
        const kidOf = (token: string) => jwt.decode(token, { complete: true })?.header.kid;
        expect(kidOf(body.access_token))
          .to.equal(kidOf(body.refresh_token))
          .and.not.equal(kidOf(access_token));
        await without.http.get('/auth/me').set(bearer(body.access_token)).expect(200);
        expectRefusal(await without.http.get('/auth/me').set(bearer(access_token)), 'invalid_token');
        expectRefusal(await app.http.get('/protected').set(bearer(body.access_token)), 'invalid_token');
      } finally {
        rotated.close();
        without.close();
      }
    });

    it('works wherever it is mounted', async () => {
      const served = await serveWith({}, '/api/v1/id');
      try {
        const { email: username, password } = await app.register();
        const { body } = await served.http.post('/api/v1/id/token').send({ username, password }).expect(200);
        await served.http.get('/api/v1/id/me').set(bearer(body.access_token)).expect(200);
      } finally {
        served.close();
      }
    });
  });

  describe('with a user of the app\u2019s own', () => {
    let database: TestDatabase;
    before(async () => {
      database = await createTestDatabase();
    });
    after(() => database.drop());

    async function walk(User: mongoose.Model<never>) {
      const auth = createAuthRouter({
        User: User as never,
        secretKey: newSecret(),
        registerFields: ['phone'],
        logger: SILENT,
        password: { bcryptCost: 4 },
      });
      const served = await serve(express().use('/auth', auth));
      try {
        const account = { email: `${User.modelName}@example.com`, password: PASSWORD, phone: '1' };
        const { body: user } = await served.http.post('/auth/register').send(account).expect(201);
        const { body } = await served.http
          .post('/auth/token')
          .send({ username: account.email, password: PASSWORD })
          .expect(200);
        const me = await served.http.get('/auth/me').set(bearer(body.access_token)).expect(200);
        expect(me.body).to.deep.equal(user);
        return user;
      } finally {
        served.close();
      }
    }

    it('that is a discriminator', async () => {
      const Base = database.connection.model('Base', baseUserSchema.clone(), 'bases');
      const User = Base.discriminator('Customer', new Schema({ phone: String }));
      const user = await walk(User as never);
      expect(user).to.include({ phone: '1', email: 'customer@example.com' });
      expect(user).to.not.have.any.keys('__t', '_id', '__v');
    });

    it('that is plugged in, with an id and a name of its own', async () => {
      const schema = new Schema({
        _id: { type: String, default: () => `user-${randomBytes(4).toString('hex')}` },
        name: { type: String, default: 'Nobody' },
        phone: String,
      });
      schema.plugin(baseUserPlugin);
      const user = await walk(database.connection.model('Plugged', schema) as never);
      expect(user.id).to.match(/^user-/);
      expect(user.name).to.equal('Nobody');
    });
  });
});
