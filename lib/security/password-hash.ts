import { createHash } from 'node:crypto';
import bcrypt from 'bcrypt';
import { runHash } from './hash-queue.js';

/** bcrypt reads no further. */
const BCRYPT_BYTES = 72;

/** The form of every stored hash: `$2b$12$` + 22 characters of salt + 31 of hash. */
export const BCRYPT_HASH = /^\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{53}$/;

export interface PasswordHasher {
  /** A new bcrypt hash of the configured cost. `signal` is aborted when nobody waits for it any more. */
  hash(password: string, signal?: AbortSignal): Promise<string>;
  /**
   * Whether the password fits. Costs the work of one hash, also where there is nothing to compare with: pass `undefined`
   * for a user that does not exist, so that the time says nothing (OWASP ASVS 5.0 6.3.8).
   *
   * @param options.isRefused that the user is refused whatever the password is, which the time is not to tell either
   */
  verify(
    password: string,
    stored: string | null | undefined,
    options?: { isRefused?: boolean; signal?: AbortSignal | undefined },
  ): Promise<boolean>;
  /** Whether a stored hash is cheaper than the configured cost. */
  isOutdated(stored: string): boolean;
}

/**
 * @param cost bcrypt's cost: 2^cost rounds
 */
export function createPasswordHasher({ cost }: { cost: number }): PasswordHasher {
  return {
    hash: (password, signal) => runHash(() => bcrypt.hash(bcryptInput(password), cost), signal),
    verify: async (password, stored, { isRefused = false, signal } = {}) => {
      const comparable = typeof stored === 'string' && BCRYPT_HASH.test(stored);
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
      }, signal);
      // In UTF-8, which is what is hashed, a lone surrogate would be the replacement character.
      return comparable && fits && password.isWellFormed();
    },
    isOutdated: (stored) => costOf(stored) < cost,
  };
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
function bcryptInput(password: string): string | Buffer {
  const bytes = Buffer.from(password, 'utf8');
  if (bytes.length <= BCRYPT_BYTES && !bytes.includes(0)) return password;
  const digest = createHash('sha384').update(bytes).digest('base64');
  return Buffer.concat([Buffer.of(0xff), Buffer.from(digest, 'latin1')]);
}
