import type { Kit } from '../kit.js';
import type { PasswordChange, UserDocument, UserId } from '../models/user-store.js';
import { endSessionsBy } from './end-sessions.js';

interface Replacement extends Omit<PasswordChange, 'stamp'> {
  reason: 'change' | 'reset' | 'service';
  /** The id of the session that goes on. */
  keepSession?: string;
}

/**
 * Replaces a password and ends the user's sessions, all or all but one, in one write.
 *
 * @returns the user as stored; undefined when a condition did not hold, and nothing was changed
 * @throws Unavailable (`unavailable`, 503); what an `afterPasswordChange` hook throws, when all is done
 */
export async function replacePassword(
  kit: Kit,
  user: UserId,
  { reason, keepSession, ...change }: Replacement,
): Promise<UserDocument | undefined> {
  const write = (stamp: string) => kit.users.changePassword(user, { stamp, ...change });
  const written = await endSessionsBy(kit, user, write, { except: keepSession });
  if (!written) return undefined;
  kit.events.emit('password.changed', { userId: String(user), reason });
  await kit.hooks.afterPasswordChange({ user: written.user, reason });
  return written.user;
}
