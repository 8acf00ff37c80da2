import type { Kit } from '../kit.js';
import type { UserDocument } from '../models/user-store.js';
import { forgetSessions } from './end-sessions.js';

/**
 * Deletes a user. One write decides: without the user there is nobody whom a session or a link could stand for.
 *
 * @param options.ifUnchangedSince only if these are the user's credentials still
 * @returns whether the user was there to be deleted
 * @throws what a `beforeDelete` hook throws: then nothing is deleted
 */
export async function deleteUser(
  kit: Kit,
  user: UserDocument,
  options: { ifUnchangedSince?: UserDocument } = {},
): Promise<boolean> {
  await kit.hooks.beforeDelete({ user });
  if (!(await kit.users.remove(user._id, options))) return false;

  await kit.oneTimeTokens.removeAll(user._id);
  await forgetSessions(kit, user._id);
  kit.events.emit('user.deleted', { userId: String(user._id), email: user.email });
  return true;
}
