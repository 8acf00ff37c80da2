import type { PasswordVerifier } from '../config/password.js';
import { BCRYPT_HASH } from '../security/password-hash.js';
import { argon2id } from '../security/verifiers/argon2id.js';
import { django } from '../security/verifiers/django.js';
import { passportLocalMongoose } from '../security/verifiers/passport-local-mongoose.js';

/** The password hashes that can be imported. */
export interface HashForms {
  /** For `password.verifiers`: for hashes in the field `password`. */
  verifiers: readonly PasswordVerifier[];
  /** What the app must name to know a hash: `bcrypt` for nothing; undefined where no verifier knows it. */
  nameOf(hash: string): string | undefined;
  /** One text of the two fields that `passport-local-mongoose` stores, as its verifier knows it. */
  join(fields: { hash: string; salt: string }): string;
}

/** All verifiers of the kit; that of Argon2 where its package is installed. */
export function createHashForms(): HashForms {
  const argon2 = tryArgon2();
  const local = passportLocalMongoose();
  const named: [name: string, verifier: PasswordVerifier][] = [
    ...(argon2 ? [['argon2id()', argon2] as [string, PasswordVerifier]] : []),
    [argon2 ? 'django({ argon2: argon2id() })' : 'django()', django(argon2 ? { argon2 } : {})],
    ['passportLocalMongoose()', local],
    ["passportLocalMongoose({ encoding: 'base64' })", passportLocalMongoose({ encoding: 'base64' })],
  ];
  return {
    // Without `fields`: here all hashes are in one.
    verifiers: named.map(([, { matches, verify }]) => ({ matches, verify })),
    nameOf: (hash) =>
      BCRYPT_HASH.test(hash) ? 'bcrypt' : named.find(([, verifier]) => verifier.matches(hash))?.[0],
    join: (fields) => local.join?.(fields) as string,
  };
}

function tryArgon2(): PasswordVerifier | undefined {
  try {
    return argon2id();
  } catch {
    return undefined;
  }
}
