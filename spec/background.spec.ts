import { expect } from 'chai';
import { createBackground } from '../lib/background.js';
import { createHold } from './conformance/hold-back.js';

describe('createBackground', () => {
  it('does not make who starts a job wait for it', async () => {
    const background = createBackground();
    const hold = createHold();
    let done = false;
    background.run(async () => {
      await hold.wait();
      done = true;
    });
    expect(done).to.equal(false);
    await hold.reached;
    hold.release();
    await background.settled();
    expect(done).to.equal(true);
  });

  it('runs eight jobs at a time, the others after them in the order they came', async () => {
    const background = createBackground();
    const holds = Array.from({ length: 20 }, createHold);
    const begun: number[] = [];
    for (const [index, hold] of holds.entries()) {
      background.run(() => {
        begun.push(index);
        return hold.wait();
      });
    }
    await Promise.all(holds.slice(0, 8).map(({ reached }) => reached));
    expect(begun).to.deep.equal([0, 1, 2, 3, 4, 5, 6, 7]);
    for (const hold of holds) hold.release();
    await background.settled();
    expect(begun).to.deep.equal(holds.map((_, index) => index));
  });

  it('is settled when there is nothing to do, and when the jobs begun so far are done', async () => {
    const background = createBackground();
    await background.settled();
    const [first, later] = [createHold(), createHold()];
    background.run(first.wait);
    await first.reached;
    const settled = background.settled();
    background.run(later.wait);
    first.release();
    await settled;
    later.release();
    await background.settled();
  });
});
