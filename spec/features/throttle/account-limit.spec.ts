import { expect } from 'chai';
import {
  type AccountLimit,
  createAccountLimit,
  type Place,
} from '../../../lib/features/throttle/account-limit.js';
import { COUNTERS, createCounterStore } from '../../../lib/models/counter-store.js';
import { createTestStores, type TestStores } from '../../support/test-stores.js';

const SECOND = 1000;

describe('the limit of an account', () => {
  let stores: TestStores;
  let limit: AccountLimit;
  let now = Date.parse('2030-01-01T00:00:00.000Z');

  before(async () => {
    stores = await createTestStores();
    const counters = createCounterStore(stores.collections.open(COUNTERS), () => new Date(now));
    await stores.indexes.create();
    const numbers = { free: 3, window: 100, firstWait: 10, lastWait: 40, memory: 1000 };
    limit = createAccountLimit(counters, numbers);
  });
  after(() => stores.database.drop());

  let accounts = 0;
  const account = () => {
    accounts += 1;
    return { key: `account ${accounts}`, user: null };
  };
  type Whose = ReturnType<typeof account>;
  const place = async (whose: Whose): Promise<Place> => {
    const reserved = await limit.reserve(whose);
    if (reserved.waitMs > 0) throw new Error(`wait ${reserved.waitMs} ms`);
    return reserved.place;
  };
  const wait = async (whose: Whose) => {
    const reserved = await limit.reserve(whose);
    if (reserved.waitMs > 0) await limit.giveBack(reserved.place);
    return reserved.waitMs / SECOND;
  };
  const fail = async (whose: Whose, times = 1) => {
    for (let time = 0; time < times; time += 1) await limit.fail(await place(whose));
  };

  it('keeps as many places at once as failures are free, however many ask (hold 20)', async () => {
    const whose = account();
    const reserved = await Promise.all(Array.from({ length: 50 }, () => limit.reserve(whose)));
    expect(reserved.filter(({ waitMs }) => waitMs === 0)).to.have.length(3);
    expect(await wait(whose)).to.be.greaterThan(0);
  });

  it('gives back the place of what was right, or was never made, with the wait that it began', async () => {
    const whose = account();
    const places = [await place(whose), await place(whose), await place(whose)];
    expect(await wait(whose)).to.equal(10);
    for (const each of places) await limit.giveBack(each);
    await fail(whose, 3);
    expect(await wait(whose)).to.equal(10);
  });

  it('has each failure wait twice as long as the one before, up to the longest (hold 22)', async () => {
    const whose = account();
    await fail(whose, 3);
    for (const seconds of [10, 20, 40, 40]) {
      expect(await wait(whose)).to.equal(seconds);
      now += seconds * SECOND - 1;
      expect(await wait(whose)).to.equal(0.001);
      now += 1;
      await fail(whose);
    }
  });

  it('lets one have the turn after a wait, of many who ask', async () => {
    const whose = account();
    await fail(whose, 3);
    now += 10 * SECOND;
    const reserved = await Promise.all(Array.from({ length: 20 }, () => limit.reserve(whose)));
    expect(reserved.filter(({ waitMs }) => waitMs === 0)).to.have.length(1);
  });

  it('remembers few failures for a while, and many for long', async () => {
    const [few, many] = [account(), account()];
    await fail(few, 2);
    await fail(many, 3);
    now += 100 * SECOND;
    await fail(few, 2);
    await limit.giveBack(await place(few));
    await fail(many);
    expect(await wait(many)).to.equal(20);
    now += 1000 * SECOND;
    await fail(many, 2);
    await limit.giveBack(await place(many));
  });

  it('forgets all of an account', async () => {
    const whose = account();
    await fail(whose, 3);
    await limit.forget(whose);
    await fail(whose, 2);
    await limit.giveBack(await place(whose));
  });
});
