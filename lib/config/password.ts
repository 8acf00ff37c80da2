import type { BaseUserFields } from './base-user-fields.js';

/** What a rule of the app's own has against a password: the sentence that the client is told, and what it is called. */
export interface PasswordRefusal {
  detail: string;
  /** `refused` by default. */
  code?: string;
}

/** What such a rule says: nothing, where the password may be had. */
type PasswordRuling = string | PasswordRefusal | null | undefined;

/**
 * Knows hashes that were made elsewhere. Who logs in by one has it replaced by bcrypt.
 *
 * @example
 * const md5: PasswordVerifier = {
 *   matches: (stored) => /^md5\$[0-9a-f]{32}$/.test(stored),
 *   verify: (password, stored) => hashOf(password) === stored.slice(4),
 * };
 */
export interface PasswordVerifier {
  /**
   * Whether a stored hash is of its form, and no dearer than it is willing to compute: what nobody matches fits no password.
   * Asked of every hash that is not bcrypt; what it throws counts as no.
   */
  matches(stored: string): boolean;
  /**
   * Whether the password fits. Awaited in the queue of the kit's own hashes, for ten seconds; what it throws counts as wrong.
   *
   * @param password in NFC
   * @param stored a hash that it matches
   */
  verify(password: string, stored: string): boolean | Promise<boolean>;
  /**
   * The user's fields that hold the hash, where that is not `password`: texts of the model with `select: false`. They are
   * removed when the hash is replaced.
   */
  fields?: readonly string[];
  /**
   * Makes one text of what these fields hold, by their names: what `matches` and `verify` are given. Where it throws, nothing
   * fits.
   */
  join?(values: Readonly<Record<string, string>>): string;
}

/** `User` is the app's documents. */
export interface PasswordOptions<User = BaseUserFields> {
  /** In Unicode code points; 8 by default, at least 1. */
  minLength?: number;
  /** In Unicode code points; 256 by default, at least 64 (OWASP ASVS 5.0 6.2.9). */
  maxLength?: number;
  /** bcrypt's cost, 10 to 15; 12 by default. 4 to 9 only here, never by the environment: for tests. */
  bcryptCost?: number;
  /** `false` accepts common passwords too. The length and the account's own email and name stay checked. */
  blocklist?: boolean;
  /**
   * A rule of the app's own, asked after the kit's wherever a password is chosen: at register, reset, change and
   * `service.setPassword`. What it returns refuses the password (422): a sentence, or a sentence and a code; nothing lets it
   * pass. An `AuthError` that it throws is the answer; anything else that it throws is a fault of the app's.
   *
   * @param password in NFC
   * @param user whose it will be, not stored yet at register; a copy without credentials
   */
  check?(password: string, user: User): PasswordRuling | Promise<PasswordRuling>;
  /** Hashes made elsewhere that log in, too: see `express-auth-kit/verifiers`. The first that matches is asked. */
  verifiers?: readonly PasswordVerifier[];
}
