import type { RequestContext } from '../config/hooks.js';

/** What every operation on an account is done with, beside what it is about. */
export interface Circumstances {
  context: RequestContext;
  /** Aborted when nobody waits for the answer any more. */
  signal?: AbortSignal | undefined;
}
