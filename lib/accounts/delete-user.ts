import type { Kit } from '../kit.js';
import { concealCredentials } from '../models/conceal-credentials.js';
import type { UserDocument } from '../models/user-store.js';
import { tidyUp } from './tidy-up.js';

/**
 * Deletes a user. One write decides: without the user there is nobody whom a session or a link could stand for.
 *
 * @param options.ifUnchangedSince only if these are the user's credentials still
 * @returns whether the user was there to be deleted
 * @throws what a `beforeDelete` hook throws: then nothing is deleted; Unavailable (`unavailable`, 503)
 */
export async function deleteUser(
  kit: Kit,
  user: UserDocument,
  options: { ifUnchangedSince?: UserDocument } = {},
): Promise<boolean> {
  const { _id, email } = user;
  concealCredentials(user);
  await kit.hooks.beforeDelete({ user });
  if (!(await kit.users.remove(_id, options))) return false;

  await tidyUp(kit, kit.sessions.endAll(_id), kit.oneTimeTokens.removeAll(_id));
  kit.events.emit('session.ended', { userId: String(_id), sessionId: null });
  kit.events.emit('user.deleted', { userId: String(_id), email });
  return true;
}
