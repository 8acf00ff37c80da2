import type { CounterName, Counters } from '../../models/counter-store.js';
import type { AccountNumbers } from './numbers.js';

/** A place that was kept for a guess. */
export interface Place {
  /** Counts as a failure from the beginning: nothing that dies in between, and nothing at the same time, gets past the count. */
  failures: CounterName;
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
 * Three counts an account: the failures; how often there was a wait, which is remembered for longer; and, once there is a wait,
 * one whose first taker has the turn for as long as it lasts. What is counted is only ever added, or what was added is taken
 * back: so of many at once no more get a place than there are, in whichever order they come.
 */
export function createAccountLimit(counters: Counters, numbers: AccountNumbers): AccountLimit {
  const { free, window, firstWait, lastWait, memory } = numbers;
  const waitAfter = (waits: number) => Math.min(lastWait, firstWait * 2 ** waits);
  const part =
    (name: string) =>
    ({ key, user }: CounterName) => ({ key: `${key} ${name}`, user });
  const turnOf = part('turn');
  const waitsOf = part('waits');
  return {
    async reserve(failures) {
      const [{ count }, waits] = await Promise.all([
        counters.add(failures, window),
        counters.read(waitsOf(failures)),
      ]);
      if (waits === 0 && count < free) return { place: { failures, turn: undefined } };
      const turn = turnOf(failures);
      const taken = await counters.add(turn, waitAfter(waits));
      if (taken.count === 1) return { place: { failures, turn } };
      await counters.takeBack(failures);
      return { waitMs: taken.endsInMs };
    },
    async giveBack({ failures, turn }) {
      await Promise.all([counters.takeBack(failures), turn && counters.forget(turn)]);
    },
    async fail({ failures, turn }) {
      if (turn) await counters.add(waitsOf(failures), memory);
    },
    async forget(failures) {
      await counters.forget(failures, turnOf(failures), waitsOf(failures));
    },
  };
}
