import { type Collection, type CollectionDefinition, evenIfMadeMeanwhile, trusted } from './collection.js';
import type { UserId } from './user.js';

/** What is counted. */
export interface CounterName {
  /** Of its kind of users alone. No address and no name of a person as it is. */
  key: string;
  /** Whose it is, if it is somebody's: it goes with the user. */
  user: UserId | null;
}

export interface Count {
  count: number;
  /** When it begins anew, by the clock of the counters. In milliseconds from now. */
  endsInMs: number;
}

/** Counts that end by themselves. */
export interface Counters {
  /** Adds one: of many at once each gets another number. @param seconds how long a new one lasts; one that is there goes on */
  add(name: CounterName, seconds: number): Promise<Count>;
  /** Takes one off again, unless it is over. */
  takeBack(name: CounterName): Promise<void>;
  /** What they are, by one question; 0 where one is over. */
  read(...names: CounterName[]): Promise<Count[]>;
  forget(...names: CounterName[]): Promise<void>;
}

interface CounterRow {
  key: string;
  user: UserId | null;
  count: number;
  expiresAt: Date;
}

export const COUNTERS: CollectionDefinition = {
  name: 'auth_counters',
  fields: {
    key: { type: String, required: true },
    count: { type: Number, required: true },
    expiresAt: { type: Date, required: true },
  },
  indexes: [{ keys: { key: 1, kind: 1 }, unique: true }],
};

const OVER: Count = { count: 0, endsInMs: 0 };

/** In the app's database, by the clock of the kit: all processes count together. */
export function createCounterStore(rows: Collection<CounterRow>, now: () => Date): Counters {
  const add = async ({ key, user }: CounterName, seconds: number): Promise<Count> => {
    const at = now();
    const isOn = { $gt: ['$expiresAt', at] };
    const end = new Date(at.getTime() + seconds * 1000);
    const { count, expiresAt } = await rows.upsert({ key }, [
      {
        $set: {
          user: { $literal: user },
          count: { $cond: [isOn, { $add: ['$count', 1] }, 1] },
          expiresAt: { $cond: [isOn, '$expiresAt', end] },
        },
      },
    ]);
    return { count, endsInMs: expiresAt.getTime() - at.getTime() };
  };
  return {
    add: (name, seconds) => evenIfMadeMeanwhile(() => add(name, seconds)),
    async takeBack({ key }) {
      const isOn = { expiresAt: trusted({ $gt: now() }), count: trusted({ $gt: 0 }) };
      await rows.update({ key, ...isOn }, { $inc: { count: -1 } });
    },
    async read(...names) {
      const at = now();
      const keys = names.map(({ key }) => key);
      const left = { key: trusted({ $in: keys }), expiresAt: trusted({ $gt: at }) };
      const found = await rows.list(left, { sort: { key: 1 } });
      return keys.map((key) => {
        const row = found.find((each) => each.key === key);
        return row ? { count: row.count, endsInMs: row.expiresAt.getTime() - at.getTime() } : OVER;
      });
    },
    async forget(...names) {
      await rows.remove({ key: trusted({ $in: names.map(({ key }) => key) }) });
    },
  };
}
