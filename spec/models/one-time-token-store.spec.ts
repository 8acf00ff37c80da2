import { expect } from 'chai';
import mongoose, { Types } from 'mongoose';
import { createOneTimeSecret } from '../../lib/security/one-time-secret.js';
import { createTestStores, type TestStores } from '../support/test-stores.js';

const START = new Date('2030-01-01T00:00:00.000Z');
const MINUTES = 60_000;
const PURPOSE = 'password-reset';

function after_(milliseconds: number): Date {
  return new Date(START.getTime() + milliseconds);
}

describe('the one-time token store', () => {
  let stores: TestStores;
  let user: Types.ObjectId;

  before(async () => {
    stores = await createTestStores();
  });
  after(() => stores.database.drop());
  beforeEach(() => {
    user = new Types.ObjectId();
  });

  const collection = () => stores.database.connection.collection('auth_one_time_tokens');
  const find = (hash: string, now = START) => stores.oneTimeTokens.find(PURPOSE, hash, now);

  /** Stores a token that works for 30 minutes. */
  async function issue(owner: unknown = user, email = 'jean@example.com') {
    const { secret, hash } = createOneTimeSecret();
    await stores.oneTimeTokens.replace({
      purpose: PURPOSE,
      user: owner,
      email,
      stamp: 'stamp',
      hash,
      expiresAt: after_(30 * MINUTES),
    });
    return { secret, hash };
  }

  it('stores a hash, what it was issued for and an end, never the secret (hold 34, hold 50)', async () => {
    const { secret, hash } = await issue();
    const documents = await collection().find({ user }).toArray();
    const [{ _id, ...token } = {}] = documents;
    expect(documents).to.have.length(1);
    expect(token).to.deep.equal({
      user,
      kind: 'users',
      purpose: PURPOSE,
      email: 'jean@example.com',
      stamp: 'stamp',
      hash,
      expiresAt: after_(30 * MINUTES),
    });
    expect(JSON.stringify(documents)).to.not.include(secret);
  });

  it('has the indexes that it rests on, and one that only tidies up', async () => {
    await issue();
    const indexes = await collection().indexes();
    const indexOn = (fields: object) =>
      indexes.find(({ key }) => JSON.stringify(key) === JSON.stringify(fields));
    expect(indexOn({ user: 1, kind: 1, purpose: 1 })).to.include({ unique: true });
    expect(indexOn({ hash: 1 })).to.include({ unique: true });
    expect(indexOn({ expiresAt: 1 })).to.include({ expireAfterSeconds: 0 });
  });

  it('finds a token by its hash and purpose, and uses nothing up (hold 55)', async () => {
    const { hash, secret } = await issue();
    for (let time = 0; time < 3; time += 1) {
      expect(await find(hash)).to.deep.include({ user, email: 'jean@example.com', stamp: 'stamp', hash });
    }
    expect(await find(secret)).to.equal(undefined);
    expect(await stores.oneTimeTokens.find('verification', hash, START)).to.equal(undefined);
    expect(await find('')).to.equal(undefined);
  });

  it('knows itself when a token is over: the index may be late (hold 50)', async () => {
    const { hash } = await issue();
    expect(await find(hash, after_(30 * MINUTES - 1))).to.include({ hash });
    expect(await find(hash, after_(30 * MINUTES))).to.equal(undefined);
    expect(await collection().countDocuments({ user })).to.equal(1);
  });

  it('lets the newest win: the one before is forgotten (hold 50)', async () => {
    const first = await issue();
    const second = await issue();
    expect(await find(first.hash)).to.equal(undefined);
    expect(await find(second.hash)).to.include({ hash: second.hash });
    expect(await collection().countDocuments({ user })).to.equal(1);
  });

  it('keeps one of many issued at once, on a collection that is not there yet (hold 50)', async () => {
    const fresh = await createTestStores();
    try {
      const tokens = Array.from({ length: 50 }, () => createOneTimeSecret());
      const email = 'a@example.com';
      const common = { purpose: PURPOSE, user, email, stamp: '', expiresAt: after_(30 * MINUTES) } as const;
      await Promise.all(tokens.map(({ hash }) => fresh.oneTimeTokens.replace({ ...common, hash })));
      const found = await Promise.all(
        tokens.map(({ hash }) => fresh.oneTimeTokens.find(PURPOSE, hash, START)),
      );
      expect(found.filter((token) => token !== undefined)).to.have.length(1);
    } finally {
      await fresh.database.drop();
    }
  });

  it('forgets one token, and not the one that has replaced it', async () => {
    const [former, foreign] = [await issue(), await issue(new Types.ObjectId())];
    const own = await issue();
    await stores.oneTimeTokens.remove(former.hash);
    expect(await find(own.hash)).to.include({ hash: own.hash });
    await stores.oneTimeTokens.remove(own.hash);
    expect(await find(own.hash)).to.equal(undefined);
    expect(await find(foreign.hash)).to.include({ hash: foreign.hash });
  });

  it('forgets all of a user’s tokens, and nobody else’s', async () => {
    const [own, foreign] = [await issue(), await issue(new Types.ObjectId())];
    await stores.oneTimeTokens.removeAll(user);
    expect(await find(own.hash)).to.equal(undefined);
    expect(await find(foreign.hash)).to.include({ hash: foreign.hash });
  });

  it('works with user ids of other types', async () => {
    for (const owner of ['user:1', 7, new mongoose.Types.UUID()]) {
      const { hash } = await issue(owner);
      expect(String((await find(hash))?.user)).to.equal(String(owner));
      await stores.oneTimeTokens.removeAll(owner);
      expect(await find(hash)).to.equal(undefined);
    }
  });

  describe('with mongoose’s sanitizeFilter on', () => {
    before(() => mongoose.set('sanitizeFilter', true));
    after(() => mongoose.set('sanitizeFilter', false));

    it('replaces, finds and forgets', async () => {
      const [first, second] = [await issue(), await issue()];
      expect(await find(first.hash)).to.equal(undefined);
      expect(await find(second.hash)).to.include({ hash: second.hash });
      await stores.oneTimeTokens.removeAll(user);
      expect(await find(second.hash)).to.equal(undefined);
    });
  });
});
