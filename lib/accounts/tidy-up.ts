import type { Kit } from '../kit.js';

/**
 * Waits for work that only clears away what is over already. Whether it succeeds changes nothing for anybody, so that
 * its failure is for the log alone: who was told 503 for it would repeat what has been done.
 */
export async function tidyUp(kit: Kit, ...work: Promise<unknown>[]): Promise<void> {
  for (const { status, reason } of (await Promise.allSettled(work)) as PromiseRejectedResult[]) {
    if (status === 'rejected') kit.logger.warn?.('what is over could not be cleared away', { error: reason });
  }
}
