import type { Clock } from '../config/options.js';

/** A clock that stands still until it is told to go on. */
export interface TestClock extends Clock {
  /** @param ms milliseconds */
  advance(ms: number): void;
}

/**
 * A clock for the `clock` option: tests of expiry need no sleep.
 *
 * @param start milliseconds since the epoch, or a date; now by default
 */
export function createClock(start: number | Date = Date.now()): TestClock {
  let time = Number(start);
  return {
    now: () => time,
    advance(ms) {
      time += ms;
    },
  };
}
