import type { AttemptKind } from '../../core/limits.js';

/**
 * How often something may be tried, all in one place. They are constants: whoever could change them could be talked into
 * changing them for everybody.
 */

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** What an account bears. Times are in seconds. */
export interface AccountNumbers {
  /** So many failures cost no time. Those that are being checked count as failures until they are found right. */
  free: number;
  /** How long they are remembered. */
  window: number;
  /** After the last of them, and after each further one, there is a wait: so long, then twice as long each time ... */
  firstWait: number;
  /** ... up to this. Never for ever: a lock that a stranger can close must open by itself. */
  lastWait: number;
  /** How long after the first wait each further failure brings a longer one. With `lastWait` that is about 100 guesses a day. */
  memory: number;
}

export const PER_ACCOUNT: Readonly<Record<'password' | 'code', AccountNumbers>> = {
  // Ten: more than anybody needs who has forgotten which of a few passwords it was. Whoever stays below them in each window has
  // about 860 guesses a day, whoever does not about 100, and the common passwords are refused (NIST SP 800-63B section 3.2.2).
  password: { free: 10, window: 15 * MINUTE, firstWait: MINUTE, lastWait: 15 * MINUTE, memory: DAY },
  // Of a million codes, ten in a row are a chance of one in 100,000; it is the row that counts, however long it takes.
  code: { free: 10, window: DAY, firstWait: MINUTE, lastWait: 15 * MINUTE, memory: DAY },
};

/** What an address bears (IPv6: a /64). Times are in seconds. */
export interface AddressNumbers {
  most: number;
  within: number;
  /** Whether what succeeds counts too. */
  all: boolean;
}

export const PER_ADDRESS: Readonly<Record<AttemptKind, AddressNumbers>> = {
  // An office has one address: what counts is failures, and a minute is over soon. Success clears nothing, or whoever has an
  // account could guess at others' between two logins.
  password: { most: 10, within: MINUTE, all: false },
  code: { most: 10, within: MINUTE, all: false },
  // Honest clients send an old token now and then, and many tabs do at once.
  refresh: { most: 30, within: 5 * MINUTE, all: false },
  // A class that signs up together comes from one address. Robots make thousands.
  register: { most: 20, within: HOUR, all: true },
  // How many an account is mailed, its live links bound; this bounds how many accounts are.
  mail: { most: 60, within: HOUR, all: true },
};

/** How often the owner is told that somebody is guessing, at most. In minutes. */
export const NOTICE_MINUTES = 24 * 60;

/** How many addresses that try too much a process remembers: what is beyond is found again by the store. */
export const BLOCKED_MOST = 10_000;
