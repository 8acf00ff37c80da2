import type { Attempt } from '../../core/limits.js';
import type { Kit } from '../../kit.js';
import { isAlive } from '../../models/security-stamp.js';
import { networkOf } from '../../security/ip-address.js';

/** The id of nobody, as an ObjectId, a text or a number and as a UUID: what is asked of a user is asked of an unknown name too. */
const NOBODY = ['0'.repeat(24), '00000000-0000-4000-8000-000000000000'];

/**
 * Whether the user has a session from the network of an attempt.
 *
 * @throws Unavailable (`unavailable`, 503)
 */
export async function isSignedInFrom(
  kit: Pick<Kit, 'users' | 'sessions' | 'now'>,
  { user, ip }: Pick<Attempt, 'user' | 'ip'>,
): Promise<boolean> {
  const id = (user === null ? NOBODY : [user]).map(kit.users.castId).find((each) => each !== undefined);
  if (id === undefined || ip === null) return false;
  // Once, whatever is found: a second look would tell who is there.
  const [owner, stored] = await Promise.all([kit.users.load(id), kit.sessions.list(id, kit.now())]);
  // A number may be somebody's.
  if (user === null || !owner) return false;
  const network = networkOf(ip);
  return stored.some(
    (session) => isAlive(owner, session) && session.ip !== null && networkOf(session.ip) === network,
  );
}
