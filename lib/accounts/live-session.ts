import type { Core } from '../core/core.js';
import { InvalidToken } from '../errors.js';
import { findLivingOne } from '../models/find-living.js';
import type { SignedIn } from '../models/sign-in-loader.js';
import type { UserDocument, UserId } from '../models/user.js';

type Reader = Pick<Core, 'users' | 'sessions' | 'now'>;

/**
 * A session that has lived since it was asked for, and its user with the stamps.
 *
 * @param user the id as the model has it
 * @throws Unavailable (`unavailable`, 503)
 */
export async function findLiveSession(
  core: Reader,
  user: UserId,
  sessionId: string,
): Promise<SignedIn | undefined> {
  const read = {
    user: () => core.users.findById(user),
    session: () => core.sessions.find(user, sessionId, core.now()),
  };
  // One after the other: in a transaction of the app's they are its commands.
  return findLivingOne(read, [await read.user(), await read.session()]);
}

/**
 * The user as stored now, with the credentials, of somebody who was signed in when the request came. Asked is whether all
 * sessions, or all others, were ended since; not whether this one alone was.
 *
 * @throws InvalidToken (`invalid_token`, 401) when the session has ended meanwhile; Unavailable (`unavailable`, 503)
 */
export async function requireStillSignedIn(
  core: Reader,
  { user: { _id }, session }: SignedIn,
): Promise<UserDocument> {
  const read = {
    user: () => core.users.findById(_id, { withCredentials: true }),
    session: () => core.sessions.find(_id, String(session._id), core.now()),
  };
  // Whoever changed the credentials meanwhile has ended this session: its login is no proof any more.
  const living = await findLivingOne(read, [await read.user(), session]);
  if (!living) throw new InvalidToken({ message: 'the session is over' });
  return living.user;
}
