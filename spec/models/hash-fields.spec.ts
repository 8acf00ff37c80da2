import { expect } from 'chai';
import type { PasswordVerifier } from '../../lib/config/password.js';
import { createHashFields } from '../../lib/models/hash-fields.js';
import { createTestStores, type TestStores } from '../support/test-stores.js';

const BCRYPT = `$2b$04$${'a'.repeat(53)}`;

const verifier: PasswordVerifier = {
  fields: ['hash', 'salt'],
  join: ({ hash, salt }) => `${salt}:${hash}`,
  matches: (stored) => stored.includes(':'),
  verify: () => true,
};
const text = { type: String, select: false };

describe('hashes in fields of their own', () => {
  let stores: TestStores;

  before(async () => {
    const fields = { hash: text, salt: text };
    stores = await createTestStores({ fields, verifiers: [verifier] });
  });
  after(() => stores.database.drop());

  const users = () => stores.database.connection.collection('users');
  async function withFields(set: object) {
    const { _id } = await stores.addUser();
    await users().updateOne({ _id: _id as never }, { $set: set });
    return _id;
  }

  it('are loaded as one, as if it were stored in the password, and on no path of their own', async () => {
    const _id = await withFields({ hash: 'h', salt: 's' });
    const byId = await stores.users.findById(_id, { withCredentials: true });
    const byEmail = await stores.users.findByEmail(String(byId?.email));
    for (const user of [byId, byEmail]) {
      expect(user?.password).to.equal('s:h');
      expect([user?.get('hash'), user?.get('salt')]).to.deep.equal([undefined, undefined]);
      expect(user?.modifiedPaths()).to.deep.equal([]);
    }
    expect((await stores.users.findById(_id))?.password).to.equal(undefined);
  });

  it('do not count beside a password', async () => {
    const _id = await withFields({ hash: 'h', salt: 's', password: BCRYPT });
    const user = await stores.users.findById(_id, { withCredentials: true });
    expect([user?.password, user?.get('hash')]).to.deep.equal([BCRYPT, undefined]);
  });

  it('do not count when one is missing, empty or no text', async () => {
    for (const set of [{ hash: 'h' }, { salt: 's' }, { hash: '', salt: 's' }, { hash: null, salt: 's' }]) {
      const user = await stores.users.findById(await withFields(set), { withCredentials: true });
      expect(user?.password).to.equal(undefined);
    }
  });

  it('go with the write of a password, and with its upgrade', async () => {
    const changed = await withFields({ hash: 'h', salt: 's' });
    await stores.users.changePassword(changed, { passwordHash: BCRYPT, stamp: 'new' });
    const upgraded = await withFields({ hash: 'h', salt: 's' });
    const user = await stores.users.findById(upgraded, { withCredentials: true });
    await stores.users.upgradeHash(user as NonNullable<typeof user>, BCRYPT);
    for (const _id of [changed, upgraded]) {
      const stored = await users().findOne({ _id: _id as never });
      expect(stored).to.include({ password: BCRYPT }).and.not.have.any.keys('hash', 'salt');
    }
  });

  it('stay, when the password was changed since it was read', async () => {
    const _id = await withFields({ hash: 'h', salt: 's' });
    const user = await stores.users.findById(_id, { withCredentials: true });
    await users().updateOne({ _id: _id as never }, { $set: { passwordStamp: 'another' } });
    await stores.users.upgradeHash(user as NonNullable<typeof user>, BCRYPT);
    const stored = await users().findOne({ _id: _id as never });
    expect(stored).to.include({ hash: 'h', salt: 's' }).and.not.have.property('password');
  });

  it('count as a way in: the last other one may go', async () => {
    const unlessLastOf = ['passkey'];
    const entry = { method: 'passkey', id: '1' };
    const waysIn = [{ ...entry, addedAt: new Date(0) }];
    const remove = (id: unknown) => stores.users.removeWayIn(id, entry, 'new', { unlessLastOf });
    expect(await remove(await withFields({ waysIn, hash: 'h', salt: 's' }))).to.not.equal(undefined);
    expect(await remove(await withFields({ waysIn, hash: 'h' }))).to.equal(undefined);
    expect(await remove(await withFields({ waysIn }))).to.equal(undefined);
  });

  it('are none without a verifier that has some: updates and filters are as they were', () => {
    const { fields: _fields, join: _join, ...plain } = verifier;
    const { paths, removal, present } = createHashFields([plain]);
    expect([paths, removal]).to.deep.equal([[], {}]);
    expect(present).to.have.length(1);
  });
});
