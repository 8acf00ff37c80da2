import { setTimeout as wait } from 'node:timers/promises';
import PQueue from 'p-queue';

/** Work off a request's path: the answer does not wait for it, and its time tells nobody anything. */
export interface Background {
  /**
   * Starts a job a moment later, a bounded number at a time. The job handles its own failures.
   *
   * @returns false when too many are waiting, and this one will not be done
   */
  run(job: () => Promise<void>): boolean;
  /** Resolves when all jobs started so far are done. */
  settled(): Promise<void>;
}

const CONCURRENT = 8;
/** Bounds the memory behind what is slow: a hook of the app's, above all. */
const MAX_WAITING = 1000;
/**
 * In milliseconds. By then the answer is written. Work that starts earlier would slow the answer down where there is some,
 * and the time would tell that (OWASP ASVS 5.0 6.3.8).
 */
const DELAY = 30;

export function createBackground(): Background {
  const queue = new PQueue({ concurrency: CONCURRENT });
  const running = new Set<Promise<void>>();
  return {
    run(job) {
      if (running.size >= CONCURRENT + MAX_WAITING) return false;
      const forget = () => {
        running.delete(promise);
      };
      const promise = wait(DELAY)
        .then(() => queue.add(job))
        .then(forget, forget);
      running.add(promise);
      return true;
    },
    async settled() {
      await Promise.allSettled(running);
    },
  };
}
