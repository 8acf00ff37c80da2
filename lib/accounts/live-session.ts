import type { Core } from '../core/core.js';
import { InvalidToken } from '../errors.js';
import { findLiving } from '../models/find-living.js';
import { isAlive } from '../models/security-stamp.js';
import type { SignedIn } from '../models/sign-in-loader.js';
import type { UserDocument, UserId } from '../models/user.js';

type Reader = Pick<Core, 'users' | 'sessions' | 'now'>;

/**
 * A session that lives at this moment, and its user: with the stamps, and with the credentials when asked.
 *
 * @param user the id as the model has it
 * @throws Unavailable (`unavailable`, 503)
 */
export async function findLiveSession(
  { users, sessions, now }: Reader,
  user: UserId,
  sessionId: string,
  options: { withCredentials?: boolean } = {},
): Promise<SignedIn | undefined> {
  const living = await findLiving({
    user: () => users.findById(user, options),
    sessions: async () => {
      const session = await sessions.find(user, sessionId, now());
      return session ? [session] : [];
    },
  });
  const session = living?.sessions[0];
  return living && session && { user: living.user, session };
}

/**
 * The user as stored now, with the credentials, of a session that was alive when the request came.
 *
 * @throws InvalidToken (`invalid_token`, 401) when the session has ended meanwhile; Unavailable (`unavailable`, 503)
 */
export async function requireStillSignedIn(core: Reader, { user, session }: SignedIn): Promise<UserDocument> {
  const stored = await core.users.findById(user._id, { withCredentials: true });
  // Whoever changed the credentials meanwhile has ended this session: its login is no proof any more.
  if (stored && isAlive(stored, session)) return stored;
  // It may be the one that goes on while others were ended, and know the new stamp by now.
  const living = await findLiveSession(core, user._id, String(session._id), { withCredentials: true });
  if (!living) throw new InvalidToken({ message: 'the session is over' });
  return living.user;
}
