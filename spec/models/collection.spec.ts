import { expect } from 'chai';
import mongoose, { Schema, Types } from 'mongoose';
import {
  type Collection,
  type CollectionDefinition,
  createCollection,
  type Filter,
  isDuplicate,
  type ListOptions,
  modelOf,
  trusted,
} from '../../lib/models/collection.js';
import { isWrite, recordCommands } from '../support/commands.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { expectStartRefused, failureOf } from '../support/failure.js';
import { createTestStores } from '../support/test-stores.js';
import { watchCalls } from '../support/watch-calls.js';

const NOW = new Date('2030-01-01T00:00:00.000Z');

describe('the model of a collection', () => {
  const rows = { name: 'rows', fields: { text: String } };

  it('is made once for a connection', () => {
    const [connection, other] = [mongoose.createConnection(), mongoose.createConnection()];
    const model = modelOf(connection, rows);
    expect([model.collection.collectionName, model.db]).to.deep.equal(['rows', connection]);
    expect(modelOf(connection, rows)).to.equal(model);
    expect(modelOf(other, rows)).to.not.equal(model);
  });

  describe('has indexes', () => {
    let database: TestDatabase;
    before(async () => {
      database = await createTestDatabase();
    });
    after(() => database.drop());

    /**
     * By their keys, in order: what MongoDB says of them, less the one on `_id`, and less `background`, which mongoose 8 asks
     * for and MongoDB makes nothing of.
     */
    async function indexesOf(definition: CollectionDefinition): Promise<Record<string, object>> {
      const model = modelOf(database.connection, definition);
      await model.createIndexes();
      const indexes = await model.collection.indexes();
      const told = indexes.map(({ v: _, name: __, background: ___, key, ...options }) => {
        const fields = Object.entries(key).map(([field, direction]) => `${field} ${direction}`);
        return [fields.join(', '), options];
      });
      const { '_id 1': _own, ...others } = Object.fromEntries(told);
      return others;
    }

    it('by user and kind, in the order of making, whatever its fields are', async () => {
      expect(await indexesOf({ name: 'bare', fields: {} })).to.deep.equal({ 'user 1, kind 1, _id 1': {} });
    });

    it('by user and kind still, where its own ones begin with anything else', async () => {
      const indexes = [{ keys: { kind: 1, user: 1 } }, { keys: { user: 1, text: 1 } }] as const;
      expect(await indexesOf({ ...rows, name: 'others', indexes })).to.deep.equal({
        'user 1, kind 1, _id 1': {},
        'kind 1, user 1': {},
        'user 1, text 1': {},
      });
    });

    it('by user and kind once, where one of its own begins with them', async () => {
      const indexes = [{ keys: { user: 1, kind: 1, text: 1 } }] as const;
      expect(await indexesOf({ ...rows, name: 'own', indexes })).to.deep.equal({
        'user 1, kind 1, text 1': {},
      });
    });

    it('that are unique only where it says so', async () => {
      const indexes = [
        { keys: { text: 1 }, unique: true },
        { keys: { user: 1, kind: 1, text: -1 }, unique: true },
        { keys: { kind: 1, text: 1 }, unique: false },
      ] as const;
      expect(await indexesOf({ ...rows, name: 'unique', indexes })).to.deep.equal({
        'text 1': { unique: true },
        'user 1, kind 1, text -1': { unique: true },
        'kind 1, text 1': {},
      });
    });

    it('that tidies away what has a field expiresAt, at that time', async () => {
      expect(await indexesOf({ name: 'ending', fields: { expiresAt: Date } })).to.deep.equal({
        'user 1, kind 1, _id 1': {},
        'expiresAt 1': { expireAfterSeconds: 0 },
      });
    });
  });
});

interface Row {
  user?: unknown;
  text?: string;
  count?: number;
  anything?: unknown;
  at?: Date;
}

describe('a collection', () => {
  const definition: CollectionDefinition = {
    name: 'spec_rows',
    fields: { text: String, count: Number, anything: Schema.Types.Mixed, at: Date },
  };
  let database: TestDatabase;
  let customers: Collection<Row>;
  let admins: Collection<Row>;
  let user: Types.ObjectId;

  const collectionOf = (kind: string, ready = async () => {}, connection = database.connection) =>
    createCollection<Row>(definition, { connection, kind, ready });

  before(async () => {
    database = await createTestDatabase();
    [customers, admins] = [collectionOf('customers'), collectionOf('admins')];
  });
  after(() => database.drop());
  beforeEach(() => {
    user = new Types.ObjectId();
  });

  /** What is stored, whatever kind it is of. */
  const stored = (filter: object = { user }) =>
    database.connection.collection('spec_rows').find(filter).sort({ _id: 1 }).toArray();

  it('fills in an id and the kind, which no row can choose', async () => {
    const row = await customers.insert({ user, text: 'a', kind: 'admins' } as Row);
    expect(row._id).to.be.an.instanceOf(Types.ObjectId);
    expect(row).to.deep.equal({ _id: row._id, user, text: 'a', kind: 'customers' });
    expect(await stored()).to.deep.equal([row]);
  });

  it('stores the fields that are defined, objects without members too, and no others', async () => {
    const row = await customers.insert({ user, anything: {}, more: 'x' } as Row);
    expect(await stored()).to.deep.equal([{ _id: row._id, user, kind: 'customers', anything: {} }]);
  });

  it('finds a row, or says undefined', async () => {
    const row = await customers.insert({ user, text: 'a', at: NOW });
    expect(await customers.find({ user, text: 'a' })).to.deep.equal(row);
    expect(await customers.find({ _id: row._id.toString() })).to.deep.equal(row);
    expect(await customers.find({ user, text: 'b' })).to.equal(undefined);
  });

  it('changes a row in one command, and gives it as it is now', async () => {
    const row = await customers.insert({ user, text: 'a', count: 1 });
    const filter = { user, count: trusted({ $lt: 2 }) };
    const change = () => customers.update(filter, { $inc: { count: 1 }, $set: { text: 'b' } });
    let changed: unknown;
    const commands = await recordCommands(database.connection, async () => {
      changed = await change();
    });
    expect(commands.map(({ name }) => name)).to.deep.equal(['findAndModify']);
    expect(changed).to.deep.equal({ ...row, text: 'b', count: 2 });
    expect(await stored()).to.deep.equal([changed]);
    expect(await change()).to.equal(undefined);
    expect(await stored()).to.deep.equal([changed]);
  });

  it('changes a row by what is in it, when it is given a pipeline', async () => {
    const row = await customers.insert({ user, text: 'a', count: 2 });
    const changed = await customers.update({ user }, [{ $set: { text: { $concat: ['$text', '!'] } } }]);
    expect(changed).to.deep.equal({ ...row, text: 'a!' });
    expect(await stored()).to.deep.equal([changed]);
  });

  it('makes the row that a filter names, then writes to it, in one command each', async () => {
    const upsert = (text: string) =>
      recordCommands(database.connection, () => customers.upsert({ user, count: 1 }, { $set: { text } }));
    for (const text of ['a', 'b']) {
      expect((await upsert(text)).map(({ name }) => name)).to.deep.equal(['findAndModify']);
    }
    const rows = await stored();
    expect(rows).to.deep.equal([{ _id: rows[0]?._id, user, kind: 'customers', count: 1, text: 'b' }]);
  });

  it('gives a row that 50 take at once to one, and it is gone', async () => {
    const [row, other] = [await customers.insert({ user, text: 'a' }), await customers.insert({ user })];
    const taken = await Promise.all(Array.from({ length: 50 }, () => customers.take({ user, text: 'a' })));
    expect(taken.filter((each) => each !== undefined)).to.deep.equal([row]);
    expect(await stored()).to.deep.equal([other]);
  });

  it('removes every row that fits, and says how many', async () => {
    for (const text of ['a', 'a', 'b']) await customers.insert({ user, text });
    expect(await customers.remove({ user, text: 'a' })).to.equal(2);
    expect((await stored()).map(({ text }) => text)).to.deep.equal(['b']);
    expect(await customers.remove({ user, text: 'a' })).to.equal(0);
  });

  describe('of one kind of users', () => {
    const operations: Record<string, (rows: Collection<Row>, filter: Filter) => Promise<unknown>> = {
      find: (rows, filter) => rows.find(filter),
      update: (rows, filter) => rows.update(filter, { $set: { text: 'changed' } }),
      take: (rows, filter) => rows.take(filter),
      remove: async (rows, filter) => (await rows.remove(filter)) || undefined,
    };
    for (const [name, run] of Object.entries(operations)) {
      it(`does not ${name} a row of another kind, whatever kind the filter says`, async () => {
        const row = await admins.insert({ user, text: 'a' });
        for (const filter of [
          { user },
          { _id: row._id },
          { user, kind: 'admins' },
          { kind: trusted({ $ne: 1 }), user },
        ]) {
          expect(await run(customers, filter)).to.equal(undefined);
          expect(await stored()).to.deep.equal([row]);
        }
        expect(await run(admins, { user })).to.not.equal(undefined);
      });
    }

    it('upserts beside a row of another kind that has the same fields', async () => {
      const row = await admins.insert({ user, text: 'a' });
      await customers.upsert({ user, kind: 'admins' }, { text: 'b' });
      expect(await stored({ user, kind: 'admins' })).to.deep.equal([row]);
      expect((await stored({ user, kind: 'customers' })).map(({ text }) => text)).to.deep.equal(['b']);
    });
  });

  // Mongoose asks its own setting first, and the query's after it: an app may have set it either way.
  for (const [setting, value] of [
    ['not set', undefined],
    ['off', false],
    ['on', true],
  ] as const) {
    describe(`with mongoose’s sanitizeFilter ${setting}`, () => {
      let before_: boolean | undefined;
      before(() => {
        before_ = mongoose.get('sanitizeFilter');
        mongoose.set('sanitizeFilter', value);
      });
      after(() => mongoose.set('sanitizeFilter', before_));

      const operations: Record<string, (filter: Filter) => Promise<unknown>> = {
        find: (filter) => customers.find(filter),
        update: (filter) => customers.update(filter, { $set: { text: 'changed' } }),
        upsert: (filter) => customers.upsert(filter, { text: 'changed' }),
        take: (filter) => customers.take(filter),
        remove: async (filter) => (await customers.remove(filter)) || undefined,
      };
      for (const [name, run] of Object.entries(operations)) {
        it(`takes an object for data: ${name} finds nothing by an operator of a client’s`, async () => {
          const row = await customers.insert({ user, text: 'a', count: 1, anything: 'x' });
          const { _id } = row;
          const filters: Filter[] = [
            { _id, user: { $ne: null } },
            { _id, user: { $gt: new Types.ObjectId('0'.repeat(24)) } },
            { _id, user: [user, new Types.ObjectId()] },
            { _id, anything: { $ne: null } },
            { _id, anything: { $in: ['x'] } },
            { _id, text: { $ne: null } },
            { _id, text: { $regex: '' } },
            { _id, count: { $gt: 0 } },
            { user, _id: { $ne: null } },
          ];
          for (const filter of filters) {
            const what = JSON.stringify(filter);
            // Mongoose has no object in a field of a simple type; an upsert makes no second row of one id.
            const outcome = await run(filter).catch(({ name }: Error) => name);
            expect(outcome, what).to.be.oneOf([undefined, 'CastError', 'MongoServerError']);
            expect(await stored({ _id }), what).to.deep.equal([row]);
          }
        });
      }

      it('takes an operator that is marked as ours for one', async () => {
        const row = await customers.insert({ user, count: 2 });
        const more = () => ({ user, count: trusted({ $gt: 1 }), text: trusted({ $in: [null, 'b'] }) });
        expect(await customers.find(more())).to.deep.equal(row);
        expect(await customers.update(more(), { $set: { text: 'b' } })).to.deep.equal({ ...row, text: 'b' });
        await customers.upsert(more(), { text: 'b', at: NOW });
        expect(await customers.take(more())).to.deep.equal({ ...row, text: 'b', at: NOW });
        await customers.insert({ user, count: 2 });
        expect(await customers.remove(more())).to.equal(1);
        expect(await stored()).to.deep.equal([]);
      });
    });
  }

  it('writes nothing new while the indexes do not stand', async () => {
    const missing = new Error('an index is missing');
    const rows = collectionOf('customers', () => Promise.reject(missing));
    for (const write of [() => rows.insert({ user }), () => rows.upsert({ user }, { text: 'a' })]) {
      const commands = await recordCommands(database.connection, async () => {
        expect(await failureOf(write)).to.equal(missing);
        // What was sent without waiting has come before this.
        await customers.find({ user });
      });
      expect(commands.filter(isWrite)).to.deep.equal([]);
    }
    expect(await stored()).to.deep.equal([]);
  });

  it('keeps a unique index, for 50 who insert the same at once on a fresh database', async () => {
    const fresh = await createTestStores();
    try {
      const indexes = [{ keys: { text: 1 }, unique: true }] as const;
      const rows = fresh.collections.open<Row>({ ...definition, indexes });
      const insert = () => rows.insert({ text: 'a' }).catch(({ code }: { code?: unknown }) => code);
      const outcomes = await Promise.all(Array.from({ length: 50 }, insert));
      expect(outcomes.filter((outcome) => outcome === 11000)).to.have.length(49);
      expect(await fresh.database.connection.collection('spec_rows').countDocuments()).to.equal(1);
    } finally {
      await fresh.database.drop();
    }
  });

  describe('on a connection that asks for less', () => {
    let connection: mongoose.Connection;
    let rows: Collection<Row>;
    before(async () => {
      const { uri } = database;
      const careless = `${uri}${uri.includes('?') ? '&' : '?'}w=1&readPreference=secondaryPreferred`;
      connection = await mongoose.createConnection(careless, { monitorCommands: true }).asPromise();
      rows = collectionOf('customers', async () => {}, connection);
    });
    after(() => connection.close());

    it('asks the majority about every write, in one command (hold 71)', async () => {
      const operations: Record<string, () => Promise<unknown>> = {
        insert: () => rows.insert({ user, text: 'a' }),
        update: () => rows.update({ user }, { $set: { text: 'b' } }),
        'update by a pipeline': () => rows.update({ user }, [{ $set: { text: 'c' } }]),
        upsert: () => rows.upsert({ user }, { text: 'd' }),
        take: () => rows.take({ user }),
        remove: () => rows.remove({ user }),
      };
      for (const [what, run] of Object.entries(operations)) {
        const commands = await recordCommands(connection, run);
        expect(commands.every(isWrite), what).to.equal(true);
        const concerns = commands.map(({ body }) => body['writeConcern']);
        expect(concerns, what).to.deep.equal([{ w: 'majority' }]);
      }
    });

    // A server that stands alone is not told: what the driver is told decides.
    it('reads from the primary (hold 72)', async () => {
      const watch = watchCalls(modelOf(connection, definition).collection, 'findOne');
      try {
        await rows.find({ user });
      } finally {
        watch.restore();
      }
      const preferences = watch.calls.map(
        ([, options]) => (options as { readPreference?: unknown }).readPreference,
      );
      expect(preferences).to.deep.equal(['primary']);
    });
  });

  it('lists rows in the order of their making, or as it is said, and counts them', async () => {
    for (const text of ['b', 'a', 'c']) await customers.insert({ user, text });
    await admins.insert({ user, text: 'd' });
    const texts = async (options?: ListOptions) =>
      (await customers.list({ user }, options)).map(({ text }) => text);
    expect(await texts()).to.deep.equal(['b', 'a', 'c']);
    expect(await texts({ sort: { text: -1 }, limit: 2 })).to.deep.equal(['c', 'b']);
    expect(await customers.count({ user })).to.equal(3);
    expect(await customers.count({ user, text: 'd' })).to.equal(0);
  });

  it('counts up in one command, and gives what it came to', async () => {
    const counted = await Promise.all(
      Array.from({ length: 20 }, () => customers.upsert({ user, text: 'n' }, { $inc: { count: 1 } })),
    ).catch((error) => (isDuplicate(error) ? [] : Promise.reject(error)));
    const { count } = await customers.upsert({ user, text: 'n' }, { $inc: { count: 1 } });
    expect(count).to.be.greaterThan(1);
    for (const row of counted) expect(row.count).to.be.within(1, 20);
  });

  it('finds nothing by a value that no row can have', async () => {
    await customers.insert({ user, count: 1 });
    for (const filter of [{ user, count: 'many' }, { _id: 'nope' }, { user, at: { $ne: null } }]) {
      expect(await customers.find(filter)).to.equal(undefined);
      expect(await customers.list(filter)).to.deep.equal([]);
      expect(await customers.remove(filter)).to.equal(0);
      expect(await customers.update(filter, { $set: { text: 'x' } })).to.equal(undefined);
    }
    expect(await customers.count({ user })).to.equal(1);
  });

  it('has no fields of what the kit keeps itself, and one definition on a connection', () => {
    const fields = { kind: String, text: String };
    const reserved = () => modelOf(database.connection, { name: 'spec_reserved', fields });
    expect(expectStartRefused(reserved)).to.equal('spec_reserved: the kit keeps kind itself');
    const another = () => modelOf(database.connection, { ...definition, fields: { secret: String } });
    expect(another).to.throw('another router has defined the collection spec_rows in another way');
    expect(() => modelOf(database.connection, { ...definition })).to.not.throw();
  });
});
