import { WrongPassword } from '../errors.js';
import type { Kit } from '../kit.js';
import type { UserDocument, UserId } from '../models/user-store.js';

/** Who a password belongs to, or why it is nobody's. The client is never told which of the reasons it was. */
export type PasswordVerdict =
  | { user: UserDocument }
  | { user?: undefined; refused: 'unknown' | 'wrong_password' | 'disabled' };

/** A password that somebody has typed. */
export interface TypedPassword {
  password: string;
  /** Aborted when nobody waits for the answer any more. */
  signal?: AbortSignal | undefined;
}

/**
 * The one place where a password meets a hash, whichever operation asks for it. Costs the work of one hash, whatever is
 * wrong, and the time of every refusal is the same (OWASP ASVS 5.0 6.3.8).
 *
 * @param user with the hash; undefined where there is no such user
 * @throws Unavailable (`unavailable`, 503) when too many hashes are waiting
 */
export async function checkPassword(
  kit: Kit,
  user: UserDocument | undefined,
  { password, signal }: TypedPassword,
): Promise<PasswordVerdict> {
  const isRefused = Boolean(user?.disabledAt);
  const fits = await kit.hasher.verify(password, user?.password, { isRefused, signal });
  if (!user) return { refused: 'unknown' };
  if (!fits) return { refused: 'wrong_password' };
  return isRefused ? { refused: 'disabled' } : { user };
}

/**
 * Asks a signed-in user for the password once more: an access token alone is not enough for what cannot be undone
 * (OWASP ASVS 5.0 7.5.1).
 *
 * @returns the user with the credentials that the password was right for, to be written `ifUnchangedSince` them
 * @throws WrongPassword (`wrong_password`, 400), Unavailable (`unavailable`, 503)
 */
export async function confirmPassword(kit: Kit, id: UserId, typed: TypedPassword): Promise<UserDocument> {
  const verdict = await checkPassword(kit, await kit.users.findById(id, { withPassword: true }), typed);
  if (!verdict.user) throw new WrongPassword({ message: verdict.refused });
  return verdict.user;
}
