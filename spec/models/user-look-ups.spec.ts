import { expect } from 'chai';
import { Types } from 'mongoose';
import { createTestStores, type TestStores } from '../support/test-stores.js';

const HASH = `$2b$04$${'a'.repeat(53)}`;

describe('finding users', () => {
  let stores: TestStores;

  before(async () => {
    stores = await createTestStores();
  });
  after(() => stores.database.drop());

  it('finds by the address, in whichever form it is typed, with hash and stamp', async () => {
    const { _id } = await stores.addUser({ email: 'am\u00e9lie@example.com', password: HASH });
    for (const typed of ['am\u00e9lie@example.com', ' AME\u0301LIE@Example.com\n']) {
      const user = await stores.users.findByEmail(typed);
      expect(user?._id).to.deep.equal(_id);
      expect(user).to.include({ password: HASH });
      expect(user?.securityStamp).to.be.a('string');
    }
  });

  it('does not take one address for another that only looks like it (hold 46)', async () => {
    await stores.addUser({ email: 'mike@example.com' });
    for (const typed of [
      'm\u0131ke@example.com',
      'mi\u212ae@example.org',
      'mike@example.com.',
      'm*ke@example.com',
      '',
    ]) {
      expect(await stores.users.findByEmail(typed)).to.equal(undefined);
    }
  });

  it('finds by the id, with the hash only when asked', async () => {
    const { _id } = await stores.addUser({ password: HASH });
    for (const id of [_id, _id.toString()]) {
      const user = await stores.users.findById(id);
      expect(user?.toObject()).to.include.keys('securityStamp').and.not.have.any.keys('password');
      expect(await stores.users.findById(id, { withCredentials: true })).to.include({ password: HASH });
    }
  });

  it('finds nobody by what is no id', async () => {
    for (const id of [
      undefined,
      null,
      '',
      'x',
      {},
      { $ne: null },
      [],
      5,
      true,
      '0'.repeat(24),
      'x'.repeat(12),
    ]) {
      expect(await stores.users.findById(id)).to.equal(undefined);
    }
  });

  it('makes an id of the model’s own type, or none', async () => {
    const id = new Types.ObjectId();
    expect(stores.users.castId(id.toString())).to.deep.equal(id);
    expect(stores.users.castId(id)).to.deep.equal(id);
    for (const garbage of [
      undefined,
      null,
      '',
      'x',
      {},
      { $gt: '' },
      [],
      5,
      true,
      Symbol('id'),
      '0'.repeat(25),
    ]) {
      expect(stores.users.castId(garbage)).to.equal(undefined);
    }
  });

  for (const [type, definition, own, garbage] of [
    ['texts', String, 'user:1', [undefined, null, {}, { $gt: '' }]],
    ['numbers', Number, 7, [undefined, null, '', 'x', {}, { $gt: 0 }]],
  ] as const) {
    it(`works with ids that are ${type}`, async () => {
      const { users, database, addUser } = await createTestStores({ fields: { _id: definition } });
      try {
        await addUser({ fields: { _id: own }, email: 'own@example.com' });
        expect(users.castId(String(own))).to.equal(own);
        expect(await users.findById(String(own))).to.include({ email: 'own@example.com' });
        expect(await users.setStamp(own, 's')).to.not.equal(undefined);
        for (const id of garbage) {
          expect(users.castId(id)).to.equal(undefined);
          expect(await users.findById(id)).to.equal(undefined);
        }
      } finally {
        await database.drop();
      }
    });
  }
});
