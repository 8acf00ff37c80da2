import { expect } from 'chai';
import { Types } from 'mongoose';
import { type CollectionDefinition, modelOf } from '../../lib/models/collection.js';
import { type Collections, createCollections } from '../../lib/models/collections.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { createTestStores } from '../support/test-stores.js';

interface Row {
  user: unknown;
  text: string;
}

const VISITS: CollectionDefinition = { name: 'visits', fields: { text: String } };
const ORDERS: CollectionDefinition = { name: 'orders', fields: { text: String } };

describe('the collections of a router', () => {
  let database: TestDatabase;
  let user: Types.ObjectId;

  before(async () => {
    database = await createTestDatabase();
  });
  after(() => database.drop());
  beforeEach(() => {
    user = new Types.ObjectId();
  });

  const collectionsOf = (kind = 'users'): Collections =>
    createCollections({
      connection: database.connection,
      kind,
      ready: async () => {},
    });
  const owners = async (name: string) => {
    const rows = await database.connection.collection(name).find({}).sort({ _id: 1 }).toArray();
    return rows.map(({ user: owner, kind }) => `${kind} ${owner}`);
  };

  it('are each opened once', () => {
    const collections = collectionsOf();
    collections.open(VISITS);
    for (const again of [VISITS, { ...VISITS }, { name: 'visits', fields: {} }]) {
      expect(() => collections.open(again)).to.throw(Error, 'two features claim the collection visits');
    }
    expect(collections.models()).to.have.length(1);
  });

  it('are none of them the users’ own', () => {
    const collections = collectionsOf('members');
    expect(() => collections.open({ name: 'members', fields: {} })).to.throw(
      Error,
      'two features claim the collection members',
    );
    expect(collections.models()).to.deep.equal([]);
    collections.open({ name: 'users', fields: {} });
  });

  it('are opened anew for each router on one connection', () => {
    const [one, other] = [collectionsOf(), collectionsOf()];
    one.open(VISITS);
    other.open(VISITS);
    expect(other.models()).to.deep.equal(one.models());
  });

  it('give what is open, by the definition that it was opened by', () => {
    const collections = collectionsOf();
    const [visits, orders] = [collections.open(VISITS), collections.open(ORDERS)];
    expect(visits).to.not.equal(orders);
    expect(collections.get(VISITS)).to.equal(visits);
    expect(collections.get(ORDERS)).to.equal(orders);
  });

  it('do not give what was not opened here, though it has the name of what was', () => {
    const collections = collectionsOf();
    collections.open(VISITS);
    collectionsOf().open(ORDERS);
    expect(() => collections.get(ORDERS)).to.throw(Error, 'no feature names orders among its collections');
    expect(() => collections.get({ ...VISITS })).to.throw(
      Error,
      'no feature names visits among its collections',
    );
  });

  it('list the models of those that are open, in order', () => {
    const collections = collectionsOf();
    expect(collections.models()).to.deep.equal([]);
    collections.open(VISITS);
    collections.open(ORDERS);
    const { connection } = database;
    expect(collections.models()).to.deep.equal([modelOf(connection, VISITS), modelOf(connection, ORDERS)]);
  });

  it('are indexed with the rest, also those that are opened after the others', async () => {
    const stores = await createTestStores();
    try {
      stores.collections.open({ ...VISITS, indexes: [{ keys: { text: 1 }, unique: true }] });
      await stores.indexes.ready();
      const indexes = await stores.database.connection.collection('visits').indexes();
      expect(indexes.find(({ name }) => name === 'text_1')).to.include({ unique: true });
    } finally {
      await stores.database.drop();
    }
  });

  it('lose all of a user’s rows, in each of them, and nobody else’s (hold 99)', async () => {
    const [customers, admins] = [collectionsOf('customers'), collectionsOf('admins')];
    const stranger = new Types.ObjectId();
    for (const collections of [customers, admins]) {
      for (const definition of [VISITS, ORDERS]) {
        const rows = collections.open<Row>(definition);
        for (const owner of [user, user, stranger]) await rows.insert({ user: owner, text: 'a' });
      }
    }
    await customers.removeAllOf(user);
    for (const name of ['visits', 'orders']) {
      expect(await owners(name)).to.deep.equal([
        `customers ${stranger}`,
        `admins ${user}`,
        `admins ${user}`,
        `admins ${stranger}`,
      ]);
    }
  });

  it('lose nothing of collections that this router has not opened', async () => {
    const [one, other] = [collectionsOf('guests'), collectionsOf('guests')];
    const rows = one.open<Row>(VISITS);
    await rows.insert({ user, text: 'a' });
    other.open(ORDERS);
    await other.removeAllOf(user);
    expect(await rows.find({ user })).to.include({ text: 'a' });
  });
});
