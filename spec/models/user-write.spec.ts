import { expect } from 'chai';
import { Types } from 'mongoose';
import type { UserDocument } from '../../lib/models/user.js';
import { createUserWrite, recoverable, type UserWrite, unchanged } from '../../lib/models/user-write.js';
import { createTestStores, type TestStores } from '../support/test-stores.js';

const HASH = `$2b$04$${'a'.repeat(53)}`;
const NOW = new Date('2030-01-01T00:00:00.000Z');

describe('one write to one user', () => {
  let stores: TestStores;
  let write: UserWrite;

  before(async () => {
    stores = await createTestStores();
    write = createUserWrite(stores.model);
  });
  after(() => stores.database.drop());

  it('gives the user as stored now, without what is for the kit alone, and the stamp of before', async () => {
    const { _id, securityStamp } = await stores.addUser({ password: HASH });
    const written = await write(_id, { $set: { name: 'Ada', securityStamp: 'next' } });
    expect(written?.replacedStamp).to.equal(securityStamp);
    const {
      password,
      securityStamp: stamp,
      ...shown
    } = (await stores.storedUser(_id)) as Record<string, unknown>;
    expect([password, stamp]).to.deep.equal([HASH, 'next']);
    expect(written?.user.toObject({ transform: false })).to.deep.equal(shown);
    expect(written?.user.modifiedPaths()).to.deep.equal([]);
  });

  it('writes nothing where a condition does not hold, and to nobody', async () => {
    const { _id } = await stores.addUser();
    const before = await stores.storedUser(_id);
    const change = { $set: { name: 'Ada' } };
    expect(await write(_id, change, { disabledAt: NOW })).to.equal(undefined);
    expect(await write(new Types.ObjectId(), change)).to.equal(undefined);
    expect(await stores.storedUser(_id)).to.deep.equal(before);
  });

  const changes: [what: string, values: object, isUnchanged: boolean, isRecoverable: boolean][] = [
    ['nothing', {}, true, true],
    ['the security stamp', { securityStamp: 'next' }, false, true],
    ['the password', { passwordStamp: 'next' }, true, false],
    ['the address', { email: 'moved@example.com' }, true, false],
    ['the standing', { disabledAt: NOW }, true, false],
  ];
  for (const [what, values, isUnchanged, isRecoverable] of changes) {
    it(`has conditions that tell whether ${what} has changed since a user was read`, async () => {
      const { _id } = await stores.addUser({ password: HASH });
      const user = (await stores.users.findById(_id)) as UserDocument;
      await stores.model.collection.updateOne({ _id }, { $set: { ...values, name: null } });
      const holds = async (condition: object) =>
        (await write(_id, { $set: { name: 'Ada' } }, condition)) !== undefined;
      expect(await holds(unchanged(user))).to.equal(isUnchanged);
      expect(await holds(recoverable(user))).to.equal(isRecoverable);
    });
  }
});
