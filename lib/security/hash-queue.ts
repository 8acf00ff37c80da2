import { availableParallelism } from 'node:os';
import pLimit from 'p-limit';
import { Unavailable } from '../errors.js';

/** bcrypt runs on libuv's threads, four by default: one stays free for files and DNS, however many logins come. */
const MAX_CONCURRENT = Math.min(3, availableParallelism());
/** Who would wait longer than this many hashes is better told at once. */
const MAX_WAITING = 200;

/** Runs hash computations, a bounded number at a time. */
export type HashQueue = <T>(hash: () => Promise<T>) => Promise<T>;

/**
 * One queue for the process: threads are the process's, however many routers there are.
 *
 * @throws Unavailable (`unavailable`, 503) when too many are waiting
 */
export const runHash: HashQueue = createHashQueue({ concurrent: MAX_CONCURRENT, waiting: MAX_WAITING });

export function createHashQueue({ concurrent, waiting }: { concurrent: number; waiting: number }): HashQueue {
  const limit = pLimit(concurrent);
  return async (hash) => {
    if (limit.pendingCount >= waiting)
      throw new Unavailable({ message: 'too many password hashes are waiting' });
    return limit(hash);
  };
}
