import { publicUser } from '../models/public-user.js';
import type { UserDocument } from '../models/user.js';
import { oneLine } from './failure.js';

/** A user as an operator sees it: the public user, `disabledAt`, and the app's own fields. */
export type UserView = Readonly<Record<string, unknown>>;

/** Internal, or shown by another name. */
const INTERNAL = ['_id', '__v', '__t', 'password', 'securityStamp', 'passwordStamp', 'waysIn'];

/** The app's schema, which says what is hidden, is not known here: names tell. */
const SECRET = /pass(word|wd|phrase|code)|pwd|hash|salt|secret|token|stamp$|otp|private/i;

/** A hash by its form, wherever it is. */
const HASH = /^(\$[\w-]+\$|pbkdf2_|scrypt\$|passport-local-mongoose\$)/;

/** Never the hash or the stamps, nor a field whose name or form says that it is a secret. */
export function viewOf(user: UserDocument): UserView {
  const base = { ...publicUser(user), disabledAt: user.disabledAt ?? null };
  const stored = user.toObject({ virtuals: false, flattenMaps: true }) as unknown as Record<string, unknown>;
  const own = Object.entries(stored).filter(([name]) => !(name in base) && !INTERNAL.includes(name));
  return { ...base, ...(withoutSecrets(Object.fromEntries(own)) as object) };
}

function withoutSecrets(value: unknown): unknown {
  if (typeof value === 'bigint') return String(value);
  if (Array.isArray(value)) return value.filter((item) => !isHash(item)).map(withoutSecrets);
  if (typeof value !== 'object' || value === null) return value;
  // Dates and ids are told by their own `toJSON`.
  if (Object.getPrototypeOf(value) !== Object.prototype) return value;
  const shown = Object.entries(value).filter(([name, inner]) => !SECRET.test(name) && !isHash(inner));
  return Object.fromEntries(shown.map(([name, inner]) => [name, withoutSecrets(inner)]));
}

function isHash(value: unknown): boolean {
  return typeof value === 'string' && HASH.test(value);
}

/** A line a field, without those that are unset. */
export function linesOf(view: UserView): string[] {
  const set = Object.entries(JSON.parse(JSON.stringify(view)) as UserView).filter(
    ([, value]) => value !== null && !(Array.isArray(value) && value.length === 0),
  );
  return set.map(([name, value]) => oneLine(`${name}: ${textOf(value)}`));
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  const isTexts = Array.isArray(value) && value.every((item) => typeof item === 'string');
  return isTexts ? value.join(', ') : JSON.stringify(value);
}
