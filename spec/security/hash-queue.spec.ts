import { availableParallelism } from 'node:os';
import { expect } from 'chai';
import { createHashQueue, runHash } from '../../lib/security/hash-queue.js';
import { expectUnavailable, failureOf } from '../support/failure.js';

/** Hashes that take until they are told to end. */
function createHeldHashes() {
  const running: (() => void)[] = [];
  return {
    get running() {
      return running.length;
    },
    hash: () => new Promise<string>((resolve) => running.push(() => resolve('hash'))),
    /** Ends those that run, and those that begin then. */
    async release() {
      while (running.length > 0) {
        for (const end of running.splice(0)) end();
        await new Promise(setImmediate);
      }
    },
  };
}

describe('the hash queue', () => {
  it('runs a bounded number at once, lets a bounded number wait, and refuses the next (hold 68)', async () => {
    const held = createHeldHashes();
    const queue = createHashQueue({ concurrent: 2, waiting: 3 });
    const taken = Array.from({ length: 5 }, () => queue(held.hash));
    await new Promise(setImmediate);
    expect(held.running).to.equal(2);

    const refused = await expectUnavailable(() => queue(held.hash));
    expect(refused.message).to.equal('too many password hashes are waiting');
    expect(refused.headers).to.deep.equal({ 'Retry-After': '2' });
    expect(held.running).to.equal(2);

    await held.release();
    expect(await Promise.all(taken)).to.deep.equal(['hash', 'hash', 'hash', 'hash', 'hash']);
  });

  it('takes more when there is room again', async () => {
    const held = createHeldHashes();
    const queue = createHashQueue({ concurrent: 1, waiting: 1 });
    const first = [queue(held.hash), queue(held.hash)];
    await expectUnavailable(() => queue(held.hash));
    await held.release();
    await Promise.all(first);
    expect(await queue(async () => 'another')).to.equal('another');
  });

  it('hands on what a hash fails with, and gives its place to the next', async () => {
    const queue = createHashQueue({ concurrent: 1, waiting: 1 });
    const fault = new Error('out of memory');
    const [failure, next] = await Promise.all([
      failureOf(() => queue(() => Promise.reject(fault))),
      queue(async () => 'hash'),
    ]);
    expect(failure).to.equal(fault);
    expect(next).to.equal('hash');
  });

  it('is one for the process, and leaves one of the four threads free (hold 68)', async () => {
    const held = createHeldHashes();
    const places = Math.min(3, availableParallelism());
    const taken = Array.from({ length: places + 200 }, () => runHash(held.hash));
    await new Promise(setImmediate);
    expect(held.running).to.equal(places);
    await expectUnavailable(() => runHash(held.hash));
    await held.release();
    expect(await Promise.all(taken)).to.have.length(places + 200);
  });
});
