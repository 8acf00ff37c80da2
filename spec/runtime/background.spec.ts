import { setTimeout as wait } from 'node:timers/promises';
import { expect } from 'chai';
import { createBackground } from '../../lib/runtime/background.js';
import { createHold } from '../conformance/hold-back.js';

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

  it('begins a job so late that the answer is written: after timers of 20 ms that began with it (hold 53)', async () => {
    const order: string[] = [];
    const background = createBackground();
    background.run(async () => void order.push('job'));
    // Not how long anything takes: timers end in the order of their times, however busy the machine is.
    await wait(20);
    order.push('answer');
    await background.settled();
    expect(order).to.deep.equal(['answer', 'job']);
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

  it('goes on after a job that fails', async () => {
    const background = createBackground();
    const done: string[] = [];
    background.run(() => Promise.reject(new Error('no luck')));
    background.run(async () => void done.push('the next'));
    await background.settled();
    expect(done).to.deep.equal(['the next']);
  });

  it('takes no job behind a thousand that wait, and says so', async () => {
    const background = createBackground();
    const hold = createHold();
    let done = 0;
    const job = async () => {
      await hold.wait();
      done += 1;
    };
    const taken = Array.from({ length: 1008 }, () => background.run(job));
    await hold.reached;
    // Eight are running by now; the others wait.
    expect(taken).to.not.include(false);
    expect(background.run(job)).to.equal(false);
    hold.release();
    await background.settled();
    expect(done).to.equal(1008);
    expect(background.run(job)).to.equal(true);
    await background.settled();
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
