import type { RequestContext } from '../config/hooks.js';
import type { Core } from '../core/core.js';
import { originOf } from '../core/events.js';
import type { UserDocument } from '../models/user.js';

/**
 * Replaces a user's roles, by the rules of the schema. Sessions go on: it is felt at the next request.
 *
 * @returns whether the user exists
 * @throws ValidationFailed (`validation_failed`, 422) for roles that the schema refuses; Unavailable (`unavailable`, 503)
 */
export async function setRoles(
  core: Core,
  user: UserDocument,
  roles: readonly string[],
  context: RequestContext,
): Promise<boolean> {
  if (!(await core.users.setRoles(user, roles))) return false;
  const event = { userId: String(user._id), roles: [...user.roles], ...originOf(context) };
  await core.events.emit('user.rolesChanged', event);
  return true;
}
