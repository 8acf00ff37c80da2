import { expect } from 'chai';
import { Schema, type SchemaDefinition, type SchemaOptions } from 'mongoose';
import { uniqueIndexOf } from '../../lib/models/login-field.js';
import type { UserModel } from '../../lib/models/user.js';
import { createTestDatabase } from '../support/database.js';
import { createTestStores, type TestStores, type TestStoresOptions } from '../support/test-stores.js';

const insensitive = { locale: 'en', strength: 2 } as const;

describe('a look-up by a field of the app’s own', () => {
  const opened: TestStores[] = [];
  after(() => Promise.all(opened.map(({ database }) => database.drop())));

  async function storesWith(username: object, options: Partial<TestStoresOptions> = {}) {
    const fields = { username: { type: String, ...username } };
    const stores = await createTestStores({ fields, loginFields: ['email', 'username'], ...options });
    opened.push(stores);
    await stores.indexes.ready();
    const add = async (name: string) => (await stores.addUser({ fields: { username: name } }))._id;
    const find = async (name: string) => (await stores.users.findByLogin(name))?._id;
    return { ...stores, add, find };
  }

  it('finds exactly that text, with the credentials', async () => {
    const { users, add, find } = await storesWith({ unique: true });
    const [lower, upper] = [await add('ada'), await add('Ada')];
    expect(await find('ada')).to.deep.equal(lower);
    expect(await find('Ada')).to.deep.equal(upper);
    for (const other of ['ADA', ' ada', 'ada ', 'ad', '.*', '^ada$', '']) {
      expect(await find(other)).to.equal(undefined);
    }
    expect((await users.findByLogin('ada'))?.securityStamp).to.be.a('string');
  });

  it('takes it as the schema stores it', async () => {
    const { add, find } = await storesWith({ unique: true, trim: true, lowercase: true });
    const id = await add(' Ada ');
    for (const typed of ['ada', 'ADA', '  aDa ']) expect(await find(typed)).to.deep.equal(id);
  });

  it('takes for one what its unique index takes for one', async () => {
    for (const { add, find } of [
      await storesWith({ index: { unique: true, collation: insensitive } }),
      await storesWith({ unique: true }, { schemaOptions: { collation: insensitive } as SchemaOptions }),
    ]) {
      const id = await add('Ada');
      expect(await find('aDA')).to.deep.equal(id);
      expect(await find('Adam')).to.equal(undefined);
    }
  });

  it('uses that index', async () => {
    const { model, add } = await storesWith({ index: { unique: true, collation: insensitive } });
    await add('Ada');
    const collation = uniqueIndexOf(model, 'username')?.collation;
    const plan = await model
      .findOne({ username: 'ada' })
      .collation(collation as never)
      .explain('queryPlanner');
    expect(JSON.stringify(plan)).to.include('IXSCAN').and.not.include('COLLSCAN');
  });

  it('finds nobody where the schema makes nothing of the text: not those who have none', async () => {
    for (const set of [
      () => undefined,
      () => null,
      () => '',
      () => {
        throw new Error('odd');
      },
    ]) {
      const { addUser, find } = await storesWith({ unique: true, sparse: true, set });
      await addUser();
      expect(await find('anything')).to.equal(undefined);
    }
  });

  it('goes by the order of the fields: an address in another’s name does not hide its owner', async () => {
    const { users, add, addUser } = await storesWith({ unique: true });
    const owner = await addUser({ email: 'ada@example.com', fields: { username: 'ada' } });
    await add('ada@example.com');
    expect((await users.findByLogin('Ada@Example.com'))?._id).to.deep.equal(owner._id);
    expect((await users.findByLogin('ada'))?._id).to.deep.equal(owner._id);
  });

  it('does not ask for a field that is not named: the address neither', async () => {
    const { users, addUser } = await storesWith({ unique: true }, { loginFields: ['username'] });
    await addUser({ email: 'ada@example.com', fields: { username: 'ada' } });
    expect(await users.findByLogin('ada@example.com')).to.equal(undefined);
  });
});

describe('the unique index of a field', () => {
  let model: (fields: SchemaDefinition, index?: [object, object]) => UserModel;
  let drop: () => Promise<void>;
  before(async () => {
    const database = await createTestDatabase();
    drop = database.drop;
    let models = 0;
    model = (fields, index) => {
      const schema = new Schema(fields, { autoIndex: false, autoCreate: false });
      if (index) schema.index(...(index as Parameters<typeof schema.index>));
      models += 1;
      return database.connection.model(`Model${models}`, schema) as UserModel;
    };
  });
  after(() => drop());

  const name = { name: String };
  it('is one of that field alone, over all who have it', () => {
    for (const unique of [
      model({ name: { type: String, unique: true } }),
      model({ name: { type: String, unique: true, sparse: true } }),
      model(name, [{ name: -1 }, { unique: true }]),
      model(name, [{ name: 1 }, { unique: true, partialFilterExpression: { name: { $type: 'string' } } }]),
    ]) {
      expect(uniqueIndexOf(unique, 'name')).to.include({ unique: true });
    }
    for (const other of [
      model(name),
      model({ name: { type: String, index: true } }),
      model({ ...name, tenant: String }, [{ name: 1, tenant: 1 }, { unique: true }]),
      model({ ...name, active: Boolean }, [
        { name: 1 },
        { unique: true, partialFilterExpression: { active: true } },
      ]),
    ]) {
      expect(uniqueIndexOf(other, 'name')).to.equal(undefined);
    }
  });
});
