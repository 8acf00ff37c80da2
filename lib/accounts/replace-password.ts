import type { Kit } from '../kit.js';
import type { UserId } from '../models/session-store.js';
import type { UserDocument } from '../models/user-store.js';
import { createSecurityStamp } from '../security/one-time-secret.js';
import { forgetSessions } from './end-sessions.js';

interface Replacement {
  /** Of a password that the policy has accepted. */
  passwordHash: string;
  reason: 'change' | 'reset' | 'service';
  /** The session that goes on. */
  keepSession?: string;
  /** Only if these are the user's credentials still. */
  ifUnchangedSince?: UserDocument;
  /** Only if this is the address still. */
  ifEmail?: string;
  emailVerifiedAt?: Date;
}

/**
 * Replaces a password and ends the user's sessions, all or all but one.
 *
 * One write decides: it brings the new hash and a new stamp, and with that every session is over that does not know
 * the stamp. The session that goes on is told the stamp before; deleting the others only tidies up. Cut off anywhere,
 * either nothing has changed or the old sessions are dead.
 *
 * @returns the user as stored; undefined when a condition did not hold, and nothing was changed
 */
export async function replacePassword(
  kit: Kit,
  user: UserId,
  { reason, keepSession, ...change }: Replacement,
): Promise<UserDocument | undefined> {
  const stamp = createSecurityStamp();
  if (keepSession) await kit.sessions.admitStamp(keepSession, user, stamp);
  const changed = await kit.users.changeCredentials(user, { stamp, ...change });
  if (!changed) return undefined;

  if (keepSession) await kit.sessions.settleStamp(keepSession, user, stamp);
  await kit.oneTimeTokens.removeAll(user);
  await forgetSessions(kit, user, keepSession ? { except: keepSession } : {});
  kit.events.emit('password.changed', { userId: String(user), reason });
  await kit.hooks.afterPasswordChange({ user: changed, reason });
  return changed;
}
