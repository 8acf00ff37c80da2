import { randomBytes } from 'node:crypto';
import { hash as hashByArgon2 } from '@node-rs/argon2';
import bcrypt from 'bcrypt';
import { expect } from 'chai';
import { baseUserPlugin, createAuthRouter, type PasswordVerifier } from 'express-auth-kit';
import { argon2id, django, passportLocalMongoose } from 'express-auth-kit/verifiers';
import mongoose, { type Connection, Schema } from 'mongoose';
import plugin, { type PassportLocalMongooseOptions } from 'passport-local-mongoose';
import { expectRefusal } from '../http/expect-refusal.js';
import { bearer, createTestApp, PASSWORD, type TestApp, type TestAppOptions } from '../support/test-app.js';
import { watchCalls } from '../support/watch-calls.js';

const text = { type: String, select: false };
const NEW = 'a new good password';

/** The model as an app has it that uses `passport-local-mongoose`, on a collection that the kit takes over. */
function formerModel(connection: Connection, options: Partial<PassportLocalMongooseOptions> = {}) {
  const schema = new Schema({ email: { type: String, required: true }, phone: String });
  schema.plugin(plugin as never, options as never);
  const model = connection.model(`Former${Object.keys(connection.models).length}`, schema, 'users');
  return model as unknown as {
    register(user: object, password: string): Promise<{ _id: unknown }>;
    authenticate(): (name: string, password: string) => Promise<{ user: unknown }>;
  };
}

describe('users of passport-local-mongoose', () => {
  let app: TestApp;
  after(() => app.close());

  const open = async (
    options: TestAppOptions = {},
    given: Parameters<typeof passportLocalMongoose>[0] = {},
  ) => {
    app = await createTestApp({
      fields: { hash: text, salt: text, username: { type: String, unique: true } },
      loginFields: ['email', 'username'],
      ...options,
      password: { verifiers: [passportLocalMongoose(given)] },
    });
  };
  const login = (username: string, password = PASSWORD) =>
    app.http.post('/auth/token').send({ username, password });
  const stored = (email: string) => app.connection.collection('users').findOne({ email });

  it('log in with the password they had, by name or address, which bcrypt then keeps', async () => {
    await open();
    const former = formerModel(app.connection);
    await former.register({ username: 'ada', email: 'ada@example.com', phone: '1' }, PASSWORD);
    await former.register({ username: 'grace', email: 'grace@example.com' }, NEW);
    expect(await stored('ada@example.com'))
      .to.have.property('hash')
      .with.length(1024);

    for (const [name, email] of [
      ['ada', 'ada@example.com'],
      ['grace@example.com', 'grace@example.com'],
    ] as const) {
      const password = email.startsWith('ada') ? PASSWORD : NEW;
      const { body } = await login(name, password).expect(200);
      const me = await app.http.get('/auth/me').set(bearer(body.access_token)).expect(200);
      expect(me.body).to.include({ email, username: email.split('@')[0] });
      expect(me.body).to.not.have.any.keys('hash', 'salt', 'password');
      const after = await stored(email);
      expect(after).to.not.have.any.keys('hash', 'salt');
      expect(await bcrypt.compare(password, after?.['password'])).to.equal(true);
      await login(name, password).expect(200);
    }
  });

  it('are refused with a wrong password, and keep what they have', async () => {
    const former = formerModel(app.connection);
    await former.register({ username: 'joan', email: 'joan@example.com' }, PASSWORD);
    const before = await stored('joan@example.com');
    for (const wrong of [`${PASSWORD}!`, '', before?.['hash'], before?.['salt']]) {
      expect((await login('joan', wrong)).status).to.be.oneOf([401, 422]);
    }
    expect(await stored('joan@example.com')).to.deep.equal(before);
    const { user } = await former.authenticate()('joan', PASSWORD);
    expect(user).to.be.an('object');
  });

  it('change it, reset it and leave as everybody does; what was there before works no more', async () => {
    const former = formerModel(app.connection);
    await former.register({ username: 'mary', email: 'mary@example.com' }, PASSWORD);
    const { id } = (await app.User.findOne({ username: 'mary' })) as NonNullable<typeof app.User.prototype>;
    // By issueTokens no password is shown, and none is replaced.
    const pair = await app.auth.service.issueTokens(id);
    const change = { current_password: PASSWORD, new_password: NEW };
    await app.http.post('/auth/change-password').set(bearer(pair.access_token)).send(change).expect(200);
    expect(await stored('mary@example.com')).to.not.have.any.keys('hash', 'salt');
    expectRefusal(await login('mary'), 'invalid_credentials');
    await login('mary', NEW).expect(200);

    await former.register({ username: 'hedy', email: 'hedy@example.com' }, PASSWORD);
    const token = await app.resetToken('hedy@example.com');
    await app.http.post('/auth/reset-password').send({ token, password: NEW }).expect(200);
    expect(await stored('hedy@example.com')).to.not.have.any.keys('hash', 'salt');
    expectRefusal(await login('hedy'), 'invalid_credentials');

    await former.register({ username: 'rosa', email: 'rosa@example.com' }, PASSWORD);
    const rosa = await app.auth.service.issueTokens(String((await stored('rosa@example.com'))?._id));
    await app.http.delete('/me').set(bearer(rosa.access_token)).send({ password: PASSWORD }).expect(204);
  });

  it('log in though their plugin was given options of its own', async () => {
    const options = {
      usernameField: 'email',
      iterations: 1000,
      keylen: 64,
      digestAlgorithm: 'sha512',
      encoding: 'base64',
      hashField: 'digest',
      saltField: 'grain',
    } as const;
    await app.close();
    const { usernameField: _usernameField, keylen: _keylen, ...given } = options;
    await open({ fields: { digest: text, grain: text }, loginFields: ['email'] }, given);
    await formerModel(app.connection, options).register({ email: 'lise@example.com' }, PASSWORD);
    await login('lise@example.com').expect(200);
    expect(await stored('lise@example.com')).to.not.have.any.keys('digest', 'grain');
  });

  it('may keep their plugin on the model that the kit is given', async () => {
    const connection = await mongoose.createConnection(app.uri).asPromise();
    try {
      const schema = new Schema({});
      schema.plugin(baseUserPlugin);
      schema.plugin(plugin as never, { usernameField: 'email' } as never);
      const User = connection.model('User', schema, 'members');
      const secretKey = randomBytes(32).toString('base64');
      createAuthRouter({ User, secretKey, password: { verifiers: [passportLocalMongoose()] } });
    } finally {
      await connection.close();
    }
  });
});

describe('users with hashes from elsewhere', () => {
  let app: TestApp;
  const warnings: string[] = [];
  const errors: unknown[] = [];
  const broken: PasswordVerifier = {
    matches: (stored) => stored.startsWith('broken$'),
    verify: (_password, stored) => Promise.reject(new Error(`cannot read ${stored}`)),
  };

  const fussy: PasswordVerifier = {
    matches: (stored) => {
      if (stored.startsWith('fussy$')) throw new RangeError(`cannot read ${stored}`);
      return false;
    },
    verify: () => true,
    fields: ['digest'],
    join: ({ digest }) => {
      throw new RangeError(`cannot read ${digest}`);
    },
  };

  before(async () => {
    app = await createTestApp({
      fields: { digest: text },
      password: { verifiers: [argon2id(), django({ argon2: argon2id() }), broken, fussy] },
      logger: {
        warn: (message) => void warnings.push(message),
        error: (...given) => void errors.push(given),
      },
    });
  });
  after(() => app.close());

  const login = (username: string, password = PASSWORD) =>
    app.http.post('/auth/token').send({ username, password });
  const passwordOf = async (email: string) =>
    (await app.connection.collection('users').findOne({ email }))?.['password'] as string;
  const create = (email: string, passwordHash: string) =>
    app.auth.service.createUser({ email, passwordHash });

  const DJANGO = 'pbkdf2_sha256$1000000$kxPzO8v1keXVK8blCCqGLG$7KyBMTbf0ddze4wAOTjFtGFSloYK9WbXzn6+dChD5c8=';
  const HASHES: Record<string, () => Promise<string> | string> = {
    argon2id: () => hashByArgon2(PASSWORD, { memoryCost: 8192, timeCost: 1 }),
    django: () => DJANGO,
    'django-argon2': async () => `argon2${await hashByArgon2(PASSWORD, { memoryCost: 8192, timeCost: 1 })}`,
    // FastEdgy hashes by Python's bcrypt.
    fastedgy: () => '$2b$04$eHRFCYaSAQmD8IFUw41jeOZAwKplFhwU10Y3x4pWQeKm.krzzanYq',
    php: async () => (await bcrypt.hash(PASSWORD, 4)).replace('$2b$', () => '$2y$'),
  };
  for (const [name, make] of Object.entries(HASHES)) {
    it(`log in by ${name}, one hash an attempt, and by bcrypt from then on (hold 17)`, async () => {
      const email = `${name}@example.com`;
      await create(email, await make());
      const watches = (['compare', 'hash'] as const).map((each) => watchCalls(bcrypt, each));
      try {
        expectRefusal(await login(email, `${PASSWORD}!`), 'invalid_credentials');
        // By a verifier there is no bcrypt besides.
        const isBcrypt = ['fastedgy', 'php'].includes(name);
        expect(watches.map(({ calls }) => calls.length)).to.deep.equal([isBcrypt ? 1 : 0, 0]);
      } finally {
        for (const watch of watches) watch.restore();
      }
      await login(email).expect(200);
      const replaced = await passwordOf(email);
      expect(
        await bcrypt.compare(
          PASSWORD,
          replaced.replace('$2y$', () => '$2b$'),
        ),
      ).to.equal(true);
      await login(email).expect(200);
      expect(await passwordOf(email)).to.equal(replaced);
    });
  }

  it('have no hash in the log, nor its owner in the answer, when a verifier fails (hold 63)', async () => {
    await create('broken@example.com', 'broken$secret');
    expectRefusal(await login('broken@example.com'), 'invalid_credentials');
    expect(errors).to.deep.equal([['a verifier of password hashes failed', { error: 'Error' }]]);
  });

  it('do not log in by a hash that no verifier knows: one warning, without the hash (holds 16, 17, 63)', async () => {
    warnings.length = 0;
    for (const [index, password] of ['md5$secret', DJANGO.replace('1000000', '9999999')].entries()) {
      const email = `unknown-${index}@example.com`;
      await app.connection.collection('users').insertOne({ email, password });
      const watch = watchCalls(bcrypt, 'compare');
      try {
        expectRefusal(await login(email), 'invalid_credentials');
      } finally {
        watch.restore();
      }
      expect(watch.calls).to.have.length(1);
      expect(await passwordOf(email)).to.equal(password);
    }
    expect(warnings).to.deep.equal([
      'a stored password hash is of a form that no verifier knows: nobody logs in by it',
    ]);
  });

  it('are refused as everybody is, for one hash, where a verifier fails to tell or to join its own (holds 16, 17, 63)', async () => {
    errors.length = 0;
    const hashes = {
      'fussy@example.com': { password: 'fussy$secret' },
      'joined@example.com': { digest: 'secret' },
    };
    const unknown = await login('nobody@example.com');
    for (const [email, hash] of Object.entries(hashes)) {
      await app.connection.collection('users').insertOne({ email, ...hash });
      const watch = watchCalls(bcrypt, 'compare');
      const refused = await login(email);
      watch.restore();
      expectRefusal(refused, 'invalid_credentials');
      expect(refused.body).to.deep.equal(unknown.body);
      expect(watch.calls).to.have.length(1);
    }
    expect(errors).to.deep.equal([['a verifier of password hashes failed', { error: 'RangeError' }]]);
    const account = { email: 'new@example.com', passwordHash: 'fussy$secret' };
    const error = await app.auth.service.createUser(account).catch((thrown) => thrown);
    expect(error.code).to.equal('validation_failed');
  });
});
