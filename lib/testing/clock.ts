import type { Clock } from '../runtime/clock.js';

/** A clock that stands still until it is told to go on. */
export interface TestClock extends Clock {
  /**
   * @param ms milliseconds
   * @throws TypeError for what is no number
   */
  advance(ms: number): void;
}

/**
 * A clock for the `clock` option: tests of expiry need no sleep.
 *
 * @param start milliseconds since the epoch, or a date; now by default
 *
 * @example
 * const clock = createClock();
 * const auth = createAuthRouter({ clock });
 * clock.advance(16 * 60_000);
 */
export function createClock(start: number | Date = Date.now()): TestClock {
  let time = Number(start);
  return {
    now: () => time,
    advance(ms) {
      if (!Number.isFinite(ms)) throw new TypeError(`advance: ${ms} given; allowed: milliseconds`);
      time += ms;
    },
  };
}
