import { expect } from 'chai';
import mongoose from 'mongoose';
import { isWrite, recordCommands } from '../support/commands.js';
import { createTestStores, type TestStores } from '../support/test-stores.js';

const HASH = `$2b$04$${'a'.repeat(53)}`;
const OTHER = `$2b$04$${'b'.repeat(53)}`;
const NOW = new Date('2030-01-01T00:00:00.000Z');

describe('the user store', () => {
  let stores: TestStores;

  before(async () => {
    stores = await createTestStores();
  });
  after(() => stores.database.drop());

  describe('with mongoose’s sanitizeFilter on', () => {
    before(() => mongoose.set('sanitizeFilter', true));
    after(() => mongoose.set('sanitizeFilter', false));

    it('finds, changes, disables and removes', async () => {
      const user = await stores.addUser({ password: HASH });
      const { _id, email } = user;
      expect(await stores.users.findByEmail(email)).to.include({ password: HASH });
      const conditions = { ifUnchangedSince: user, ifRecoverableAs: user };
      const change = { passwordHash: OTHER, stamp: 's', ...conditions };
      expect(await stores.users.changePassword(_id, change)).to.not.equal(undefined);
      expect(await stores.users.disable(_id, NOW, 't')).to.not.equal(undefined);
      expect(await stores.users.remove(_id, { ifUnchangedSince: user })).to.equal(false);
      expect(await stores.users.remove(_id)).to.equal(true);
    });
  });

  it('writes what ends something to the majority, whatever the app’s URI says (hold 71)', async () => {
    const { uri } = stores.database;
    const careless = `${uri}${uri.includes('?') ? '&' : '?'}w=1`;
    const connection = await mongoose.createConnection(careless, { monitorCommands: true }).asPromise();
    try {
      const { users, addUser } = await createTestStores({ database: { ...stores.database, connection } });
      let id: unknown;
      const operations: Record<string, () => Promise<unknown>> = {
        insert: async () => {
          id = (await addUser({ password: HASH }))._id;
        },
        changePassword: () => users.changePassword(id, { passwordHash: OTHER, stamp: 's' }),
        setStamp: () => users.setStamp(id, 't'),
        disable: () => users.disable(id, NOW, 'u'),
        enable: () => users.enable(id),
        addWayIn: () => users.addWayIn(id, { method: 'totp', id: 'a', addedAt: NOW }, 'v'),
        removeWayIn: () => users.removeWayIn(id, { method: 'totp', id: 'a' }, 'w'),
        remove: () => users.remove(id),
      };
      for (const [what, run] of Object.entries(operations)) {
        const writes = (await recordCommands(connection, run)).filter(isWrite);
        const concerns = writes.map(({ body }) => body['writeConcern']);
        expect(concerns, what).to.deep.equal([{ w: 'majority' }]);
      }
    } finally {
      await connection.close();
    }
  });
});
