import { checkKnown } from '../../config/checks.js';
import type { PasswordVerifier } from '../../config/password.js';
import {
  fitsPbkdf2,
  fitsScrypt,
  isBearablePbkdf2,
  isBearableScrypt,
  type Pbkdf2Hash,
  type ScryptHash,
} from './derived-key.js';

/** `pbkdf2_sha256$1200000$salt$hash` */
const PBKDF2 = /^pbkdf2_(sha1|sha256)\$(\d{1,9})\$([^$]{1,128})\$([A-Za-z0-9+/]{22,88}={0,2})$/;
/** `scrypt$16384$salt$8$5$hash`: the salt stands between N and r. */
const SCRYPT = /^scrypt\$(\d{1,9})\$([^$]{1,128})\$(\d{1,4})\$(\d{1,4})\$([A-Za-z0-9+/]{22,88}={0,2})$/;
const ARGON2 = 'argon2';

/**
 * Hashes as Django stores them: `pbkdf2_sha256` (its default) and `pbkdf2_sha1`, `scrypt`, and with the option `argon2`
 * also `argon2$argon2id$...`.
 *
 * @param options.argon2 a verifier of PHC strings: `argon2id()`
 * @throws TypeError for another option
 *
 * @example
 * createAuthRouter({ password: { verifiers: [django({ argon2: argon2id() })] } });
 */
export function django(options: { argon2?: PasswordVerifier } = {}): PasswordVerifier {
  checkKnown(options, [ARGON2], 'django');
  const { argon2 } = options;
  // Django puts the name of its hasher before the PHC string, whose own first character then divides the two.
  const phcOf = (stored: string) => (stored.startsWith(`${ARGON2}$`) ? stored.slice(ARGON2.length) : '');
  return {
    matches: (stored) =>
      (readPbkdf2(stored) ?? readScrypt(stored)) !== undefined || (argon2?.matches(phcOf(stored)) ?? false),
    async verify(password, stored) {
      const pbkdf2 = readPbkdf2(stored);
      if (pbkdf2) return fitsPbkdf2(password, pbkdf2);
      const scrypt = readScrypt(stored);
      if (scrypt) return fitsScrypt(password, scrypt);
      return argon2?.verify(password, phcOf(stored)) ?? false;
    },
  };
}

function readPbkdf2(stored: string): Pbkdf2Hash | undefined {
  const [, digest = '', iterations, salt = '', key = ''] = PBKDF2.exec(stored) ?? [];
  const hash = { digest, iterations: Number(iterations), salt, key: Buffer.from(key, 'base64') };
  return isBearablePbkdf2(hash) ? hash : undefined;
}

function readScrypt(stored: string): ScryptHash | undefined {
  const [, N, salt = '', r, p, key = ''] = SCRYPT.exec(stored) ?? [];
  const hash = { N: Number(N), r: Number(r), p: Number(p), salt, key: Buffer.from(key, 'base64') };
  return isBearableScrypt(hash) ? hash : undefined;
}
