import { createRequire } from 'node:module';
import type { PasswordVerifier } from '../../config/password.js';

/** What is used of the optional peer `@node-rs/argon2`, which brings its binaries and runs nothing when it is installed. */
interface Argon2 {
  verify(stored: string, password: string): Promise<boolean>;
}

/** The PHC string format: `$argon2id$v=19$m=65536,t=3,p=4$salt$hash`. */
const ARGON2ID =
  /^\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,3}),p=(\d{1,2})\$[A-Za-z0-9+/]{11,86}\$[A-Za-z0-9+/]{16,86}$/;

/** In KiB: 256 MiB. Three hashes may be computed at once. */
const MAX_MEMORY = 256 * 1024;
/** Memory times passes, in KiB: about a second. */
const MAX_WORK = 1024 * 1024;

/**
 * Hashes of Argon2id (RFC 9106) as most libraries store them: `argon2-cffi`, `pwdlib`, `argon2`, PHP's `password_hash`.
 * At most 256 MiB of memory, and 1 GiB over all passes.
 *
 * @throws TypeError where the package `@node-rs/argon2` is not installed
 *
 * @example
 * createAuthRouter({ password: { verifiers: [argon2id()] } });
 */
export function argon2id(): PasswordVerifier {
  const { verify } = loadArgon2();
  return { matches: isWithinBounds, verify: (password, stored) => verify(stored, password) };
}

function isWithinBounds(stored: string): boolean {
  const [memory = 0, passes = 0] = (ARGON2ID.exec(stored) ?? []).slice(1).map(Number);
  return memory > 0 && passes > 0 && memory <= MAX_MEMORY && memory * passes <= MAX_WORK;
}

/** At the start, and not at the first login: who forgot to install it is told then. */
function loadArgon2(): Argon2 {
  try {
    return createRequire(import.meta.url)('@node-rs/argon2') as Argon2;
  } catch (error) {
    throw new TypeError('argon2id: install the package @node-rs/argon2', { cause: error });
  }
}
