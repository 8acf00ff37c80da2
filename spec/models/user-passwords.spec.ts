import { expect } from 'chai';
import { Types } from 'mongoose';
import { createTestStores, type TestStores } from '../support/test-stores.js';

const HASH = `$2b$04$${'a'.repeat(53)}`;
const OTHER = `$2b$04$${'b'.repeat(53)}`;
const NOW = new Date('2030-01-01T00:00:00.000Z');

describe('the passwords of users', () => {
  let stores: TestStores;

  before(async () => {
    stores = await createTestStores();
  });
  after(() => stores.database.drop());

  const setUnder = async (id: unknown) => {
    const user = await stores.storedUser(id);
    return { password: user?.['password'], stamp: user?.['securityStamp'] };
  };

  it('brings a new hash and a new stamp in one write', async () => {
    const { _id, securityStamp } = await stores.addUser({ password: HASH });
    const change = { passwordHash: OTHER, stamp: 'next', emailVerifiedAt: NOW };
    const written = await stores.users.changePassword(_id, change);
    expect(written?.replacedStamp).to.equal(securityStamp);
    // The user as stored now, without hash and stamps.
    const { updatedAt, ...shown } = JSON.parse(JSON.stringify(written?.user.toObject({ transform: false })));
    const now = JSON.parse(JSON.stringify(await stores.storedUser(_id)));
    const { password, securityStamp: _stamp, passwordStamp, ...rest } = now;
    expect({ ...shown, updatedAt }).to.deep.equal(rest);
    expect(written?.user.modifiedPaths()).to.deep.equal([]);
    expect(passwordStamp).to.match(/^[\w-]{16}$/);
    expect(password).to.equal(OTHER);
    expect(await setUnder(_id)).to.deep.equal({ password: OTHER, stamp: 'next' });
  });

  it('does nothing when the credentials are others by now', async () => {
    const user = await stores.addUser({ password: HASH });
    const change = { passwordHash: OTHER, stamp: 'next', ifUnchangedSince: user };
    await stores.users.setStamp(user._id, 'other');
    const before = await stores.storedUser(user._id);
    expect(await stores.users.changePassword(user._id, change)).to.equal(undefined);
    expect(await stores.storedUser(user._id)).to.deep.equal(before);
    const ifUnchangedSince = await stores.users.findById(user._id);
    expect(await stores.users.changePassword(user._id, { ...change, ifUnchangedSince })).to.not.equal(
      undefined,
    );
    expect(await setUnder(user._id)).to.deep.equal({ password: OTHER, stamp: 'next' });
  });

  it('changes those of a user who has no stamp yet, stored by other means than the kit, once', async () => {
    const { insertedId } = await stores.model.collection.insertOne({ email: 'elsewhere@example.com' });
    const ifUnchangedSince = await stores.users.findById(insertedId);
    const change = { passwordHash: OTHER, stamp: 'next', ifUnchangedSince };
    expect(await stores.users.changePassword(insertedId, change)).to.not.equal(undefined);
    expect(await stores.users.changePassword(insertedId, change)).to.equal(undefined);
  });

  const recoveries: [what: string, meanwhile: (id: unknown) => Promise<unknown>][] = [
    ['the address is another', (_id) => stores.model.updateOne({ _id }, { email: `${_id}@example.org` })],
    ['the password is another', (id) => stores.users.changePassword(id, { passwordHash: HASH, stamp: 'x' })],
    ['the user is disabled', (id) => stores.users.disable(id, NOW, 'x')],
  ];
  for (const [what, meanwhile] of recoveries) {
    it(`recovers nothing when ${what} by now (holds 50, 56)`, async () => {
      const user = await stores.addUser({ password: HASH });
      const change = { passwordHash: OTHER, stamp: 'next', emailVerifiedAt: NOW, ifRecoverableAs: user };
      await meanwhile(user._id);
      const before = await stores.storedUser(user._id);
      expect(await stores.users.changePassword(user._id, change)).to.equal(undefined);
      expect(await stores.storedUser(user._id)).to.deep.equal(before);
    });
  }

  it('recovers though all sessions were ended meanwhile, and says that the address is verified', async () => {
    const user = await stores.addUser({ password: HASH });
    await stores.users.setStamp(user._id, 'other');
    const change = { passwordHash: OTHER, stamp: 'next', emailVerifiedAt: NOW, ifRecoverableAs: user };
    expect(await stores.users.changePassword(user._id, change)).to.not.equal(undefined);
    expect(await stores.storedUser(user._id)).to.deep.include({ emailVerifiedAt: NOW, password: OTHER });
    expect(await stores.users.changePassword(user._id, change)).to.equal(undefined);
  });

  it('lets one of 50 changes at once of the same credentials win (hold 50)', async () => {
    const user = await stores.addUser({ password: HASH });
    const { _id } = user;
    const changes = await Promise.all(
      Array.from({ length: 50 }, (_, index) => {
        const change = { passwordHash: OTHER, stamp: `stamp-${index}`, ifUnchangedSince: user };
        return stores.users.changePassword(_id, change);
      }),
    );
    const winner = changes.findIndex((changed) => changed !== undefined);
    expect(changes.filter((changed) => changed !== undefined)).to.have.length(1);
    expect(await setUnder(_id)).to.deep.equal({ password: OTHER, stamp: `stamp-${winner}` });
  });

  it('changes nobody who is not there', async () => {
    const change = { passwordHash: OTHER, stamp: 's' };
    expect(await stores.users.changePassword(new Types.ObjectId(), change)).to.equal(undefined);
  });

  it('upgrades a hash only if the credentials are the same still, and changes nothing else (hold 27)', async () => {
    const user = await stores.addUser({ password: HASH });
    const before = await stores.storedUser(user._id);
    await stores.users.upgradeHash(user, OTHER);
    expect(await stores.storedUser(user._id)).to.deep.equal({ ...before, password: OTHER });
    await stores.users.changePassword(user._id, { passwordHash: HASH, stamp: 'next' });
    const changed = await stores.storedUser(user._id);
    await stores.users.upgradeHash(user, OTHER);
    expect(await stores.storedUser(user._id)).to.deep.equal(changed);
  });
});
