import type { Core } from '../core/core.js';
import { concealCredentials } from '../models/conceal-credentials.js';
import type { UserDocument } from '../models/user.js';

/**
 * A user as the app may have it: without hash, stamps and ways in.
 *
 * @param by an id, or an address in whatever form it is typed
 * @throws Unavailable (`unavailable`, 503)
 */
export async function findUser(
  core: Core,
  by: { id: unknown } | { email: string },
): Promise<UserDocument | undefined> {
  const user = 'email' in by ? await core.users.findByEmail(by.email) : await core.users.findById(by.id);
  if (user) concealCredentials(user);
  return user;
}
