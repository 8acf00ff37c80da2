import { InsufficientUserAuthentication } from '../errors.js';
import type { Session } from '../models/session-store.js';

/** How old a login may be that stands in place of the password, in seconds. */
export const RECENT_LOGIN_SECONDS = 300;

/**
 * That the user of a session has signed in by it a short time ago.
 *
 * @param options.seconds how old the login may be
 * @throws InsufficientUserAuthentication (`insufficient_user_authentication`, 401)
 */
export function requireRecentLogin(
  { authTime }: Session,
  { now, seconds }: { now: Date; seconds: number },
): void {
  const age = now.getTime() - authTime.getTime();
  if (age > seconds * 1000) throw new InsufficientUserAuthentication(seconds);
}
