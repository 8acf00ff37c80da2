import { expect } from 'chai';
import { concealCredentials } from '../../lib/models/conceal-credentials.js';
import type { UserDocument } from '../../lib/models/user.js';
import { createTestStores, type TestStores } from '../support/test-stores.js';

const HASH = `$2b$04$${'a'.repeat(53)}`;
const OTHER = `$2b$04$${'b'.repeat(53)}`;

describe('a document that is handed to the app', () => {
  let stores: TestStores;

  before(async () => {
    stores = await createTestStores();
  });
  after(() => stores.database.drop());

  it('has neither hash nor stamps, and a later save leaves what is stored (hold 66)', async () => {
    const { addUser, model, users } = stores;
    const { _id } = await addUser({ password: HASH });
    await users.changePassword(_id, { passwordHash: OTHER, stamp: 'next' });
    const before = (await model.collection.findOne({ _id })) as Record<string, unknown>;
    expect(before).to.include.keys('password', 'securityStamp', 'passwordStamp');
    const user = (await users.findById(_id, { withCredentials: true })) as UserDocument;
    concealCredentials(user);
    const shown = JSON.stringify(user.toObject({ transform: false }));
    for (const hidden of ['password', 'securityStamp', 'passwordStamp']) {
      expect(shown).to.not.include(String(before[hidden]));
    }
    user.name = 'Renamed';
    await user.save();
    const {
      updatedAt: _now,
      name,
      ...after
    } = (await model.collection.findOne({ _id })) as Record<string, unknown>;
    const { updatedAt: _then, name: _none, ...rest } = before;
    expect(name).to.equal('Renamed');
    expect(after).to.deep.equal(rest);
  });
});
