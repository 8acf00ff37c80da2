import { expect } from 'chai';
import { baseUserPlugin } from 'express-auth-kit';
import mongoose, { Schema } from 'mongoose';
import { draftSession } from '../../lib/models/session-store.js';
import { createStores, type Stores } from '../../lib/models/stores.js';
import type { UserModel } from '../../lib/models/user.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';

const NOW = new Date('2030-01-01T00:00:00.000Z');
const LATER = new Date('2030-01-02T00:00:00.000Z');

describe('the stores', () => {
  let database: TestDatabase;

  before(async () => {
    database = await createTestDatabase();
  });
  after(() => database.drop());

  function storesOf(name: string, connection = database.connection): Stores {
    const schema = new Schema({ _id: Number });
    schema.plugin(baseUserPlugin);
    return createStores(connection.model(name, schema) as UserModel, { clock: 'app', onIndexFailure() {} });
  }

  it('call back when the connection is open, or at once', async () => {
    const connection = mongoose.createConnection();
    try {
      const stores = storesOf('User', connection);
      const calls: string[] = [];
      stores.onConnected(() => calls.push('first'));
      expect(calls).to.deep.equal([]);
      await connection.openUri(database.uri);
      expect(calls).to.deep.equal(['first']);
      stores.onConnected(() => calls.push('second'));
      expect(calls).to.deep.equal(['first', 'second']);
    } finally {
      await connection.close();
    }
  });

  it('of two kinds of users with the same ids have sessions and tokens of their own (hold 43)', async () => {
    const kinds = [storesOf('Customer'), storesOf('Admin')] as const;
    const user = 1;
    const [customers, admins] = kinds;
    const login = ({ sessions }: Stores) =>
      sessions.create(
        draftSession({ user, stamp: '', proofs: [], now: NOW, expiresAt: LATER, ip: null, userAgent: null }),
      );
    const [session, foreign] = [await login(customers), await login(admins)];
    const [id, foreignId] = [session, foreign].map(({ _id }) => _id.toString()) as [string, string];
    const stored = await admins.sessions.find(user, foreignId, NOW);
    const token = { purpose: 'any', user, email: 'a@example.com', stamp: '', expiresAt: LATER };
    await customers.oneTimeTokens.add({ ...token, hash: 'of the customer' }, NOW, { atMost: 5 });
    await admins.oneTimeTokens.add({ ...token, hash: 'of the admin' }, NOW, { atMost: 5 });

    const presented = { generation: 0, now: NOW, graceMs: 0 };
    expect(await customers.sessions.find(user, foreignId, NOW)).to.equal(undefined);
    expect(await customers.sessions.rotate(user, foreignId, presented)).to.deep.equal({ outcome: 'refused' });
    expect(await customers.sessions.end(user, foreignId)).to.equal(false);
    await customers.sessions.admitStamp(user, foreignId, 'next');
    await customers.sessions.dropStamp(user, foreignId, '');
    expect(await customers.oneTimeTokens.find('any', 'of the admin', NOW)).to.equal(undefined);
    await customers.sessions.endUnder(user, '');
    await customers.collections.removeAllOf(user);

    expect(await customers.sessions.find(user, id, NOW)).to.equal(undefined);
    expect(await admins.sessions.find(user, foreignId, NOW))
      .to.deep.equal(stored)
      .that.is.an('object');
    expect(await admins.oneTimeTokens.find('any', 'of the admin', NOW)).to.include({ hash: 'of the admin' });
  });
});
