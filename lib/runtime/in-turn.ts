/** Asks for something to be done for an item. */
export type InTurn<Item> = (key: string, item: Item) => Promise<void>;

/**
 * Does one thing at a time for each key. Who asks while it is being done waits for the next time, which is one for all who
 * wait: of many at once, the first has it done alone and the others together.
 *
 * @param work is given the items of those for whom it is done, one at least
 * @returns asks; rejects with what `work` does, and where that has failed the time before: those who wait do not wait in vain
 *
 * @example
 * const count = inTurn(async (names: readonly string[]) => console.log(names));
 * await Promise.all(['a', 'b', 'c'].map((name) => count('key', name))); // ['a'], then ['b', 'c']
 */
export function inTurn<Item>(work: (items: readonly Item[]) => Promise<void>): InTurn<Item> {
  const underWay = new Map<string, Promise<void>>();
  const waiting = new Map<string, { items: Item[]; done: Promise<void> }>();

  const begin = (key: string, items: readonly Item[]): Promise<void> => {
    const done = work(items).finally(() => {
      if (underWay.get(key) === done) underWay.delete(key);
    });
    underWay.set(key, done);
    return done;
  };

  return (key, item) => {
    const joined = waiting.get(key);
    if (joined) {
      joined.items.push(item);
      return joined.done;
    }
    const before = underWay.get(key);
    if (!before) return begin(key, [item]);
    const items = [item];
    // In one step: who asks in between would wait for nothing.
    const next = () => {
      waiting.delete(key);
      return begin(key, items);
    };
    const done = before.then(next, (error) => {
      waiting.delete(key);
      throw error;
    });
    waiting.set(key, { items, done });
    return done;
  };
}
