import type { Core } from '../core/core.js';
import { originOf } from '../core/events.js';
import type { SignedIn } from '../models/sign-in-loader.js';
import type { UserId } from '../models/user.js';
import type { PasswordChange } from '../models/user-passwords.js';
import { type Circumstances, turnOf } from './circumstances.js';
import { type Ended, endSessionsBy } from './end-sessions.js';
import { noticeOf } from './notice.js';
import type { GoodPassword } from './require-good-password.js';

/** The name of the notice. */
export const PASSWORD_CHANGED = 'passwordChanged';

const END_REASONS = {
  change: 'password_changed',
  reset: 'password_reset',
  service: 'password_set',
} as const;

interface Replacement extends Omit<PasswordChange, 'stamp' | 'passwordHash'>, Circumstances {
  /** From `requireGoodPassword`. */
  password: GoodPassword;
  reason: keyof typeof END_REASONS;
  /** Who is in, and goes on in a new session. */
  resume?: SignedIn;
}

/**
 * Replaces a password and ends all of the user's sessions in one write; who changes it may go on in a new one (OWASP ASVS
 * 5.0 7.2.4, 7.4.3). The user is mailed a notice of it (6.3.7).
 *
 * @returns the user as stored, and the tokens of the new session; undefined when a condition did not hold, and nothing was changed
 * @throws Unavailable (`unavailable`, 503); what an `afterPasswordChange` hook throws, when all is done
 */
export async function replacePassword(
  core: Core,
  user: UserId,
  { password, signal, reason, context, resume, ...change }: Replacement,
): Promise<Pick<Ended, 'user' | 'tokens'> | undefined> {
  const passwordHash = await core.hasher.hash(password, turnOf({ context, signal }));
  const write = (id: UserId, stamp: string) =>
    core.users.changePassword(id, { stamp, passwordHash, ...change });
  const ended = await endSessionsBy(core, user, write, {
    reason: END_REASONS[reason],
    context,
    resume,
    clearAway: async (changed) =>
      core.outbox.send(changed, PASSWORD_CHANGED, { ...(await noticeOf(core, context)), reason }),
  });
  if (!ended) return undefined;
  await core.events.emit('password.changed', { userId: String(user), reason, ...originOf(context) });
  await core.hooks.afterPasswordChange({ user: ended.user, reason, context });
  return ended;
}
