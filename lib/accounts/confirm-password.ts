import { WrongPassword } from '../errors.js';
import type { Kit } from '../kit.js';
import type { UserId } from '../models/session-store.js';
import type { UserDocument } from '../models/user-store.js';

/**
 * Asks a signed-in user for the password once more: an access token alone is not enough for what cannot be undone
 * (OWASP ASVS 5.0 7.5.1). Costs one hash, also for a user without a password.
 *
 * @returns the user with the credentials that the password was right for, to be written `ifUnchangedSince` them
 * @throws WrongPassword (`wrong_password`, 400), Unavailable (`unavailable`, 503)
 */
export async function confirmPassword(kit: Kit, id: UserId, password: string): Promise<UserDocument> {
  const user = await kit.users.findById(id, { withPassword: true });
  const fits = await kit.hasher.verify(password, user?.password);
  if (!user || !fits) throw new WrongPassword();
  return user;
}
