import type { Core } from '../core/core.js';

/**
 * Waits for work that only clears away what is over already. Whether it succeeds changes nothing for anybody, so a failure
 * goes to the log alone: a client that was told 503 for it would repeat what has been done.
 */
export async function tidyUp(core: Core, ...work: Promise<unknown>[]): Promise<void> {
  for (const { status, reason } of (await Promise.allSettled(work)) as PromiseRejectedResult[]) {
    if (status === 'rejected')
      core.logger.warn?.('what is over could not be cleared away', { error: reason });
  }
}
