import { availableParallelism } from 'node:os';
import pLimit from 'p-limit';
import { Unavailable } from '../errors.js';

/** bcrypt runs on libuv's threads, four by default: one stays free for files and DNS, however many logins come. */
const CONCURRENT = Math.min(3, availableParallelism());
/** Who would wait longer is better told at once, in milliseconds. */
const MAX_WAIT = 3000;
/** Whatever a hash takes: what waits needs memory. */
const MAX_WAITING = 1000;
/** What a hash is taken to take before there was one, in milliseconds: one of cost 12. */
const FIRST_GUESS = 200;
/** How much of the average the newest hash makes. */
const WEIGHT = 1 / 8;

/**
 * Runs hash computations, a bounded number at a time.
 *
 * @param signal aborted when nobody waits for the hash any more: then it is not begun
 * @throws Unavailable (`unavailable`, 503) when the wait would be too long, and for whom nobody waits
 */
export type HashQueue = <T>(hash: () => Promise<T>, signal?: AbortSignal) => Promise<T>;

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
  const limit = pLimit(concurrent);
  let average = FIRST_GUESS;
  return async (hash, signal) => {
    const wait = (limit.pendingCount / concurrent) * average;
    if (wait > maxWait || limit.pendingCount >= MAX_WAITING) {
      const retryAfterSeconds = Math.max(1, Math.ceil(wait / 1000));
      throw new Unavailable({ message: 'too many password hashes are waiting', retryAfterSeconds });
    }
    return limit(async () => {
      if (signal?.aborted) throw new Unavailable({ message: 'nobody waits for the password hash any more' });
      const start = now();
      try {
        return await hash();
      } finally {
        average += (now() - start - average) * WEIGHT;
      }
    });
  };
}
