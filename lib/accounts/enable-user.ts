import type { RequestContext } from '../config/hooks.js';
import type { Core } from '../core/core.js';
import { originOf } from '../core/events.js';
import type { UserId } from '../models/user.js';

/**
 * Lets a user who was disabled sign in again. The sessions that were ended then stay so.
 *
 * @returns whether the user exists
 * @throws Unavailable (`unavailable`, 503)
 */
export async function enableUser(core: Core, user: UserId, context: RequestContext): Promise<boolean> {
  if (!(await core.users.enable(user))) return false;
  await core.events.emit('user.enabled', { userId: String(user), ...originOf(context) });
  return true;
}
