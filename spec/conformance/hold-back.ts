import { type Command, isRead } from '../support/commands.js';
import { interceptCommands } from '../support/intercept-commands.js';

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

/**
 * Holds one command back, of those that come from now on.
 *
 * @param what the question, which then finds what is new, or the answer, which is old by the time it is there
 * @param after how many that match are let through first
 */
export function holdOne(
  matches: (command: Command) => boolean,
  what: 'question' | 'answer',
  after = 0,
): HeldBack {
  const hold = createHold();
  let passed = 0;
  const pass = interceptCommands(async (command, send) => {
    if (!matches(command)) return send();
    passed += 1;
    if (passed <= after) return send();
    pass();
    if (what === 'question') await hold.wait();
    const answer = await send();
    if (what === 'answer') await hold.wait();
    return answer;
  });
  return hold;
}

/**
 * Holds the answer to the next read of a collection back from who asked for it: they go on with what is old by then.
 *
 * @param collection its name
 */
export function holdNextRead(collection: string): HeldBack {
  return holdOne((command) => command.collection === collection && isRead(command), 'answer');
}

/** Holds commands back from the database, as if it stood still, until they are released. */
export function holdCommands(matches: (command: Command) => boolean): HeldBack {
  const hold = createHold();
  const pass = interceptCommands(async (command, send) => {
    if (matches(command)) await hold.wait();
    return send();
  });
  const release = () => {
    pass();
    hold.release();
  };
  return { ...hold, release };
}
