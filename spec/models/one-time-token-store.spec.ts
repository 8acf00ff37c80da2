import { expect } from 'chai';
import mongoose, { Types } from 'mongoose';
import type { OneTimeTokenStore } from '../../lib/models/one-time-token-store.js';
import { createOneTimeSecret } from '../../lib/security/one-time-secret.js';
import { createTestStores, type TestStores } from '../support/test-stores.js';

const START = new Date('2030-01-01T00:00:00.000Z');
const MINUTES = 60_000;
const PURPOSE = 'password-reset';

function after_(milliseconds: number): Date {
  return new Date(START.getTime() + milliseconds);
}

const live = ({ isLive }: { isLive: boolean }) => isLive;

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

  interface Issued {
    owner?: unknown;
    email?: string;
    stamp?: string;
    purpose?: string;
    now?: Date;
    store?: OneTimeTokenStore;
  }

  /** Stores a token that works for 30 minutes. @returns it, and whether there was a place for it */
  async function issue({
    owner = user,
    email = 'jean@example.com',
    stamp = 'stamp',
    purpose = PURPOSE,
    now = START,
    store = stores.oneTimeTokens,
  }: Issued = {}) {
    const { secret, hash } = createOneTimeSecret();
    const expiresAt = new Date(now.getTime() + 30 * MINUTES);
    const isLive = await store.add({ purpose, user: owner, email, stamp, hash, expiresAt }, now, {
      atMost: 5,
    });
    return { secret, hash, isLive };
  }
  const issueSeveral = (count: number, how?: Issued) =>
    Promise.all(Array.from({ length: count }, () => issue(how)));
  const isFound = async ({ hash }: { hash: string }) => (await find(hash)) !== undefined;

  it('stores a hash, what it was issued for and an end, never the secret (hold 34, hold 50)', async () => {
    const { secret, hash } = await issue();
    const documents = await collection().find({ user }).toArray();
    const [{ _id, ...token } = {}] = documents;
    expect(documents).to.have.length(1);
    expect(token).to.deep.equal({
      user,
      kind: 'users',
      purpose: PURPOSE,
      slot: 0,
      email: 'jean@example.com',
      stamp: 'stamp',
      hash,
      expiresAt: after_(30 * MINUTES),
      givesWay: false,
    });
    expect(JSON.stringify(documents)).to.not.include(secret);
  });

  it('has the indexes that it rests on, and one that only tidies up', async () => {
    await issue();
    const indexes = await collection().indexes();
    const indexOn = (fields: object) =>
      indexes.find(({ key }) => JSON.stringify(key) === JSON.stringify(fields));
    expect(indexOn({ user: 1, kind: 1, purpose: 1, slot: 1 })).to.include({ unique: true });
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

  it('keeps five live: a newer one voids none, and a sixth has no place (holds 50, 76)', async () => {
    const issued: Awaited<ReturnType<typeof issue>>[] = [];
    for (let time = 0; time < 6; time += 1) issued.push(await issue());
    expect(issued.map(({ isLive }) => isLive)).to.deep.equal([true, true, true, true, true, false]);
    expect(await Promise.all(issued.map(isFound))).to.deep.equal([true, true, true, true, true, false]);
    expect(await collection().countDocuments({ user })).to.equal(5);
  });

  it('counts by user and purpose', async () => {
    await issueSeveral(5);
    expect(await issue({ owner: new Types.ObjectId() })).to.include({ isLive: true });
    expect(await issue({ purpose: 'verification' })).to.include({ isLive: true });
    expect(await issue()).to.include({ isLive: false });
  });

  it('gives the place of one that is over, and of no other (hold 76)', async () => {
    const [first] = [await issue()];
    const later = after_(10 * MINUTES);
    const others = await issueSeveral(4, { now: later });
    expect(await issue({ now: after_(30 * MINUTES - 1) })).to.include({ isLive: false });
    expect(
      await issueSeveral(3, { now: after_(30 * MINUTES) }).then((all) => all.filter(live)),
    ).to.have.length(1);
    expect(await isFound(first)).to.equal(false);
    expect(await Promise.all(others.map(isFound))).to.deep.equal([true, true, true, true]);
    expect(await collection().countDocuments({ user })).to.equal(5);
  });

  for (const [what, changed] of Object.entries({
    stamp: { stamp: 'another' },
    address: { email: 'new@example.com' },
  })) {
    it(`does not count those that are bound to another ${what}: they are void`, async () => {
      await issueSeveral(5);
      const issued = await issueSeveral(7, changed);
      expect(issued.filter(live)).to.have.length(5);
      expect(await collection().countDocuments({ user, ...changed })).to.equal(5);
      expect(await collection().countDocuments({ user })).to.equal(5);
    });
  }

  it('keeps five of fifty issued at once, on a collection that is not there yet (holds 50, 76)', async () => {
    const fresh = await createTestStores();
    try {
      const issued = await issueSeveral(50, { store: fresh.oneTimeTokens });
      expect(issued.filter(live)).to.have.length(5);
      const found = await Promise.all(
        issued.map(({ hash }) => fresh.oneTimeTokens.find(PURPOSE, hash, START)),
      );
      expect(found.map((token) => token !== undefined)).to.deep.equal(issued.map(live));
    } finally {
      await fresh.database.drop();
    }
  });

  it('forgets one token, and gives its place', async () => {
    const [own, ...others] = await issueSeveral(5);
    await stores.oneTimeTokens.remove((own as { hash: string }).hash);
    expect(await isFound(own as { hash: string })).to.equal(false);
    expect(await Promise.all(others.map(isFound))).to.deep.equal([true, true, true, true]);
    expect([await issue(), await issue()].map(live)).to.deep.equal([true, false]);
  });

  it('lets one that gives way work until the next needs its place', async () => {
    const [own, ...others] = await issueSeveral(5);
    const { hash } = own as { hash: string };
    await stores.oneTimeTokens.giveWay(hash);
    expect(await isFound({ hash })).to.equal(true);
    expect([await issue(), await issue()].map(live)).to.deep.equal([true, false]);
    expect(await isFound({ hash })).to.equal(false);
    expect(await Promise.all(others.map(isFound))).to.deep.equal([true, true, true, true]);
  });

  it('lets one that gives way work as long as there is another place (hold 76)', async () => {
    const { hash } = await issue();
    await stores.oneTimeTokens.giveWay(hash);
    expect((await issueSeveral(4)).map(live)).to.deep.equal([true, true, true, true]);
    expect(await isFound({ hash })).to.equal(true);
    expect(await issue()).to.include({ isLive: true });
    expect(await isFound({ hash })).to.equal(false);
  });

  it('forgets all of a user’s tokens, and nobody else’s', async () => {
    const [own, foreign] = [await issue(), await issue({ owner: new Types.ObjectId() })];
    await stores.collections.removeAllOf(user);
    expect(await find(own.hash)).to.equal(undefined);
    expect(await find(foreign.hash)).to.include({ hash: foreign.hash });
  });

  it('keeps one of fifty issued at once, where one is as many as may be', async () => {
    const add = () => {
      const { hash } = createOneTimeSecret();
      const token = { purpose: 'notice', user, email: 'a@example.com', stamp: '', hash };
      return stores.oneTimeTokens.add({ ...token, expiresAt: after_(60 * MINUTES) }, START, { atMost: 1 });
    };
    const issued = await Promise.all(Array.from({ length: 50 }, add));
    expect(issued.filter(Boolean)).to.have.length(1);
    expect(await collection().countDocuments({ user })).to.equal(1);
  });

  it('forgets a user’s tokens of one purpose, and no others', async () => {
    const issued = await issueSeveral(3);
    const others = [await issue({ purpose: 'verification' }), await issue({ owner: new Types.ObjectId() })];
    await stores.oneTimeTokens.removeAll(PURPOSE, user);
    expect((await Promise.all(issued.map(isFound))).filter(Boolean)).to.deep.equal([]);
    expect(await stores.oneTimeTokens.find('verification', others[0]?.hash as string, START)).to.be.an(
      'object',
    );
    expect(await isFound(others[1] as { hash: string })).to.equal(true);
  });

  it('works with user ids of other types', async () => {
    for (const owner of ['user:1', 7, new mongoose.Types.UUID()]) {
      const { hash } = await issue({ owner });
      expect(String((await find(hash))?.user)).to.equal(String(owner));
      await stores.collections.removeAllOf(owner);
      expect(await find(hash)).to.equal(undefined);
    }
  });

  describe('with mongoose’s sanitizeFilter on', () => {
    before(() => mongoose.set('sanitizeFilter', true));
    after(() => mongoose.set('sanitizeFilter', false));

    it('keeps five, finds and forgets', async () => {
      const issued = await issueSeveral(6);
      expect(issued.filter(live)).to.have.length(5);
      expect(await Promise.all(issued.map(isFound))).to.deep.equal(issued.map(live));
      await stores.collections.removeAllOf(user);
      expect((await Promise.all(issued.map(isFound))).filter(Boolean)).to.deep.equal([]);
    });
  });
});
