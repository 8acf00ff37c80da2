import type { RequestContext } from '../config/hooks.js';
import type { Core } from '../core/core.js';
import { originOf } from '../core/events.js';
import type { UserId } from '../models/user.js';
import { CHANGE_EMAIL } from './change-email.js';
import { endSessionsBy } from './end-sessions.js';

/**
 * Ends a user's sessions and lets none begin. A change of the address that was asked for is void for good; a recovery link
 * works again with the account, so that who has a session cannot keep its owner out.
 *
 * @returns whether the user exists
 * @throws Unavailable (`unavailable`, 503)
 */
export async function disableUser(core: Core, user: UserId, context: RequestContext): Promise<boolean> {
  // Before, and again with the rest: one may be mailed in between; to a disabled account none is.
  const clearAway = () => core.oneTimeTokens.removeAll(CHANGE_EMAIL, user);
  await clearAway();
  const disable = (id: UserId, stamp: string) => core.users.disable(id, core.now(), stamp);
  const ended = await endSessionsBy(core, user, disable, { reason: 'disabled', context, clearAway });
  if (!ended) return false;
  await core.events.emit('user.disabled', { userId: String(user), ...originOf(context) });
  return true;
}
