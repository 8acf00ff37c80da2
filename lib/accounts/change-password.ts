import type { Core } from '../core/core.js';
import { type FieldFault, ValidationFailed, WrongPassword } from '../errors.js';
import type { SignedIn } from '../models/sign-in-loader.js';
import { allFaults } from '../runtime/all-faults.js';
import { normalizePassword } from '../security/normalize-password.js';
import type { TokenPair } from '../sign-in.js';
import type { Circumstances } from './circumstances.js';
import { confirmUser } from './confirm-user.js';
import { requirePasswordOf } from './current-password.js';
import { replacePassword } from './replace-password.js';
import { requireGoodPassword, requirePossiblePassword } from './require-good-password.js';

/** What a signed-in user gives to change the password. */
interface PasswordChange {
  /** Of who has one. */
  currentPassword?: string | null | undefined;
  newPassword: string;
}

const CURRENT = { field: 'current_password', label: 'The current password' };
const UNCHANGED: FieldFault = {
  code: 'unchanged',
  detail: 'The new password must not be the current one.',
  pointer: '#/new_password',
};

/**
 * Changes the password of who is signed in: every session ends, and who made the change goes on in a new one (OWASP ASVS
 * 5.0 6.2.2, 7.2.4). Who has no password sets the first one, after a recent login.
 *
 * @returns the tokens of the new session
 * @throws ValidationFailed (`validation_failed`, 422); WrongPassword (`wrong_password`, 400); what `confirmUser` throws;
 * Unavailable (`unavailable`, 503); what an `afterPasswordChange` hook throws, when all is done
 */
export async function changePassword(
  core: Core,
  signedIn: SignedIn,
  { currentPassword, newPassword }: PasswordChange,
  circumstances: Circumstances,
): Promise<TokenPair> {
  const { user } = signedIn;
  const [, password] = await allFaults([
    requirePasswordOf(core, user._id, currentPassword, CURRENT),
    requireGoodPassword(core, newPassword, user, 'new_password'),
  ]);
  const shown = { operation: 'change-password', password: currentPassword, ...circumstances };
  const confirmed = await confirmUser(core, signedIn, shown);
  if (confirmed.password && isSame(currentPassword, password)) throw new ValidationFailed([UNCHANGED]);
  const changed = await replacePassword(core, user._id, {
    ...circumstances,
    password,
    reason: 'change',
    resume: signedIn,
    ifUnchangedSince: confirmed,
  });
  if (!changed) throw new WrongPassword({ message: 'the password was changed meanwhile' });
  return changed.tokens as TokenPair;
}

/**
 * What can be told of a change before the rest of it is good.
 *
 * @throws ValidationFailed (`validation_failed`, 422)
 */
export async function checkPasswordChange(
  core: Core,
  { user }: SignedIn,
  { currentPassword, newPassword }: Partial<PasswordChange>,
): Promise<void> {
  await allFaults([
    requirePasswordOf(core, user._id, currentPassword, CURRENT),
    requirePossiblePassword(core, newPassword, 'new_password', user),
  ]);
}

function isSame(current: string | null | undefined, chosen: string): boolean {
  return typeof current === 'string' && normalizePassword(current) === chosen;
}
