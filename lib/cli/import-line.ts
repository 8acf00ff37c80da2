import { BodyTooLarge } from '../errors.js';
import { parseExtendedJson } from '../models/extended-json.js';
import { pickOwnFields } from '../models/own-fields.js';
import { isPlainObject } from '../models/selected-fields.js';
import type { CreateUserInput } from '../service.js';
import { CommandFailure } from './failure.js';
import type { HashForms } from './hash-forms.js';

/** A user as a line of a file tells it. */
export interface ImportedUser {
  account: CreateUserInput & Record<string, unknown>;
  /** What the app must name to know the hash; undefined without one. */
  hashForm?: string | undefined;
}

/** Made anew, or of the kit alone: credentials of another database would end nothing here. */
const LEFT_OUT = [
  '__v',
  'id',
  'updatedAt',
  'displayName',
  'initials',
  'securityStamp',
  'passwordStamp',
  'waysIn',
];

/** Not among `fields`: there they would be taken for what they are all the same, and unchecked. */
const BESIDE_FIELDS = ['email', 'name', 'roles', 'emailVerified', 'passwordHash', 'password', 'hash', 'salt'];

/** Base fields that are taken as they are. */
const DATES = ['emailVerifiedAt', 'disabledAt', 'createdAt'];

/**
 * Reads a line: `{ "email", "name", "roles", "emailVerified", "passwordHash", "fields": { ... } }`, or a document as
 * `mongoexport` writes it, whose other fields are the app's own.
 *
 * @throws CommandFailure that says what is wrong, and repeats no hash
 */
export function readImportLine(text: string, hashes: HashForms): ImportedUser {
  const row = parse(text);
  const { email, name, roles, emailVerified, fields = {}, passwordHash, password, hash, salt, ...rest } = row;
  if (typeof email !== 'string' || email.trim() === '') throw new CommandFailure('the address is missing');
  if (name !== undefined && name !== null && typeof name !== 'string' && !isPlainObject(name))
    throw new CommandFailure('name: a text is expected');
  if (roles !== undefined && !isTexts(roles)) throw new CommandFailure('roles: a list of texts is expected');
  if (emailVerified !== undefined && typeof emailVerified !== 'boolean')
    throw new CommandFailure('emailVerified: true or false is expected');
  if (!isPlainObject(fields)) throw new CommandFailure('fields: an object is expected');
  const misplaced = Object.keys(fields).find((field) => BESIDE_FIELDS.includes(field));
  if (misplaced) throw new CommandFailure(`fields: ${misplaced} belongs beside them`);

  const stored = readHash({ passwordHash: passwordHash ?? password, hash, salt }, hashes);
  const own = Object.fromEntries(
    Object.entries({ ...rest, ...fields }).filter(([field]) => !LEFT_OUT.includes(field)),
  );
  return {
    account: {
      ...checkOwn(own),
      email,
      name: name as string | null | undefined,
      roles: roles as string[] | undefined,
      emailVerified,
      ...(stored !== undefined && { passwordHash: stored }),
    },
    hashForm: stored === undefined ? undefined : hashes.nameOf(stored),
  };
}

function parse(text: string): Record<string, unknown> {
  let row: unknown;
  try {
    row = parseExtendedJson(text);
  } catch {
    // The reason would quote the line.
    throw new CommandFailure('this is no JSON');
  }
  if (Array.isArray(row)) throw new CommandFailure('an object a line is expected, not a list');
  if (!isPlainObject(row)) throw new CommandFailure('a JSON object is expected');
  return row;
}

function readHash(
  { passwordHash, hash, salt }: Record<'passwordHash' | 'hash' | 'salt', unknown>,
  hashes: HashForms,
): string | undefined {
  const given = passwordHash ?? hash ?? undefined;
  if (given === undefined) return undefined;
  if (typeof given !== 'string') throw new CommandFailure('the hash of the password is no text');
  const isPair = passwordHash === undefined && typeof salt === 'string';
  const stored = isPair ? hashes.join({ hash: given, salt }) : given;
  if (hashes.nameOf(stored) === undefined)
    throw new CommandFailure('no verifier knows the hash of the password');
  return stored;
}

/** What comes for fields of the app's own, as far as it can be stored. */
function checkOwn(own: Record<string, unknown>): Record<string, unknown> {
  const { _id, ...others } = own;
  for (const name of DATES) {
    const value = others[name];
    if (value !== undefined && value !== null && Number.isNaN(new Date(value as string).getTime()))
      throw new CommandFailure(`${name}: a date is expected`);
  }
  for (const [name, value] of Object.entries(others)) checkOwnField(name, value);
  return _id === undefined ? others : { _id, ...others };
}

/** As for what a client sends: a name that is an operator would not be stored as it is. */
function checkOwnField(name: string, value: unknown): void {
  try {
    const [fault] = pickOwnFields({ field: { [name]: value } }, ['field']).faults;
    if (fault) throw new CommandFailure(`${name}: ${fault.detail}`);
  } catch (error) {
    throw error instanceof BodyTooLarge ? new CommandFailure(`${name}: it is larger than 16 KB`) : error;
  }
}

function isTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}
