import { createHash } from 'node:crypto';
import bcrypt from 'bcrypt';
import type { PasswordVerifier } from '../config/password.js';
import { Unavailable } from '../errors.js';
import { withDeadline } from '../runtime/deadline.js';
import type { Logger } from '../runtime/logger.js';
import { type HashTurn, runHash } from './hash-queue.js';
import { normalizePassword } from './normalize-password.js';

/** bcrypt reads no further. */
const BCRYPT_BYTES = 72;

/** How long a verifier may take, in milliseconds: one that never answers would keep its place in the queue from everybody. */
const PATIENCE = 10_000;

/**
 * The form of every hash that the kit stores: `$2b$12$` + 22 characters of salt + 31 of hash. A cost above 17 would take a
 * login of many seconds, one of 31 a day.
 */
export const BCRYPT_HASH = /^\$2[aby]\$(0[4-9]|1[0-7])\$[./A-Za-z0-9]{53}$/;

export interface PasswordHasher {
  /**
   * A new bcrypt hash of the configured cost.
   *
   * @param turn who waits for it
   * @throws Unavailable (`unavailable`, 503) when too many hashes are waiting
   */
  hash(password: string, turn?: HashTurn): Promise<string>;
  /**
   * Whether the password fits. Costs the work of one hash, also where there is nothing to compare with: pass `undefined`
   * for a user that does not exist, so that the time says nothing (OWASP ASVS 5.0 6.3.8).
   *
   * @param options.isRefused true when the user is refused anyway; the time must not tell that either
   */
  verify(
    password: string,
    stored: string | null | undefined,
    options?: HashTurn & { isRefused?: boolean },
  ): Promise<boolean>;
  /**
   * Lets in a request that will cost a hash, before any other work is done for it.
   *
   * @returns to be called when the request is over
   * @throws Unavailable (`unavailable`, 503) when the hash would have to wait too long
   */
  admit(turn: Pick<HashTurn, 'ip'>): () => void;
  /** Whether a stored hash can be compared with: bcrypt, or of a form that a verifier knows. */
  knows(stored: string): boolean;
  /** Whether a stored hash is to be replaced: cheaper than the configured cost, or not bcrypt. */
  isOutdated(stored: string): boolean;
}

interface HasherSettings {
  /** bcrypt's cost: 2^cost rounds. */
  cost: number;
  /** For hashes that are not bcrypt: the first that matches is asked. */
  verifiers?: readonly PasswordVerifier[];
  /** How long one of them may take, in milliseconds. */
  patience?: number;
  logger?: Logger;
}

export function createPasswordHasher({
  cost,
  verifiers = [],
  patience = PATIENCE,
  logger = {},
}: HasherSettings): PasswordHasher {
  const verifierOf = (stored: string) => verifiers.find((verifier) => knows(verifier, stored, logger));
  let hasWarned = false;
  const warnOnce = () => {
    if (!hasWarned)
      logger.warn?.('a stored password hash is of a form that no verifier knows: nobody logs in by it');
    hasWarned = true;
  };
  return {
    hash: (password, turn) => runHash(() => bcrypt.hash(bcryptInput(password), cost), turn),
    verify: async (password, stored, { isRefused = false, ...turn } = {}) => {
      const comparable = typeof stored === 'string' && BCRYPT_HASH.test(stored);
      const verifier = stored && !comparable ? verifierOf(stored) : undefined;
      if (stored && verifier) {
        const asked = () => ask(verifier, normalizePassword(password), stored, logger);
        const late = () =>
          new Unavailable({ message: 'a verifier of password hashes did not answer in time' });
        const fits = await runHash(() => withDeadline(asked(), patience, late), turn);
        return fits && password.isWellFormed();
      }
      if (stored && !comparable) warnOnce();
      // `$2y$` is PHP's name for what everyone else calls `$2b$`; the binding knows only the latter.
      const hash = comparable ? stored.replace(/^\$2y/, '$2b') : dummyOf(cost);
      const fits = await runHash(async () => {
        const input = bcryptInput(password);
        const same = await bcrypt.compare(input, hash);
        // A cheaper hash than configured would tell by its time that there is an account. Each cost is twice the one
        // below: with c, c, c + 1, ... up to cost - 1 the work is that of one hash of the configured cost.
        const isToldApart = same && !isRefused;
        for (let spent = costOf(hash); !isToldApart && spent < cost; spent += 1) {
          await bcrypt.compare(input, dummyOf(spent));
        }
        return same;
      }, turn);
      // In UTF-8, which is what is hashed, a lone surrogate would be the replacement character.
      return comparable && fits && password.isWellFormed();
    },
    admit: runHash.enter,
    knows: (stored) => BCRYPT_HASH.test(stored) || verifierOf(stored) !== undefined,
    isOutdated: (stored) => !BCRYPT_HASH.test(stored) || costOf(stored) < cost,
  };
}

/** A hash that a verifier fails at is none of its own: the answer must not tell whose hash is of an odd form. */
function knows(verifier: PasswordVerifier, stored: string, logger: Logger): boolean {
  try {
    return verifier.matches(stored);
  } catch (error) {
    reportFailure(error, logger);
    return false;
  }
}

/** A guess was made, whatever a verifier throws. */
async function ask(
  verifier: PasswordVerifier,
  password: string,
  stored: string,
  logger: Logger,
): Promise<boolean> {
  try {
    return (await verifier.verify(password, stored)) === true;
  } catch (error) {
    if (error instanceof Unavailable) throw error;
    reportFailure(error, logger);
    return false;
  }
}

/** What a verifier throws may quote the hash: of that the log is told nothing. */
function reportFailure(error: unknown, logger: Logger): void {
  logger.error?.('a verifier of password hashes failed', { error: (error as Error | undefined)?.name });
}

function costOf(hash: string): number {
  return Number(BCRYPT_HASH.exec(hash)?.[1]);
}

/** Nothing fits it: no password is known that hashes to it, and `verify` refuses it whatever bcrypt says. */
function dummyOf(cost: number): string {
  return `$2b$${String(cost).padStart(2, '0')}$${'.'.repeat(53)}`;
}

/**
 * What bcrypt hashes: the password itself up to 72 bytes, so that hashes from elsewhere go on working and ours work
 * elsewhere; a digest of the whole beyond that, so that every byte counts. The digest starts with a byte that UTF-8
 * does not have: no shorter password can be equal to it. NUL, where older bcrypts stop, takes the same way.
 */
function bcryptInput(typed: string): string | Buffer {
  const password = normalizePassword(typed);
  const bytes = Buffer.from(password, 'utf8');
  if (bytes.length <= BCRYPT_BYTES && !bytes.includes(0)) return password;
  const digest = createHash('sha384').update(bytes).digest('base64');
  return Buffer.concat([Buffer.of(0xff), Buffer.from(digest, 'latin1')]);
}
