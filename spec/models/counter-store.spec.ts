import { expect } from 'chai';
import { COUNTERS, type Counters, createCounterStore } from '../../lib/models/counter-store.js';
import { createTestStores, type TestStores } from '../support/test-stores.js';

const SECOND = 1000;

describe('the store of counters', () => {
  let stores: TestStores;
  let counters: Counters;
  let now = Date.parse('2030-01-01T00:00:00.000Z');

  before(async () => {
    stores = await createTestStores();
    counters = createCounterStore(stores.collections.open(COUNTERS), () => new Date(now));
    await stores.indexes.create();
  });
  after(() => stores.database.drop());

  const nameOf = (key: string) => ({ key, user: null });

  it('counts from one, each of many at once by another number, also where there was none (hold 20)', async () => {
    const counts = await Promise.all(Array.from({ length: 50 }, () => counters.add(nameOf('many'), 10)));
    const numbers = counts.map(({ count }) => count).sort((a, b) => a - b);
    expect(numbers).to.deep.equal(Array.from({ length: 50 }, (_, index) => index + 1));
    expect(await counters.add(nameOf('another'), 10)).to.deep.equal({ count: 1, endsInMs: 10 * SECOND });
  });

  it('begins anew when its time is over, whether or not the row was tidied away', async () => {
    await counters.add(nameOf('timed'), 10);
    now += 9 * SECOND;
    expect(await counters.add(nameOf('timed'), 10)).to.deep.equal({ count: 2, endsInMs: SECOND });
    now += SECOND;
    expect(await counters.add(nameOf('timed'), 10)).to.deep.equal({ count: 1, endsInMs: 10 * SECOND });
  });

  it('takes back what was added, never below nothing, and nothing of what is over', async () => {
    const name = nameOf('taken back');
    await counters.add(name, 10);
    for (let time = 0; time < 3; time += 1) await counters.takeBack(name);
    expect((await counters.add(name, 10)).count).to.equal(1);
    now += 10 * SECOND;
    await counters.takeBack(name);
    await counters.takeBack(nameOf('never added'));
    const rows = await stores.database.connection.collection('auth_counters').find({}).toArray();
    expect(rows.map(({ key }) => key)).to.not.include('never added');
    expect((await counters.add(name, 10)).count).to.equal(1);
  });

  it('tells what a count is, 0 where it is over or was never there', async () => {
    const name = nameOf('read');
    expect(await counters.read(name)).to.deep.equal([{ count: 0, endsInMs: 0 }]);
    await counters.add(name, 10);
    await counters.add(name, 10);
    now += 10 * SECOND - 1;
    expect(await counters.read(nameOf('other'), name)).to.deep.equal([
      { count: 0, endsInMs: 0 },
      { count: 2, endsInMs: 1 },
    ]);
    now += 1;
    expect(await counters.read(name)).to.deep.equal([{ count: 0, endsInMs: 0 }]);
  });

  it('forgets those that it is told to', async () => {
    for (const key of ['a', 'b', 'c']) await counters.add(nameOf(key), 10);
    await counters.forget(nameOf('a'), nameOf('b'));
    const counts = await Promise.all(['a', 'b', 'c'].map((key) => counters.add(nameOf(key), 10)));
    expect(counts.map(({ count }) => count)).to.deep.equal([1, 1, 2]);
  });

  it('takes a key and a user as they are, whatever they look like', async () => {
    const user = '$count' as never;
    expect((await counters.add({ key: '$key', user }, 10)).count).to.equal(1);
    const row = await stores.database.connection.collection('auth_counters').findOne({ key: '$key' });
    expect(row).to.deep.include({ user: '$count', kind: 'users', count: 1 });
  });
});
