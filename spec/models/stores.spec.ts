import { expect } from 'chai';
import { baseUserPlugin, baseUserSchema } from 'express-auth-kit';
import mongoose, { type Connection, Schema, type SchemaDefinition, type SchemaOptions } from 'mongoose';
import { checkUserModel, createStores } from '../../lib/models/stores.js';
import type { UserModel } from '../../lib/models/user-store.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { expectStartRefused, failureOf } from '../support/failure.js';

/** The indexes the kit rests on, as the message names them. */
const KIT_INDEXES = [
  'auth_sessions.user+_id',
  'auth_sessions.expiresAt',
  'auth_one_time_tokens.user+purpose',
  'auth_one_time_tokens.hash',
  'auth_one_time_tokens.expiresAt',
].join(', ');

function messageFor(missing: string): string {
  return (
    `autoIndex is off and indexes are missing: ${missing}. ` +
    'Create them, e.g. by router.service.createIndexes() in a deployment step.'
  );
}

function userModel(
  connection: Connection,
  fields: SchemaDefinition = {},
  options: SchemaOptions = {},
): UserModel {
  const schema = new Schema(fields, options as object);
  schema.plugin(baseUserPlugin);
  return connection.model('User', schema, 'users') as UserModel;
}

async function indexesOf(connection: Connection, collection: string): Promise<string[]> {
  const indexes = await connection
    .collection(collection)
    .indexes()
    .catch(() => []);
  return indexes.map(({ key }) => Object.keys(key).join('+')).filter((name) => name !== '_id');
}

describe('the stores', () => {
  let database: TestDatabase;
  const others: Connection[] = [];

  beforeEach(async () => {
    database = await createTestDatabase();
  });
  afterEach(async () => {
    await Promise.all(others.splice(0).map((connection) => connection.close()));
    await database.drop();
  });

  /** Another connection to the same database, made with other options. */
  async function connect(options: mongoose.ConnectOptions, query = ''): Promise<Connection> {
    const { uri } = database;
    const whole = query ? `${uri}${uri.includes('?') ? '&' : '?'}${query}` : uri;
    const connection = await mongoose.createConnection(whole, options).asPromise();
    others.push(connection);
    return connection;
  }

  it('make their indexes on a fresh database', async () => {
    const stores = createStores(userModel(database.connection));
    await stores.ready();
    const { connection } = database;
    expect(await indexesOf(connection, 'users')).to.deep.equal(['email']);
    expect(await indexesOf(connection, 'auth_sessions')).to.have.members(['user+_id', 'expiresAt']);
    expect(await indexesOf(connection, 'auth_one_time_tokens')).to.have.members([
      'user+purpose',
      'hash',
      'expiresAt',
    ]);
  });

  it('may be made twice on one connection', async () => {
    const model = userModel(database.connection);
    const [one, other] = [createStores(model), createStores(model)];
    await Promise.all([one.ready(), other.ready(), one.ready()]);
  });

  it('make them when the connection is opened after the model', async () => {
    const connection = mongoose.createConnection();
    others.push(connection);
    const stores = createStores(userModel(connection));
    const ready = stores.ready();
    await connection.openUri(database.uri);
    await ready;
    expect(await indexesOf(connection, 'users')).to.deep.equal(['email']);
  });

  it('call back when the connection is open, or at once', async () => {
    const connection = mongoose.createConnection();
    others.push(connection);
    const stores = createStores(userModel(connection));
    const calls: string[] = [];
    stores.onConnected(() => calls.push('first'));
    expect(calls).to.deep.equal([]);
    await connection.openUri(database.uri);
    expect(calls).to.deep.equal(['first']);
    stores.onConnected(() => calls.push('second'));
    expect(calls).to.deep.equal(['first', 'second']);
  });

  it('give a discriminator the index of its base (hold 45)', async () => {
    const base = database.connection.model('Base', baseUserSchema.clone(), 'users');
    const member = base.discriminator('Member', new Schema({ company: String })) as UserModel;
    await createStores(member).ready();
    expect(await indexesOf(database.connection, 'users')).to.deep.equal(['email']);
  });

  it('make their indexes where the app reads from secondaries, which turns mongoose’s own off', async () => {
    const connection = await connect({}, 'readPreference=secondaryPreferred');
    await createStores(userModel(connection)).ready();
    expect(await indexesOf(connection, 'users')).to.deep.equal(['email']);
  });

  describe('with autoIndex off', () => {
    const WAYS: [where: string, make: () => Promise<UserModel>][] = [
      ['on the schema', async () => userModel(database.connection, {}, { autoIndex: false })],
      ['on the connection', async () => userModel(await connect({ autoIndex: false }))],
      [
        'on mongoose',
        async () => {
          mongoose.set('autoIndex', false);
          return userModel(await connect({}));
        },
      ],
    ];
    afterEach(() => mongoose.set('autoIndex', true));

    for (const [where, make] of WAYS) {
      it(`${where}: tell which are missing, and make none`, async () => {
        const model = await make();
        const { ready } = createStores(model);
        const error = await failureOf(ready);
        expect(error.message).to.equal(messageFor(`users.email, ${KIT_INDEXES}`));
        expect(await indexesOf(model.db, 'users')).to.deep.equal([]);
      });

      it(`${where}: store no user before the unique index stands (hold 45)`, async () => {
        const { users } = createStores(await make());
        const user = await users.build({ email: 'early@example.com' });
        expect((await failureOf(() => users.insert(user))).message).to.match(
          /^autoIndex is off and .*users\.email/,
        );
        expect(await database.connection.collection('users').countDocuments()).to.equal(0);
      });

      it(`${where}: have nothing against indexes that stand, by createIndexes of theirs`, async () => {
        const model = await make();
        const { ready, createIndexes, users } = createStores(model);
        await failureOf(ready);
        await createIndexes();
        expect(await indexesOf(model.db, 'users')).to.deep.equal(['email']);
        await ready();
        await users.insert(await users.build({ email: 'late@example.com' }));
      });
    }

    it('name the index on email of a discriminator’s base', async () => {
      const connection = await connect({ autoIndex: false });
      const base = connection.model('Base', baseUserSchema.clone(), 'users');
      const member = base.discriminator('Member', new Schema({ company: String })) as UserModel;
      const { ready, createIndexes } = createStores(member);
      expect((await failureOf(ready)).message).to.equal(messageFor(`users.email, ${KIT_INDEXES}`));
      await createIndexes();
      await ready();
    });

    it('take an index on email that is not unique for missing', async () => {
      await database.connection.collection('users').createIndex({ email: 1 });
      const { ready } = createStores(userModel(await connect({ autoIndex: false })));
      expect((await failureOf(ready)).message).to.equal(messageFor(`users.email, ${KIT_INDEXES}`));
    });

    it('leave the other indexes of the users to the app', async () => {
      const model = userModel(await connect({ autoIndex: false }), { phone: { type: String, index: true } });
      const { ready, createIndexes } = createStores(model);
      await createIndexes();
      await model.collection.dropIndex('phone_1');
      await ready();
      await model.collection.dropIndex('email_1');
      expect((await failureOf(createStores(model).ready)).message).to.equal(messageFor('users.email'));
    });
  });

  describe('with an address stored twice already', () => {
    beforeEach(() =>
      database.connection
        .collection<{ email: string }>('users')
        .insertMany([{ email: 'twice@example.com' }, { email: 'twice@example.com' }]),
    );

    it('say which collection, which index and which address (hold 45)', async () => {
      const { ready, users } = createStores(userModel(database.connection));
      for (const attempt of [
        ready,
        async () => users.insert(await users.build({ email: 'new@example.com' })),
      ]) {
        const error = await failureOf<Error & { code: unknown }>(attempt);
        expect(error.message).to.match(/E11000 duplicate key.*\.users.*email_1.*"twice@example\.com"/);
        expect(error.code).to.equal(11000);
      }
      expect(await database.connection.collection('users').countDocuments()).to.equal(2);
    });

    it('go on when the double is gone, without a restart', async () => {
      const { ready, users } = createStores(userModel(database.connection));
      await failureOf(ready);
      await database.connection.collection('users').deleteOne({ email: 'twice@example.com' });
      await ready();
      await users.insert(await users.build({ email: 'new@example.com' }));
      expect(await indexesOf(database.connection, 'users')).to.deep.equal(['email']);
    });
  });
});

describe('the check of the user model', () => {
  let database: TestDatabase;
  let model: UserModel;

  before(async () => {
    database = await createTestDatabase();
    model = userModel(
      database.connection,
      { phone: String, address: { city: String }, tags: [String] },
      { discriminatorKey: 'kind' },
    );
  });
  after(() => database.drop());

  it('takes a model with the base fields, and fields of the app’s own', () => {
    const fields = { registerFields: ['phone', 'address'], profileFields: ['tags'] };
    expect(checkUserModel(model, fields)).to.equal(model);
  });

  it('takes a discriminator', () => {
    const base = database.connection.model('Base', baseUserSchema.clone(), 'base');
    const member = base.discriminator('Member', new Schema({ company: String }));
    expect(checkUserModel(member, { registerFields: ['company'] })).to.equal(member);
  });

  it('refuses what is no model', () => {
    for (const candidate of [
      undefined,
      null,
      'User',
      {},
      class User {},
      new Schema({}),
      { schema: new Schema({}) },
    ]) {
      expect(expectStartRefused(() => checkUserModel(candidate, {}))).to.equal(
        'User: not a mongoose model; allowed: a discriminator of BaseUser or a model of a schema with baseUserPlugin',
      );
    }
  });

  it('refuses a model without the base fields', () => {
    const plain = database.connection.model('Plain', new Schema({ email: String, password: String }));
    expect(expectStartRefused(() => checkUserModel(plain, {}))).to.equal(
      'User: the model Plain lacks the base fields; use BaseUser.discriminator(...) or schema.plugin(baseUserPlugin)',
    );
  });

  for (const name of [
    'email',
    'name',
    'password',
    'roles',
    'emailVerifiedAt',
    'disabledAt',
    'securityStamp',
    'createdAt',
    'updatedAt',
    'displayName',
    'initials',
    'id',
    '_id',
    '__v',
    '__proto__',
    'kind',
  ]) {
    it(`refuses ${name} as a field that a body may set (hold 44)`, () => {
      for (const option of ['registerFields', 'profileFields']) {
        expect(expectStartRefused(() => checkUserModel(model, { [option]: ['phone', name] }))).to.equal(
          `${option}: "${name}" given; allowed: fields of the app's own, not of the base user`,
        );
      }
    });
  }

  for (const name of ['fone', 'constructor', 'toString', '$where', 'address.city', 'phone.0', '', ' phone']) {
    it(`refuses ${JSON.stringify(name)}, which is no field`, () => {
      expect(expectStartRefused(() => checkUserModel(model, { registerFields: [name] }))).to.equal(
        `registerFields: ${JSON.stringify(name)} is no field of User; allowed: phone, address, tags`,
      );
    });
  }

  it('says so when the model has no fields of its own', () => {
    const bare = new Schema({});
    bare.plugin(baseUserPlugin);
    const Bare = database.connection.model('Bare', bare);
    expect(expectStartRefused(() => checkUserModel(Bare, { profileFields: ['phone'] }))).to.equal(
      'profileFields: "phone" is no field of Bare; allowed: none, Bare has no fields of its own',
    );
  });
});
