import type { Kit } from '../kit.js';
import { concealCredentials } from '../models/conceal-credentials.js';
import type { NewUser, UserDocument } from '../models/user-store.js';
import { requireGoodPassword } from './require-good-password.js';

export interface NewAccount extends NewUser {
  password: string;
  /** Aborted when nobody waits for the answer any more. */
  signal?: AbortSignal;
}

/**
 * Stores a user.
 *
 * @throws ValidationFailed (`validation_failed`) for fields the schema refuses and passwords the policy refuses;
 * EmailTaken (`email_taken`); Unavailable (`unavailable`); what an `afterRegister` hook throws, when the user is stored
 */
export async function createUser(
  kit: Kit,
  { password, signal, ...account }: NewAccount,
): Promise<UserDocument> {
  const user = await kit.users.build(account);
  await requireGoodPassword(kit, password, user, 'password');
  user.set('password', await kit.hasher.hash(password, signal));
  await kit.users.insert(user);
  concealCredentials(user);
  kit.events.emit('user.registered', { userId: String(user._id), email: user.email });
  await kit.hooks.afterRegister({ user });
  return user;
}
