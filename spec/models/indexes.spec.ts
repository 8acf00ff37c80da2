import { expect } from 'chai';
import { baseUserPlugin, baseUserSchema } from 'express-auth-kit';
import mongoose, { type Connection, Schema, type SchemaDefinition, type SchemaOptions } from 'mongoose';
import { createStores } from '../../lib/models/stores.js';
import type { UserModel } from '../../lib/models/user.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { failureOf } from '../support/failure.js';

/** The indexes the kit rests on, as the message names them. */
const KIT_INDEXES = [
  'auth_sessions.user+kind+_id',
  'auth_sessions.expiresAt',
  'auth_one_time_tokens.user+kind+purpose+slot',
  'auth_one_time_tokens.hash',
  'auth_one_time_tokens.expiresAt',
  'auth_outbox.user+kind+_id',
  'auth_outbox.key+kind',
  'auth_outbox.kind+dueAt',
  'auth_outbox.expiresAt',
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

/** The stores of a model, and the indexes that were told to have failed. */
function storesOf(model: UserModel, loginFields?: readonly string[]) {
  const failures: Error[] = [];
  const stores = createStores(model, {
    clock: 'app',
    loginFields,
    onIndexFailure: (error) => void failures.push(error),
  });
  return { ...stores, failures, ready: stores.indexes.ready, createIndexes: stores.indexes.create };
}

async function indexesOf(connection: Connection, collection: string): Promise<string[]> {
  const indexes = await connection
    .collection(collection)
    .indexes()
    .catch(() => []);
  return indexes.map(({ key }) => Object.keys(key).join('+')).filter((name) => name !== '_id');
}

describe('the indexes', () => {
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

  it('are made on a fresh database', async () => {
    const stores = storesOf(userModel(database.connection));
    await stores.ready();
    const { connection } = database;
    expect(await indexesOf(connection, 'users')).to.deep.equal(['email']);
    expect(await indexesOf(connection, 'auth_sessions')).to.have.members(['user+kind+_id', 'expiresAt']);
    expect(await indexesOf(connection, 'auth_one_time_tokens')).to.have.members([
      'user+kind+purpose+slot',
      'hash',
      'expiresAt',
    ]);
  });

  for (const autoIndex of [true, false]) {
    it(`stand where the schema has a collation, with autoIndex ${autoIndex}`, async () => {
      const options = { collation: { locale: 'en', strength: 2 }, autoIndex } as const;
      const stores = storesOf(userModel(database.connection, {}, options));
      if (!autoIndex) await stores.createIndexes();
      await stores.ready();
      expect(await indexesOf(database.connection, 'users')).to.deep.equal(['email']);
    });
  }

  it('are needed for every field by which a user logs in, as for the address', async () => {
    const fields = { username: { type: String, unique: true }, badge: { type: String, unique: true } };
    const off = userModel(database.connection, fields, { autoIndex: false });
    const error = await failureOf(() => storesOf(off, ['email', 'username']).ready());
    expect(error.message).to.match(
      /^autoIndex is off and indexes are missing: users\.email, users\.username[,.]/,
    );
    database.connection.deleteModel('User');

    await database.connection.collection('users').insertMany([
      { email: 'a@example.com', username: 'ada', badge: '1' },
      { email: 'b@example.com', username: 'ada', badge: '2' },
    ]);
    // Made after the doubles: mongoose makes the indexes of a model by itself.
    const on = userModel(database.connection, fields);
    // One name would be two users'; one badge is the app's business.
    const { code } = await failureOf<Error & { code: number }>(() => storesOf(on, ['username']).ready());
    expect(code).to.equal(11000);
    await storesOf(on, ['badge']).ready();
  });

  it('may be asked for twice on one connection', async () => {
    const model = userModel(database.connection);
    const [one, other] = [storesOf(model), storesOf(model)];
    await Promise.all([one.ready(), other.ready(), one.ready()]);
  });

  it('are made when the connection is opened after the model', async () => {
    const connection = mongoose.createConnection();
    others.push(connection);
    const stores = storesOf(userModel(connection));
    const ready = stores.ready();
    await connection.openUri(database.uri);
    await ready;
    expect(await indexesOf(connection, 'users')).to.deep.equal(['email']);
  });

  it('include that of a discriminator’s base (hold 45)', async () => {
    const base = database.connection.model('Base', baseUserSchema.clone(), 'users');
    const member = base.discriminator('Member', new Schema({ company: String })) as UserModel;
    await storesOf(member).ready();
    expect(await indexesOf(database.connection, 'users')).to.deep.equal(['email']);
  });

  it('are made where the app reads from secondaries, which turns mongoose’s own making off', async () => {
    const connection = await connect({}, 'readPreference=secondaryPreferred');
    await storesOf(userModel(connection)).ready();
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
      it(`${where}: are told to be missing, and not made`, async () => {
        const model = await make();
        const { ready } = storesOf(model);
        const error = await failureOf(ready);
        // What only the schema of the user says, is not said of the kit's own: mongoose may have begun to make those.
        const all = messageFor(`users.email, ${KIT_INDEXES}`);
        if (where === 'on the schema') expect(error.message).to.match(/ are missing: users\.email[,.]/);
        else expect(error.message).to.equal(all);
        expect(await indexesOf(model.db, 'users')).to.deep.equal([]);
      });

      it(`${where}: keep users out before the unique one stands (hold 45)`, async () => {
        const { users } = storesOf(await make());
        const user = users.build({ email: 'early@example.com' });
        expect((await failureOf(() => users.insert(user))).message).to.match(
          /^autoIndex is off and .*users\.email/,
        );
        expect(await database.connection.collection('users').countDocuments()).to.equal(0);
      });

      it(`${where}: are fine when they were made by createIndexes`, async () => {
        const model = await make();
        const { ready, createIndexes, users } = storesOf(model);
        await failureOf(ready);
        await createIndexes();
        expect(await indexesOf(model.db, 'users')).to.deep.equal(['email']);
        await ready();
        await users.insert(users.build({ email: 'late@example.com' }));
      });
    }

    it('include the one on email of a discriminator’s base', async () => {
      const connection = await connect({ autoIndex: false });
      const base = connection.model('Base', baseUserSchema.clone(), 'users');
      const member = base.discriminator('Member', new Schema({ company: String })) as UserModel;
      const { ready, createIndexes } = storesOf(member);
      expect((await failureOf(ready)).message).to.equal(messageFor(`users.email, ${KIT_INDEXES}`));
      await createIndexes();
      await ready();
    });

    it('are missing when that on email is not unique', async () => {
      await database.connection.collection('users').createIndex({ email: 1 });
      const { ready } = storesOf(userModel(await connect({ autoIndex: false })));
      expect((await failureOf(ready)).message).to.equal(messageFor(`users.email, ${KIT_INDEXES}`));
    });

    it('are missing when one of the kit’s own is another one: in order, not unique, never ending', async () => {
      const model = userModel(await connect({ autoIndex: false }));
      await storesOf(model).createIndexes();
      const replace = async (name: string, former: string, keys: Record<string, 1>) => {
        await model.db.collection(name).dropIndex(former);
        await model.db.collection(name).createIndex(keys);
      };
      await replace('auth_sessions', 'user_1_kind_1__id_1', { kind: 1, user: 1, _id: 1 });
      await replace('auth_sessions', 'expiresAt_1', { expiresAt: 1 });
      await replace('auth_one_time_tokens', 'hash_1', { hash: 1 });
      const missing = 'auth_sessions.user+kind+_id, auth_sessions.expiresAt, auth_one_time_tokens.hash';
      expect((await failureOf(storesOf(model).ready)).message).to.equal(messageFor(missing));
    });

    it('of the users other than that on email are left to the app', async () => {
      const model = userModel(await connect({ autoIndex: false }), { phone: { type: String, index: true } });
      const { ready, createIndexes } = storesOf(model);
      await createIndexes();
      await model.collection.dropIndex('phone_1');
      await ready();
      await model.collection.dropIndex('email_1');
      expect((await failureOf(storesOf(model).ready)).message).to.equal(messageFor('users.email'));
    });
  });

  describe('with an address stored twice already', () => {
    beforeEach(() =>
      database.connection
        .collection<{ email: string }>('users')
        .insertMany([{ email: 'twice@example.com' }, { email: 'twice@example.com' }]),
    );

    it('fail with the collection, the index and the address (hold 45)', async () => {
      const { ready, users } = storesOf(userModel(database.connection));
      for (const attempt of [ready, async () => users.insert(users.build({ email: 'new@example.com' }))]) {
        const error = await failureOf<Error & { code: unknown }>(attempt);
        expect(error.message).to.match(/E11000 duplicate key.*\.users.*email_1.*"twice@example\.com"/);
        expect(error.code).to.equal(11000);
      }
      expect(await database.connection.collection('users').countDocuments()).to.equal(2);
    });

    it('are made when the double is gone, without a restart', async () => {
      const { ready, users } = storesOf(userModel(database.connection));
      await failureOf(ready);
      await database.connection.collection('users').deleteOne({ email: 'twice@example.com' });
      await ready();
      await users.insert(users.build({ email: 'new@example.com' }));
      expect(await indexesOf(database.connection, 'users')).to.deep.equal(['email']);
    });
  });

  describe('of the app’s own that cannot be made', () => {
    beforeEach(async () => {
      const doubles = ['1', '1'].map((phone, index) => ({ phone, email: `double-${index}@example.com` }));
      await database.connection.collection('users').insertMany(doubles);
    });

    it('keep nobody out, and are told', async () => {
      const model = userModel(database.connection, { phone: { type: String, unique: true } });
      const { ready, users, failures } = storesOf(model);
      await ready();
      await users.insert(users.build({ email: 'new@example.com', fields: { phone: '2' } }));
      expect(await indexesOf(database.connection, 'users')).to.include('email');
      expect(failures.map(({ message }) => message)).to.have.length(1);
      expect(failures[0]?.message).to.match(/E11000.*phone_1/);
    });

    it('fail where they are asked for in so many words', async () => {
      const model = userModel(database.connection, { phone: { type: String, unique: true } });
      const error = await failureOf<Error & { code: unknown }>(storesOf(model).createIndexes);
      expect(error.code).to.equal(11000);
    });
  });
});
