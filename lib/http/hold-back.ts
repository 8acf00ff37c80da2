import { setTimeout as wait } from 'node:timers/promises';
import type { Response } from 'express';

/** How many refused requests wait at once. */
const LIMIT = 1000;
/** In milliseconds. */
const PAUSE = 1000;

let waiting = 0;

/**
 * Lets a refused request wait a moment for its answer, unless too many do. Who asks again as soon as there is an answer would
 * otherwise keep the process busy with refusals alone.
 */
export async function holdBack(res: Response): Promise<void> {
  if (waiting >= LIMIT) return;
  const gone = new AbortController();
  const leave = () => gone.abort();
  waiting += 1;
  res.once('close', leave);
  try {
    await wait(PAUSE, undefined, { signal: gone.signal });
  } catch {
    // The client did not wait.
  } finally {
    res.off('close', leave);
    waiting -= 1;
  }
}
