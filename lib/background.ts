import pLimit from 'p-limit';

/** Work off a request's path: the answer does not wait for it, and its time tells nobody anything. */
export interface Background {
  /** Starts a job, a bounded number at a time. The job handles its own failures. */
  run(job: () => Promise<void>): void;
  /** Resolves when all jobs started so far are done. */
  settled(): Promise<void>;
}

const CONCURRENT = 8;

export function createBackground(): Background {
  const limit = pLimit(CONCURRENT);
  const running = new Set<Promise<void>>();
  return {
    run(job) {
      const promise = limit(job).finally(() => running.delete(promise));
      running.add(promise);
    },
    async settled() {
      await Promise.allSettled(running);
    },
  };
}
