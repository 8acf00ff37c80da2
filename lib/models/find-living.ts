import { isAlive, stampOf } from './security-stamp.js';
import type { Session } from './session-store.js';
import type { UserDocument } from './user.js';

/** How a user, and the sessions in question, are read from the database. */
interface Reads {
  user(): Promise<UserDocument | undefined>;
  sessions(): Promise<readonly Session[]>;
}

/**
 * Tells which sessions live: a session does while it knows the user's security stamp. The two are read by a query each, and
 * a session that goes on when the others are ended gets its new stamp between them, so that the one may be from before and
 * the other from after. A session is dead only if it does not know a stamp that the user had before it was read and has
 * after it: no stamp comes back.
 *
 * @returns the user, and those of the sessions that live; undefined for a user who is disabled or not there
 */
export async function findLiving(
  read: Reads,
): Promise<{ user: UserDocument; sessions: Session[] } | undefined> {
  let [user, stored] = await Promise.all([read.user(), read.sessions()]);
  let stampBefore: string | undefined;
  while (user && !user.disabledAt) {
    const owner = user;
    const sessions = stored.filter((session) => isAlive(owner, session));
    if (sessions.length === stored.length || stampOf(user) === stampBefore) return { user, sessions };
    stampBefore = stampOf(user);
    stored = await read.sessions();
    user = await read.user();
  }
  return undefined;
}
