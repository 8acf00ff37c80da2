import type { RequestContext } from '../config/hooks.js';
import type { HashTurn } from '../security/hash-queue.js';

/** What every operation on an account is done with, beside what it is about. */
export interface Circumstances {
  context: RequestContext;
  /** Aborted when nobody waits for the answer any more. */
  signal?: AbortSignal | undefined;
}

/** What a hash for them waits its turn by. */
export function turnOf({
  context,
  signal,
}: { context: Pick<RequestContext, 'ip'> } & Pick<Circumstances, 'signal'>): HashTurn {
  return { signal, ip: context.ip };
}
