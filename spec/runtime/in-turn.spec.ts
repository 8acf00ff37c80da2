import { expect } from 'chai';
import { inTurn } from '../../lib/runtime/in-turn.js';
import { failureOf } from '../support/failure.js';

describe('inTurn', () => {
  /** What is done, and what ends each time of it. */
  function start() {
    const times: { items: readonly string[]; finish(): void; fail(error: Error): void }[] = [];
    const ask = inTurn<string>(
      (items) =>
        new Promise((finish, fail) => {
          times.push({ items, finish: () => finish(), fail });
        }),
    );
    return { ask, times, done: () => times.map(({ items }) => items) };
  }
  const turns = () => new Promise((resolve) => setImmediate(resolve));

  it('does it for the first at once, and for those who ask meanwhile together, afterwards', async () => {
    const { ask, times, done } = start();
    const first = ask('key', 'a');
    const others = ['b', 'c', 'd'].map((item) => ask('key', item));
    await turns();
    expect(done()).to.deep.equal([['a']]);
    times[0]?.finish();
    await first;
    await turns();
    expect(done()).to.deep.equal([['a'], ['b', 'c', 'd']]);
    // It has begun: who comes now comes too late for it.
    const late = ask('key', 'e');
    times[1]?.finish();
    await Promise.all(others);
    await turns();
    times[2]?.finish();
    await late;
    expect(done()).to.deep.equal([['a'], ['b', 'c', 'd'], ['e']]);
  });

  it('begins anew when nobody waits', async () => {
    const { ask, times, done } = start();
    for (const item of ['a', 'b']) {
      const asked = ask('key', item);
      times.at(-1)?.finish();
      await asked;
    }
    expect(done()).to.deep.equal([['a'], ['b']]);
  });

  it('lets nobody join what has begun, at whatever moment it is asked', async () => {
    const { ask, times } = start();
    const seen: string[] = [];
    const first = ask('key', 'a').then(() => ask('key', 'late'));
    const second = ask('key', 'b');
    times[0]?.finish();
    for (let count = 0; count < 3; count += 1) {
      await turns();
      times.at(-1)?.finish();
    }
    await Promise.all([first, second]);
    for (const { items } of times) seen.push(...items);
    expect(seen.sort()).to.deep.equal(['a', 'b', 'late']);
  });

  it('does not let the keys wait for each other', async () => {
    const { ask, done } = start();
    ask('one', 'a');
    ask('other', 'b');
    expect(done()).to.deep.equal([['a'], ['b']]);
  });

  it('fails for those who wait as for those before, and goes on with who comes then', async () => {
    const { ask, times, done } = start();
    const asked = ['a', 'b', 'c'].map((item) => failureOf(() => ask('key', item)));
    times[0]?.fail(new Error('away'));
    for (const failure of asked) expect((await failure).message).to.equal('away');
    const next = ask('key', 'd');
    times.at(-1)?.finish();
    await next;
    expect(done()).to.deep.equal([['a'], ['d']]);
  });
});
