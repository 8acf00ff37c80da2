import { nearMiss } from '../../config/checks.js';
import type { PasswordVerifier } from '../../config/password.js';
import { fitsPbkdf2, isBearablePbkdf2, type Pbkdf2Hash } from './derived-key.js';

/** The options of `passport-local-mongoose` that say how a hash is made and stored, with its own defaults. */
export interface PassportLocalMongooseOptions {
  /** 25,000 by default. */
  iterations?: number;
  /** sha256 by default. */
  digestAlgorithm?: 'sha1' | 'sha256' | 'sha512';
  /** hex by default. */
  encoding?: 'hex' | 'base64';
  /** `hash` by default. */
  hashField?: string;
  /** `salt` by default. */
  saltField?: string;
}

const OPTIONS = Object.keys({
  iterations: true,
  digestAlgorithm: true,
  encoding: true,
  hashField: true,
  saltField: true,
} satisfies Record<keyof PassportLocalMongooseOptions, true>);

/**
 * Those of the plugin that say nothing of the hash may be among them. One that is misspelt would leave its default, by which
 * nobody's password is right.
 */
function refuseMisspelt(options: object): void {
  for (const name of Object.keys(options)) {
    const meant = OPTIONS.includes(name) ? undefined : nearMiss(name, OPTIONS);
    if (meant) throw new TypeError(`passportLocalMongoose: ${name}: unknown option; did you mean ${meant}?`);
  }
}

/** Before the two, which are joined to one text by `$`: neither encoding has that. */
const MARK = 'passport-local-mongoose';

/**
 * Hashes as `passport-local-mongoose` stores them: PBKDF2, in the user's fields `hash` and `salt`. The model must declare the
 * two, as its plugin does. Give the options that the plugin was given; `keylen` is as long as the stored hash is.
 *
 * @throws TypeError for an option that is misspelt
 *
 * @example
 * const schema = new Schema({ hash: { type: String, select: false }, salt: { type: String, select: false } });
 * schema.plugin(baseUserPlugin);
 * createAuthRouter({ User: model('User', schema), password: { verifiers: [passportLocalMongoose()] } });
 */
export function passportLocalMongoose(options: PassportLocalMongooseOptions = {}): PasswordVerifier {
  refuseMisspelt(options);
  const { iterations = 25_000, digestAlgorithm: digest = 'sha256', encoding = 'hex' } = options;
  const { hashField = 'hash', saltField = 'salt' } = options;
  const read = (stored: string): Pbkdf2Hash | undefined => {
    const [mark, salt = '', key = '', ...more] = stored.split('$');
    if (mark !== MARK || salt === '' || more.length > 0) return undefined;
    // The salt is used as it is written, not as the bytes that it stands for.
    const hash = { digest, iterations, salt, key: Buffer.from(key, encoding) };
    return isBearablePbkdf2(hash) ? hash : undefined;
  };
  return {
    fields: [hashField, saltField],
    join: (values) => [MARK, values[saltField], values[hashField]].join('$'),
    matches: (stored) => read(stored) !== undefined,
    async verify(password, stored) {
      const hash = read(stored);
      return hash !== undefined && fitsPbkdf2(password, hash);
    },
  };
}
