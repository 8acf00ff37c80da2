import { Unavailable } from '../errors.js';
import { isAlive, stampOf } from './security-stamp.js';
import type { Session } from './session-store.js';
import type { UserDocument } from './user.js';

/** A user, and sessions of theirs. */
type Found = readonly [user: UserDocument | undefined, sessions: readonly Session[]];

/** How they are read from the database. */
interface Reads {
  user(): Promise<UserDocument | undefined>;
  sessions(): Promise<readonly Session[]>;
}

/** How often it is read again where the sessions are ended by somebody meanwhile. */
const TRIES = 5;

/**
 * Tells which sessions live: a session does while it knows the user's security stamp. The two are read by a query each, and
 * a session that goes on when the others are ended gets its new stamp between them, so that the one may be from before and
 * the other from after. One is dead only if, read between two reads of the user that show the same stamp, it does not know
 * that stamp: no stamp comes back.
 *
 * @param first what was read already; by default both are read at once
 * @returns the user, and those of the sessions that live; undefined for a user who is disabled or not there
 * @throws Unavailable (`unavailable`, 503), also where the stamp is another at every read
 */
export async function findLiving(
  read: Reads,
  first?: Found,
): Promise<{ user: UserDocument; sessions: Session[] } | undefined> {
  let [user, stored]: Found = first ?? (await Promise.all([read.user(), read.sessions()]));
  let stampBefore: string | undefined;
  for (let tries = 0; tries < TRIES; tries += 1) {
    if (!user || user.disabledAt) return undefined;
    const sessions = livingOf(user, stored);
    if (sessions.length === stored.length || stampOf(user) === stampBefore) return { user, sessions };
    stampBefore = stampOf(user);
    stored = await read.sessions();
    user = await read.user();
  }
  throw new Unavailable({ message: 'the sessions are being ended all the time' });
}

/**
 * The same of one session.
 *
 * @returns the user and the session; undefined where it does not live
 * @throws as `findLiving`
 */
export async function findLivingOne(
  read: Pick<Reads, 'user'> & { session(): Promise<Session | undefined> },
  first?: readonly [user: UserDocument | undefined, session: Session | undefined],
): Promise<{ user: UserDocument; session: Session } | undefined> {
  const listed = (session: Session | undefined) => (session ? [session] : []);
  const sessions = async () => listed(await read.session());
  const living = await findLiving({ user: read.user, sessions }, first && [first[0], listed(first[1])]);
  const session = living?.sessions[0];
  return living && session && { user: living.user, session };
}

function livingOf(user: UserDocument, stored: readonly Session[]): Session[] {
  return stored.filter((session) => isAlive(user, session));
}
