import { expect } from 'chai';
import {
  createRedirectStateStore,
  REDIRECT_STATES,
  type RedirectStateStore,
} from '../../lib/models/redirect-state-store.js';
import { createOneTimeSecret } from '../../lib/security/one-time-secret.js';
import { createTestStores, type TestStores } from '../support/test-stores.js';

const START = new Date('2030-01-01T00:00:00.000Z');
const TEN_MINUTES = 600_000;
const DATA = JSON.stringify({ state: 'abc' });

function after_(milliseconds: number): Date {
  return new Date(START.getTime() + milliseconds);
}

describe('the store of what strategies keep while the browser is elsewhere', () => {
  let stores: TestStores;
  let states: RedirectStateStore;

  before(async () => {
    stores = await createTestStores();
    states = createRedirectStateStore(stores.collections.open(REDIRECT_STATES));
  });
  after(() => stores.database.drop());

  const collection = () => stores.database.connection.collection('auth_redirect_states');

  /** Keeps data for ten minutes. */
  async function keep(data = DATA, strategy = 'google') {
    const { secret, hash } = createOneTimeSecret();
    await states.put({ hash, strategy, data, expiresAt: after_(TEN_MINUTES) });
    return { secret, hash };
  }

  it('stores the data, whose they are and an end, by a hash alone (hold 34)', async () => {
    const { secret, hash } = await keep();
    const rows = await collection().find({ hash }).toArray();
    const [{ _id, ...row } = {}] = rows;
    expect(row).to.deep.equal({
      kind: 'users',
      hash,
      strategy: 'google',
      data: DATA,
      expiresAt: after_(TEN_MINUTES),
    });
    expect(JSON.stringify(rows)).to.not.include(secret);
  });

  it('has the index that it rests on, and one that only tidies up', async () => {
    await keep();
    const indexes = await collection().indexes();
    expect(indexes.find(({ name }) => name === 'hash_1')).to.include({ unique: true });
    expect(indexes.find(({ name }) => name === 'expiresAt_1')).to.include({ expireAfterSeconds: 0 });
  });

  it('gives them once, to one of 50 at once (hold 94)', async () => {
    const [{ hash }, other] = [await keep(), await keep()];
    const taken = await Promise.all(Array.from({ length: 50 }, () => states.take(hash, 'google', START)));
    expect(taken.filter((data) => data !== undefined)).to.deep.equal([DATA]);
    expect(await states.take(hash, 'google', START)).to.equal(undefined);
    expect(await collection().countDocuments({ hash })).to.equal(0);
    expect(await states.take(other.hash, 'google', START)).to.equal(DATA);
  });

  it('gives them to the strategy that left them alone, and no other can use them up (hold 94)', async () => {
    const { hash } = await keep();
    for (const strategy of ['github', 'Google', '']) {
      expect(await states.take(hash, strategy, START)).to.equal(undefined);
    }
    expect(await states.take(hash, 'google', START)).to.equal(DATA);
  });

  it('gives them for ten minutes: the index may be late (hold 94)', async () => {
    const [late, intime] = [await keep(), await keep()];
    expect(await states.take(late.hash, 'google', after_(TEN_MINUTES))).to.equal(undefined);
    expect(await collection().countDocuments({ hash: late.hash })).to.equal(1);
    expect(await states.take(intime.hash, 'google', after_(TEN_MINUTES - 1))).to.equal(DATA);
  });

  it('gives nothing by what is no hash of a handle', async () => {
    const { secret, hash } = await keep();
    for (const unknown of ['', 'x', secret, createOneTimeSecret().hash]) {
      expect(await states.take(unknown, 'google', START)).to.equal(undefined);
    }
    expect(await states.take(hash, 'google', START)).to.equal(DATA);
  });

  it('gives back keys that the database has no fields for, as they were', async () => {
    const kept = {
      'openid-client:accounts.example.com': { 'a.b': 1, $set: { x: 2 }, '': [null] },
      'key\0': 'a\0b',
      empty: {},
    };
    const { hash } = await keep(JSON.stringify(kept));
    expect(JSON.parse((await states.take(hash, 'google', START)) as string)).to.deep.equal(kept);
  });
});
