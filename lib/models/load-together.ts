import { AsyncResource } from 'node:async_hooks';
import { Unavailable } from '../errors.js';

/** How many are asked for by one query at most. */
const LIMIT = 1000;

interface Loading<Key, Row> {
  /** Asks for all of them by one query. */
  load(keys: readonly Key[]): Promise<readonly Row[]>;
  /** The same text for a key and for the row it names. */
  nameOfKey(key: Key): string;
  nameOfRow(row: Row): string;
  /** Each who asks for one row gets a row of one's own. */
  copy(row: Row): Row;
}

interface Asker<Row> {
  resolve(row: Row | undefined): void;
  reject(error: unknown): void;
}

interface Asked<Key, Row> {
  key: Key;
  askers: Asker<Row>[];
}

/**
 * Loads by one query what is asked for in one turn of the event loop, equal keys once. Nobody joins a query that is on its
 * way: what it finds may be older than the end of a session that was acknowledged meanwhile.
 *
 * @returns loads one row, or undefined where there is none; rejects with what `load` does
 * @throws Unavailable (`unavailable`, 503) for all that were asked for together
 */
export function loadTogether<Key, Row>({ load, nameOfKey, nameOfRow, copy }: Loading<Key, Row>) {
  type Batch = ReadonlyMap<string, Asked<Key, Row>>;
  let waiting = new Map<string, Asked<Key, Row>>();

  const answer = async (batch: Batch): Promise<void> => {
    const rows = await load([...batch.values()].map(({ key }) => key));
    const byName = new Map(rows.map((row) => [nameOfRow(row), row]));
    for (const [name, { askers }] of batch) {
      const row = byName.get(name);
      const own = askers.map((_, index) => (row && index > 0 ? copy(row) : row));
      for (const [index, { resolve }] of askers.entries()) resolve(own[index]);
    }
  };
  const fail = (batch: Batch, error: unknown) => {
    for (const { askers } of batch.values()) for (const { reject } of askers) reject(error);
  };
  const send = async (batch: Batch): Promise<void> => {
    try {
      await answer(batch);
    } catch (error) {
      // One that cannot be loaded, by a hook of the app's say, is nothing to the others; a database that is away is.
      if (batch.size === 1 || error instanceof Unavailable) return fail(batch, error);
      await Promise.all([...batch].map((each) => send(new Map([each]))));
    }
  };
  // In nobody's context: that of the first to ask may be a transaction.
  const sendWaiting = AsyncResource.bind(() => {
    const batch = waiting;
    waiting = new Map();
    if (batch.size > 0) send(batch);
  });

  return (key: Key): Promise<Row | undefined> =>
    new Promise((resolve, reject) => {
      if (waiting.size >= LIMIT) sendWaiting();
      if (waiting.size === 0) setImmediate(sendWaiting);
      const name = nameOfKey(key);
      const asked = waiting.get(name) ?? { key, askers: [] };
      asked.askers.push({ resolve, reject });
      waiting.set(name, asked);
    });
}
