/** Something that waits at a certain point until it is let go. */
export interface HeldBack {
  /** Resolves when the point is reached. */
  reached: Promise<void>;
  release(): void;
  /** Reached and waiting: resolves when released. */
  wait(): Promise<void>;
}

/** A point where one of two racers waits for the other, so that a race has one course and no luck in it. */
export function createHold(): HeldBack {
  let arrive: () => void = () => {};
  let release: () => void = () => {};
  const reached = new Promise<void>((resolve) => {
    arrive = resolve;
  });
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  return {
    reached,
    release: () => release(),
    wait: () => {
      arrive();
      return released;
    },
  };
}

interface Finder {
  // biome-ignore lint/suspicious/noExplicitAny: a mongoose model, whatever its documents are
  findOne(...args: any[]): any;
}

/** Holds what the next read of a model has found back from who asked for it: they go on with what is old by then. */
export function holdNextRead(model: Finder): HeldBack {
  const hold = createHold();
  const { findOne } = model;
  model.findOne = (...args: unknown[]) => {
    model.findOne = findOne;
    const query = findOne.apply(model, args);
    const { exec } = query;
    query.exec = async (...given: unknown[]) => {
      const found = await exec.apply(query, given);
      await hold.wait();
      return found;
    };
    return query;
  };
  return hold;
}
