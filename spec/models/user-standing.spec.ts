import { expect } from 'chai';
import { ValidationFailed } from 'express-auth-kit';
import { Types } from 'mongoose';
import { failureOf } from '../support/failure.js';
import { createTestStores, type TestStores } from '../support/test-stores.js';

const HASH = `$2b$04$${'a'.repeat(53)}`;
const NOW = new Date('2030-01-01T00:00:00.000Z');

describe('the standing of users', () => {
  let stores: TestStores;

  before(async () => {
    stores = await createTestStores();
  });
  after(() => stores.database.drop());

  it('renews the security stamp, and nothing else that matters', async () => {
    const { _id } = await stores.addUser({ password: HASH });
    const before = await stores.storedUser(_id);
    expect((await stores.users.setStamp(_id, 'next'))?.replacedStamp).to.equal(before?.['securityStamp']);
    const { updatedAt, ...after } = (await stores.storedUser(_id)) as Record<string, unknown>;
    expect(updatedAt).to.be.an.instanceOf(Date);
    expect({ ...after, updatedAt: before?.['updatedAt'] }).to.deep.equal({
      ...before,
      securityStamp: 'next',
    });
  });

  it('disables under a new stamp, and enables under the same one (hold 40)', async () => {
    const { _id } = await stores.addUser();
    expect((await stores.users.disable(_id, NOW, 'next'))?.user.disabledAt).to.deep.equal(NOW);
    expect(await stores.storedUser(_id)).to.deep.include({ disabledAt: NOW, securityStamp: 'next' });
    expect(await stores.users.enable(_id)).to.equal(true);
    expect(await stores.storedUser(_id)).to.deep.include({ disabledAt: null, securityStamp: 'next' });
  });

  it('replaces the roles, by the rules of the schema', async () => {
    const user = await stores.addUser({ roles: ['admin'] });
    expect(await stores.users.setRoles(user, ['editor'])).to.equal(true);
    expect(await stores.storedUser(user._id)).to.deep.include({
      roles: ['editor'],
      securityStamp: user.securityStamp,
    });
    for (const refused of [undefined, 'admin', [{ $gt: '' }]]) {
      const error = await failureOf<ValidationFailed>(() => stores.users.setRoles(user, refused as never));
      expect(error).to.be.an.instanceOf(ValidationFailed);
    }
    expect(await stores.storedUser(user._id)).to.deep.include({ roles: ['editor'] });
  });

  it('removes a user, once, and only while the credentials are those that were checked (hold 40)', async () => {
    const [user, other] = [await stores.addUser({ password: HASH }), await stores.addUser()];
    await stores.users.setStamp(user._id, 'other');
    expect(await stores.users.remove(user._id, { ifUnchangedSince: user })).to.equal(false);
    expect(await stores.storedUser(user._id)).to.not.equal(null);
    const current = await stores.users.findById(user._id);
    expect(await stores.users.remove(user._id, { ifUnchangedSince: current })).to.equal(true);
    expect(await stores.storedUser(user._id)).to.equal(null);
    expect(await stores.users.remove(user._id)).to.equal(false);
    expect(await stores.storedUser(other._id)).to.not.equal(null);
  });

  it('knows nobody who is not there', async () => {
    const nobody = new Types.ObjectId();
    expect(await stores.users.setStamp(nobody, 's')).to.equal(undefined);
    expect(await stores.users.disable(nobody, NOW, 's')).to.equal(undefined);
    expect(await stores.users.enable(nobody)).to.equal(false);
    expect(await stores.storedUser(nobody)).to.equal(null);
  });
});
