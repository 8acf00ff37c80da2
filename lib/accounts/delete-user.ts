import type { RequestContext } from '../config/hooks.js';
import type { Core } from '../core/core.js';
import { originOf } from '../core/events.js';
import { concealCredentials } from '../models/conceal-credentials.js';
import type { UserDocument } from '../models/user.js';
import { sayEnded } from './end-sessions.js';
import { tidyUp } from './tidy-up.js';

/**
 * Deletes a user. One write decides: without the user there is nobody whom a session or a link could stand for.
 *
 * @param options.ifUnchangedSince only if these are the user's credentials still
 * @param options.context where it comes from, for the events
 * @returns whether the user was there to be deleted
 * @throws what a `beforeDelete` hook throws: then nothing is deleted; Unavailable (`unavailable`, 503)
 */
export async function deleteUser(
  core: Core,
  user: UserDocument,
  { context, ifUnchangedSince }: { context: RequestContext; ifUnchangedSince?: UserDocument },
): Promise<boolean> {
  const { _id, email } = user;
  concealCredentials(user);
  await core.hooks.beforeDelete({ user, context });
  if (!(await core.users.remove(_id, { ifUnchangedSince }))) return false;

  await tidyUp(core, core.collections.removeAllOf(_id));
  await sayEnded(core, _id, null, { reason: 'deleted', context });
  await core.events.emit('user.deleted', { userId: String(_id), email, ...originOf(context) });
  return true;
}
