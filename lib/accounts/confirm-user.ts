import type { Core } from '../core/core.js';
import type { SignedIn } from '../models/sign-in-loader.js';
import type { UserDocument } from '../models/user.js';
import { requireRightPassword, type TypedPassword } from './check-password.js';
import { requireStillSignedIn } from './live-session.js';
import { RECENT_LOGIN_SECONDS, requireRecentLogin } from './recent-login.js';

/** What a signed-in user shows once more. */
interface Confirmation extends Omit<TypedPassword, 'password'> {
  operation: string;
  /** Absent: the login is to be a recent one. */
  password?: string | null | undefined;
}

/**
 * Makes sure that it is the user who asks for what cannot be undone: by the password, or by a login that is at most five
 * minutes old in its place. Who has no password has that alone (OWASP ASVS 5.0 7.5.1).
 *
 * @returns the user with the credentials as they were found, to be written `ifUnchangedSince` them
 * @throws WrongPassword (`wrong_password`, 400); InsufficientUserAuthentication (`insufficient_user_authentication`, 401);
 * InvalidToken (`invalid_token`, 401) when the session has ended meanwhile; Unavailable (`unavailable`, 503); what a limit
 * throws
 *
 * @example
 * const confirmed = await confirmUser(kit, { user, session }, { operation: 'export-data', password, context, signal });
 */
export async function confirmUser(
  core: Core,
  signedIn: SignedIn,
  { operation, password, ...typed }: Confirmation,
): Promise<UserDocument> {
  const stored = await requireStillSignedIn(core, signedIn);
  if (stored.password && typeof password === 'string') {
    return requireRightPassword(core, stored, operation, { password, ...typed });
  }
  requireRecentLogin(signedIn.session, { now: core.now(), seconds: RECENT_LOGIN_SECONDS });
  return stored;
}
