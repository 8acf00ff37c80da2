import type { ThrottleStore } from '../../config/throttle.js';
import { Unavailable } from '../../errors.js';
import type { CounterName, Counters } from '../../models/counter-store.js';
import { withDeadline } from '../../runtime/deadline.js';

/** How long the store may take, in milliseconds: a client of Redis may wait for its server for ever. */
const PATIENCE = 2500;

/** @param kind the users' collection: two kinds of users may have the same ids */
export function createLimiterCounters(
  store: ThrottleStore,
  kind: string,
  patience: number = PATIENCE,
): Counters {
  const keyOf = ({ key }: CounterName) => `${kind}:${key}`;
  return {
    async add(name, seconds) {
      const added = store.penalty(keyOf(name), 1, { customDuration: seconds });
      const { consumedPoints, msBeforeNext } = await answered(added, patience);
      return { count: consumedPoints, endsInMs: msBeforeNext };
    },
    async takeBack(name) {
      // What is over by now would begin anew, below nothing.
      const taken = store.reward(keyOf(name), 1, { customDuration: 1 });
      const { consumedPoints } = await answered(taken, patience);
      if (consumedPoints < 0) await answered(store.delete(keyOf(name)), patience);
    },
    async read(...names) {
      const found = await answered(Promise.all(names.map((name) => store.get(keyOf(name)))), patience);
      return found.map((row) => ({ count: row?.consumedPoints ?? 0, endsInMs: row?.msBeforeNext ?? 0 }));
    },
    async forget(...names) {
      await answered(Promise.all(names.map((name) => store.delete(keyOf(name)))), patience);
    },
  };
}

/** @throws Unavailable (`unavailable`, 503) where the store fails, or does not answer in time */
async function answered<Result>(asked: Promise<Result>, patience: number): Promise<Result> {
  const late = () => new Error(`no answer within ${patience} ms`);
  try {
    return await withDeadline(asked, patience, late);
  } catch (cause) {
    throw new Unavailable({ message: 'the store of option throttle failed', cause });
  }
}
