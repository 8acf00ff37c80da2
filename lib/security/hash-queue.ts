import { availableParallelism } from 'node:os';
import PQueue from 'p-queue';
import { Unavailable } from '../errors.js';
import { createFairShare } from './fair-share.js';
import { networkOf } from './ip-address.js';

/** bcrypt runs on libuv's threads, four by default. One stays free for files and DNS, however many logins come. */
const CONCURRENT = Math.min(3, availableParallelism());
/** In milliseconds. A hash that would wait longer is refused at once. */
const MAX_WAIT = 3000;
/** Bounds the memory of the queue, also where a hash takes no time. */
const MAX_WAITING = 1000;
/** How long a hash is expected to take until one was measured, in milliseconds: about one of cost 12. */
const FIRST_GUESS = 200;
/** The share of the newest hash in the average; the first has all of it. */
const WEIGHT = 1 / 8;

/** Who waits for a hash. */
export interface HashTurn {
  /** Aborted when nobody waits for the hash any more: one that has not begun leaves its place to others at once. */
  signal?: AbortSignal | undefined;
  /** Where the request comes from. Turns go round between networks, so that one that sends many keeps no other one out. */
  ip?: string | null | undefined;
  /** Asked when the turn has come, which may be seconds later: what it throws is the answer, and nothing is hashed. */
  admit?: (() => void) | undefined;
}

export interface HashQueue {
  /**
   * Runs hash computations, a bounded number at a time.
   *
   * @throws Unavailable (`unavailable`, 503) when the wait would be too long, or nobody waits any more; what `admit` throws
   */
  <T>(hash: () => Promise<T>, turn?: HashTurn): Promise<T>;
  /**
   * Lets in what will want a hash, before any work is done for it. Who is in is counted as one that waits.
   *
   * @returns leaves again
   * @throws Unavailable (`unavailable`, 503) when the wait would be too long
   */
  enter(turn?: Pick<HashTurn, 'ip'>): () => void;
}

interface HashQueueSettings {
  concurrent: number;
  /** In milliseconds. */
  maxWait: number;
  /** In milliseconds, from any point in time on. */
  now?: () => number;
}

/** One queue for the process: threads are the process's, however many routers there are. */
export const runHash: HashQueue = createHashQueue({ concurrent: CONCURRENT, maxWait: MAX_WAIT });

export function createHashQueue({
  concurrent,
  maxWait,
  now = () => performance.now(),
}: HashQueueSettings): HashQueue {
  const queue = new PQueue({ concurrency: concurrent });
  const share = createFairShare(concurrent);
  let average = FIRST_GUESS;
  let isMeasured = false;
  const refuseTooMany = (ahead: number) => {
    const wait = (ahead / concurrent) * average;
    if (wait <= maxWait && ahead < MAX_WAITING && share.waiting() < MAX_WAITING) return;
    const retryAfterSeconds = Math.max(1, Math.ceil(wait / 1000));
    throw new Unavailable({ message: 'too many password hashes are waiting', retryAfterSeconds });
  };
  const enter = ({ ip }: HashTurn = {}) => {
    const name = nameOf(ip);
    refuseTooMany(share.aheadOfEntering(name));
    return share.enter(name);
  };
  const timed = async <T>(hash: () => Promise<T>): Promise<T> => {
    const start = now();
    try {
      return await hash();
    } finally {
      average += (now() - start - average) * (isMeasured ? WEIGHT : 1);
      isMeasured = true;
    }
  };
  const run = async <T>(hash: () => Promise<T>, { ip, signal, admit }: HashTurn = {}): Promise<T> => {
    const name = nameOf(ip);
    refuseTooMany(share.aheadOf(name));
    const place = share.wait(name);
    const waiting = untilBegun(signal, () => place.end(false));
    return queue.add(
      () => {
        waiting.end();
        place.end(true);
        admit?.();
        return timed(hash);
      },
      { signal: waiting.signal, priority: -place.round },
    );
  };
  return Object.assign(run, { enter });
}

/** What comes from nowhere, the app's own work, is one name among the networks. */
function nameOf(ip: string | null | undefined): string {
  return ip ? networkOf(ip) : '';
}

/** Aborted with another signal, until it ends: a hash that runs keeps its thread, whoever has gone, and so its place. */
function untilBegun(
  signal: AbortSignal | undefined,
  onLeave: () => void,
): { signal: AbortSignal; end(): void } {
  const waiting = new AbortController();
  const leave = () => {
    onLeave();
    waiting.abort(new Unavailable({ message: 'nobody waits for the password hash any more' }));
  };
  if (signal?.aborted) leave();
  signal?.addEventListener('abort', leave, { once: true });
  return { signal: waiting.signal, end: () => signal?.removeEventListener('abort', leave) };
}
