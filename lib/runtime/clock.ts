/** The time source of everything the kit stores and compares. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
}

/** Days in milliseconds, rounded to the whole seconds that tokens have. */
export function daysInMs(days: number): number {
  return Math.round(days * 86_400) * 1000;
}

/** The system's own, for all but tests. */
export const SYSTEM_CLOCK: Clock = { now: () => Date.now() };
