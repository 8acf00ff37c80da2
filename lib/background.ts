import { setTimeout as wait } from 'node:timers/promises';
import pLimit from 'p-limit';

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
/** Who would wait longer behind a mail server that is slow will not read the mail any more. */
const MAX_WAITING = 1000;
/**
 * In milliseconds: the answer is written by then. Work that began before would hold it up, and tell by that whether
 * there is any, for a known address, or none (OWASP Forgot Password Cheat Sheet).
 */
const DELAY = 30;

export function createBackground(): Background {
  const limit = pLimit(CONCURRENT);
  const running = new Set<Promise<void>>();
  return {
    run(job) {
      if (running.size >= CONCURRENT + MAX_WAITING) return false;
      const forget = () => {
        running.delete(promise);
      };
      const promise = wait(DELAY)
        .then(() => limit(job))
        .then(forget, forget);
      running.add(promise);
      return true;
    },
    async settled() {
      await Promise.allSettled(running);
    },
  };
}
