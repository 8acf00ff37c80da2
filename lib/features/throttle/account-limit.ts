import type { CounterName, Counters } from '../../models/counter-store.js';
import type { AccountNumbers } from './numbers.js';

/** A place that was kept for a guess. */
export interface Place {
  /** Counts as a failure from the beginning: nothing that dies in between, and nothing at the same time, gets past the count. */
  failures: CounterName;
  /** How many there are with it. */
  count: number;
  /** Beyond the free ones: who has it is the only one until the wait is over. */
  turn: CounterName | undefined;
}

/** How often an account may be guessed at. */
export interface AccountLimit {
  /** Keeps a place, or says for how long there is none. */
  reserve(whose: CounterName): Promise<{ place: Place } | { waitMs: number }>;
  /** It was right, or was never made. */
  giveBack(place: Place): Promise<void>;
  /** It was wrong. */
  fail(place: Place): Promise<void>;
  /** The account begins anew. */
  forget(whose: CounterName): Promise<void>;
}

/**
 * Two counts an account: of the failures, and, when the free ones are used up, one whose first taker has the turn for as long as
 * a wait lasts. Both only ever add, so of many at once no more get a place than there are.
 */
export function createAccountLimit(counters: Counters, numbers: AccountNumbers): AccountLimit {
  const { free, window, firstWait, lastWait, memory } = numbers;
  const waitAfter = (count: number) => Math.min(lastWait, firstWait * 2 ** (count - free));
  const turnOf = ({ key, user }: CounterName) => ({ key: `${key} turn`, user });
  return {
    async reserve(failures) {
      const { count } = await counters.add(failures, window);
      if (count < free) return { place: { failures, count, turn: undefined } };
      const turn = turnOf(failures);
      const taken = await counters.add(turn, waitAfter(count));
      if (taken.count === 1) return { place: { failures, count, turn } };
      await counters.takeBack(failures);
      return { waitMs: taken.endsInMs };
    },
    async giveBack({ failures, turn }) {
      await Promise.all([counters.takeBack(failures), turn && counters.forget(turn)]);
    },
    async fail({ failures, count, turn }) {
      if (turn) await counters.extend(failures, count, memory);
    },
    async forget(failures) {
      await counters.forget(failures, turnOf(failures));
    },
  };
}
