import type { RequestContext } from '../config/hooks.js';
import type { Core } from '../core/core.js';
import { originOf } from '../core/events.js';
import { ValidationFailed } from '../errors.js';
import { concealCredentials } from '../models/conceal-credentials.js';
import type { UserDocument } from '../models/user.js';
import type { NewUser } from '../models/user-documents.js';
import { allFaults } from '../runtime/all-faults.js';
import { isPersonName } from '../security/person-name.js';
import { type Circumstances, turnOf } from './circumstances.js';
import { type GoodPassword, requireGoodPassword, requirePossiblePassword } from './require-good-password.js';

/** A user may have a password, the hash of one, or neither: then the first one is set by a recovery link. */
export interface NewAccount extends NewUser, Circumstances {
  password?: string;
  /** Made elsewhere: bcrypt, or of a form that one of the option `password.verifiers` knows. */
  passwordHash?: string;
  /** Whether the address was proved to be the user's own. */
  emailVerified?: boolean;
  /** Asked when all was found valid, and nothing is stored yet: what it throws refuses the user. */
  admit?: () => void | Promise<void>;
}

/**
 * Stores a user.
 *
 * @throws ValidationFailed (`validation_failed`) for fields the schema refuses, passwords the policy refuses and hashes
 * that nobody could log in by, all at once; EmailTaken (`email_taken`); Unavailable (`unavailable`); what `admit` throws;
 * what an `afterRegister` hook throws, when the user is stored
 */
export async function createUser(core: Core, account: NewAccount): Promise<UserDocument> {
  const prepared = await prepareUser(core, await checkUser(core, account), account);
  const user = await storeUser(core, prepared);
  await sayRegistered(core, user, account.context);
  return user;
}

/** A user who is not stored yet, and was found good. */
export interface Checked {
  user: UserDocument;
  password: GoodPassword | undefined;
}

/**
 * All checks, the app's rule for passwords too: nothing is looked up, hashed or stored.
 *
 * @throws ValidationFailed (`validation_failed`, 422); what the app's rule throws
 */
export async function checkUser(
  core: Core,
  { emailVerified, context: _from, admit: _ask, signal: _gone, ...account }: NewAccount,
): Promise<Checked> {
  const { password: given } = account;
  const user = await checkAccount(core, account);
  if (emailVerified) user.set('emailVerifiedAt', core.now());
  const password = given === undefined ? undefined : await requireGoodPassword(core, given, user, 'password');
  return { user, password };
}

/** The same, and the hash, where there is one. */
export interface Prepared {
  user: UserDocument;
  passwordHash: string | undefined;
}

/**
 * What else is done before it is known whether the address is free: the app is asked, and the password is hashed.
 *
 * @throws what `admit` throws; Unavailable (`unavailable`, 503)
 */
export async function prepareUser(
  core: Core,
  { user, password }: Checked,
  { passwordHash, admit, ...circumstances }: NewAccount,
): Promise<Prepared> {
  await admit?.();
  const hash =
    password === undefined ? passwordHash : await core.hasher.hash(password, turnOf(circumstances));
  return { user, passwordHash: hash };
}

/**
 * The write, which decides whether the address is free.
 *
 * @throws EmailTaken (`email_taken`); ValidationFailed (`validation_failed`) for another value that somebody has;
 * Unavailable (`unavailable`)
 */
export async function storeUser(core: Core, { user, passwordHash }: Prepared): Promise<UserDocument> {
  await core.users.insert(user, passwordHash);
  concealCredentials(user);
  return user;
}

/** Says that a user is stored. @throws what an `afterRegister` hook throws */
export async function sayRegistered(core: Core, user: UserDocument, context: RequestContext): Promise<void> {
  await core.events.emit('user.registered', {
    userId: String(user._id),
    email: user.email,
    ...originOf(context),
  });
  await core.hooks.afterRegister({ user, context });
}

/**
 * What `createUser` begins with: nothing is looked up, hashed or stored, and the app's own rule for passwords is not asked
 * yet.
 *
 * @returns a document that is not stored yet
 * @throws ValidationFailed (`validation_failed`, 422) with the faults of all fields and of the password
 */
export async function checkAccount(
  core: Pick<Core, 'users' | 'policy' | 'hasher'>,
  {
    password,
    passwordHash,
    ...fields
  }: Partial<Omit<NewAccount, 'emailVerified' | 'context' | 'admit' | 'signal'>>,
): Promise<UserDocument> {
  const user = core.users.build(fields);
  await allFaults([
    password === undefined || requirePossiblePassword(core, password, 'password', user),
    passwordHash === undefined || checkHash(core, { password, passwordHash }),
    checkName(fields.name),
    core.users.validate(user),
  ]);
  return user;
}

/** Callers in JavaScript may give something else than a string. The hash is in none of the messages. */
async function checkHash(
  { hasher }: Pick<Core, 'hasher'>,
  { password, passwordHash }: { password?: unknown; passwordHash: unknown },
): Promise<void> {
  if (password !== undefined) {
    throw refused('passwordHash', 'invalid', 'Give a password or the hash of one, not both.');
  }
  if (typeof passwordHash !== 'string' || !hasher.knows(passwordHash)) {
    const detail = 'This is no password hash that bcrypt or one of password.verifiers knows.';
    throw refused('passwordHash', 'invalid_format', detail);
  }
}

/** Here, and not in the schema: mongoose would refuse to save who has such a name already. */
export async function checkName(name: unknown): Promise<void> {
  if (typeof name !== 'string' || isPersonName(name)) return;
  throw refused('name', 'invalid_characters', 'The name must not contain invisible characters.');
}

function refused(field: string, code: string, detail: string): ValidationFailed {
  return new ValidationFailed([{ code, detail, pointer: `#/${field}` }]);
}
