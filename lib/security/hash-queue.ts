import { availableParallelism } from 'node:os';
import PQueue from 'p-queue';
import { Unavailable } from '../errors.js';

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

export interface HashQueue {
  /**
   * Runs hash computations, a bounded number at a time.
   *
   * @param signal aborted when nobody waits for the hash any more: one that has not begun leaves its place to others at once
   * @throws Unavailable (`unavailable`, 503) when the wait would be too long, or `signal` was aborted
   */
  <T>(hash: () => Promise<T>, signal?: AbortSignal): Promise<T>;
  /**
   * Lets in what will want a hash, before any work is done for it. Who is in is counted as one that waits.
   *
   * @returns leaves again
   * @throws Unavailable (`unavailable`, 503) when the wait would be too long
   */
  enter(): () => void;
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
  let average = FIRST_GUESS;
  let isMeasured = false;
  /** Who has entered and not left: some of them wait in the queue already. */
  let inside = 0;
  const refuseTooMany = (waiting: number) => {
    const wait = (waiting / concurrent) * average;
    if (wait <= maxWait && waiting < MAX_WAITING) return;
    const retryAfterSeconds = Math.max(1, Math.ceil(wait / 1000));
    throw new Unavailable({ message: 'too many password hashes are waiting', retryAfterSeconds });
  };
  const enter = () => {
    refuseTooMany(Math.max(queue.size, inside - concurrent));
    inside += 1;
    let isInside = true;
    return () => {
      if (isInside) inside -= 1;
      isInside = false;
    };
  };
  const run = async <T>(hash: () => Promise<T>, signal?: AbortSignal): Promise<T> => {
    refuseTooMany(queue.size);
    const waiting = untilBegun(signal);
    return queue.add(
      async () => {
        waiting.end();
        const start = now();
        try {
          return await hash();
        } finally {
          average += (now() - start - average) * (isMeasured ? WEIGHT : 1);
          isMeasured = true;
        }
      },
      { signal: waiting.signal },
    );
  };
  return Object.assign(run, { enter });
}

/** Aborted with another signal, until it ends: a hash that runs keeps its thread, whoever has gone, and so its place. */
function untilBegun(signal: AbortSignal | undefined): { signal: AbortSignal; end(): void } {
  const waiting = new AbortController();
  const leave = () =>
    waiting.abort(new Unavailable({ message: 'nobody waits for the password hash any more' }));
  if (signal?.aborted) leave();
  signal?.addEventListener('abort', leave, { once: true });
  return { signal: waiting.signal, end: () => signal?.removeEventListener('abort', leave) };
}
