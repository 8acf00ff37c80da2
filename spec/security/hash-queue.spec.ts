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

/** Time as the hashes themselves make it pass. */
function createTime() {
  let ms = 0;
  return {
    now: () => ms,
    /** A hash that takes so long, in milliseconds. */
    hashOf: (duration: number) => async () => {
      ms += duration;
      return 'hash';
    },
  };
}

describe('the hash queue', () => {
  it('runs a bounded number at once, and refuses who would wait too long, with how long (hold 68)', async () => {
    const held = createHeldHashes();
    // A hash is taken to take 200 ms until there was one.
    const queue = createHashQueue({ concurrent: 2, maxWait: 1000 });
    const taken = Array.from({ length: 2 + 11 }, () => queue(held.hash));
    await new Promise(setImmediate);
    expect(held.running).to.equal(2);

    const refused = await expectUnavailable(() => queue(held.hash));
    expect(refused.message).to.equal('too many password hashes are waiting');
    expect(refused.headers).to.deep.equal({ 'Retry-After': '2' });
    expect(held.running).to.equal(2);

    await held.release();
    expect(new Set(await Promise.all(taken))).to.deep.equal(new Set(['hash']));
  });

  it('asks once more when the turn has come, and hashes nothing for who is refused', async () => {
    const held = createHeldHashes();
    const queue = createHashQueue({ concurrent: 1, maxWait: 1000 });
    const first = queue(held.hash);
    let isOpen = true;
    const refusal = new Error('closed');
    const admit = () => {
      if (!isOpen) throw refusal;
    };
    const late = failureOf(() => queue(held.hash, { admit }));
    await new Promise(setImmediate);
    isOpen = false;
    await held.release();
    expect(await late).to.equal(refusal);
    await first;
    isOpen = true;
    const next = queue(held.hash, { admit });
    await new Promise(setImmediate);
    await held.release();
    expect(await next).to.equal('hash');
  });

  it('counts who has entered as one that waits, until it leaves', async () => {
    const held = createHeldHashes();
    // Two run, ten wait for a second.
    const queue = createHashQueue({ concurrent: 2, maxWait: 1000 });
    const leaves = Array.from({ length: 2 + 11 }, () => queue.enter());
    const refused = await expectUnavailable(async () => queue.enter());
    expect(refused.headers).to.deep.equal({ 'Retry-After': '2' });
    const [first] = leaves;
    first?.();
    first?.();
    queue.enter();
    await expectUnavailable(async () => queue.enter());
    // Those that are in find their places, and take no second one.
    const taken = leaves.map(() => queue(held.hash));
    await new Promise(setImmediate);
    await held.release();
    await Promise.all(taken);
  });

  it('goes round between networks: one that sends many keeps no other one out (hold 68)', async () => {
    const held = createHeldHashes();
    const queue = createHashQueue({ concurrent: 1, maxWait: 1000 });
    const order: string[] = [];
    const from = (ip: string) => queue(held.hash, { ip }).then(() => order.push(ip));
    const running = from('192.0.2.1');
    const many = Array.from({ length: 6 }, () => from('192.0.2.1'));
    await expectUnavailable(() => from('192.0.2.1'));
    await expectUnavailable(async () => queue.enter({ ip: '192.0.2.1' }));
    // Three addresses of one network are one.
    const few = ['2001:db8::1', '2001:db8::2', '2001:db8::3'].map(from);
    await expectUnavailable(() => from('2001:db8::4'));
    const leave = queue.enter({ ip: '203.0.113.1' });
    const own = queue(held.hash).then(() => order.push('own'));
    await held.release();
    await Promise.all([running, ...many, ...few, own]);
    leave();
    expect(order.slice(0, 6)).to.deep.equal([
      ...['192.0.2.1', '192.0.2.1', '2001:db8::1', 'own'],
      ...['192.0.2.1', '2001:db8::2'],
    ]);
  });

  it('learns how long a hash takes: of fast ones more may wait, of slow ones fewer', async () => {
    for (const [duration, least, most] of [
      [50, 20, 22],
      [800, 2, 3],
    ] as const) {
      const { now, hashOf } = createTime();
      const held = createHeldHashes();
      const queue = createHashQueue({ concurrent: 1, maxWait: 1000, now });
      for (let time = 0; time < 100; time += 1) await queue(hashOf(duration));
      const outcomes = Array.from({ length: 50 }, () =>
        queue(held.hash).then(
          () => true,
          () => false,
        ),
      );
      await new Promise(setImmediate);
      await held.release();
      const taken = (await Promise.all(outcomes)).filter(Boolean).length;
      expect(taken, `${duration} ms`).to.be.within(least, most);
    }
  });

  it('lets no more than a thousand wait, however fast they are', async () => {
    const { now, hashOf } = createTime();
    const held = createHeldHashes();
    const queue = createHashQueue({ concurrent: 1, maxWait: 1000, now });
    for (let time = 0; time < 300; time += 1) await queue(hashOf(0));
    const taken = Array.from({ length: 1001 }, () => queue(held.hash));
    expect((await expectUnavailable(() => queue(held.hash))).headers).to.deep.equal({ 'Retry-After': '1' });
    await held.release();
    await Promise.all(taken);
  });

  const GONE = 'nobody waits for the password hash any more';

  it('does not begin a hash that nobody waits for any more (hold 68)', async () => {
    const held = createHeldHashes();
    const queue = createHashQueue({ concurrent: 1, maxWait: 1000 });
    const client = new AbortController();
    const first = queue(held.hash);
    let begun = false;
    const abandoned = expectUnavailable(() =>
      queue(
        async () => {
          begun = true;
        },
        { signal: client.signal },
      ),
    );
    const next = queue(async () => 'next', { signal: new AbortController().signal });
    client.abort();
    expect((await abandoned).message).to.equal(GONE);
    await held.release();
    expect([begun, await first, await next]).to.deep.equal([false, 'hash', 'next']);
  });

  it('has one that is abandoned leave its place at once, to whoever comes next (hold 83)', async () => {
    const held = createHeldHashes();
    // One runs and five wait.
    const queue = createHashQueue({ concurrent: 1, maxWait: 1000 });
    const clients = Array.from({ length: 5 }, () => new AbortController());
    const first = queue(held.hash);
    const abandoned = clients.map(({ signal }) => expectUnavailable(() => queue(held.hash, { signal })));
    const last = queue(held.hash);
    await expectUnavailable(() => queue(held.hash));

    for (const client of clients) client.abort();
    // The first still runs: nobody's turn has come.
    for (const each of abandoned) expect((await each).message).to.equal(GONE);
    const others = Array.from({ length: 5 }, () => queue(held.hash));
    expect((await expectUnavailable(() => queue(held.hash))).headers).to.deep.equal({ 'Retry-After': '2' });
    expect(held.running).to.equal(1);
    await held.release();
    expect(await Promise.all([first, last, ...others])).to.have.length(7);
  });

  it('refuses at once who has gone before, and keeps no place for them (hold 83)', async () => {
    const held = createHeldHashes();
    const queue = createHashQueue({ concurrent: 1, maxWait: 1000 });
    const first = queue(held.hash);
    for (let time = 0; time < 10; time += 1) {
      expect(
        (await expectUnavailable(() => queue(held.hash, { signal: AbortSignal.abort() }))).message,
      ).to.equal(GONE);
    }
    const last = queue(held.hash);
    await held.release();
    expect(await Promise.all([first, last])).to.deep.equal(['hash', 'hash']);
  });

  it('lets one that runs keep its place until its end: its thread is taken (holds 68, 83)', async () => {
    const held = createHeldHashes();
    const queue = createHashQueue({ concurrent: 1, maxWait: 1000 });
    const client = new AbortController();
    const running = queue(held.hash, { signal: client.signal });
    const next = queue(held.hash);
    await new Promise(setImmediate);
    client.abort();
    await new Promise(setImmediate);
    expect(held.running).to.equal(1);
    await held.release();
    expect(await Promise.all([running, next])).to.deep.equal(['hash', 'hash']);
  });

  it('hands on what a hash fails with, and gives its place to the next', async () => {
    const queue = createHashQueue({ concurrent: 1, maxWait: 1000 });
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
    const taken = Array.from({ length: places + 5 }, () => runHash(held.hash));
    await new Promise(setImmediate);
    expect(held.running).to.equal(places);
    await held.release();
    expect(await Promise.all(taken)).to.have.length(places + 5);
  });
});
