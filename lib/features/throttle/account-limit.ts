import type { Count, CounterName, Counters } from '../../models/counter-store.js';
import type { AccountNumbers } from './numbers.js';

/** What was counted for a guess. */
export interface Place {
  /** Counts as a failure from the beginning: nothing that dies in between, and nothing at the same time, gets past the count. */
  failures: CounterName;
  /** Beyond the free ones: who has it is the only one until the wait is over. */
  turn: CounterName | undefined;
}

/** In milliseconds; 0 for who may guess. */
export interface Reserved {
  place: Place;
  waitMs: number;
}

/** How often an account may be guessed at. */
export interface AccountLimit {
  /** Keeps a place; `waitMs`: there is none for so long, and what was counted is to be given back. */
  reserve(whose: CounterName): Promise<Reserved>;
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
      const turn = turnOf(failures);
      const [{ count }, [waits, current]] = await Promise.all([
        counters.add(failures, window),
        counters.read(waitsOf(failures), turn) as Promise<[Count, Count]>,
      ]);
      const none = { place: { failures, turn: undefined } };
      if (waits.count === 0 && count < free) return { ...none, waitMs: 0 };
      if (current.count > 0) return { ...none, waitMs: current.endsInMs };
      const taken = await counters.add(turn, waitAfter(waits.count));
      return taken.count === 1
        ? { place: { failures, turn }, waitMs: 0 }
        : { ...none, waitMs: taken.endsInMs };
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
