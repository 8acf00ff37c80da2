import type { Kit } from '../kit.js';
import { createStamp } from '../models/security-stamp.js';
import type { UserId, Written } from '../models/user-store.js';
import { tidyUp } from './tidy-up.js';

/**
 * Ends one session.
 *
 * @returns whether there was one to end
 * @throws Unavailable (`unavailable`, 503)
 */
export async function endSession(kit: Kit, user: UserId, sessionId: string): Promise<boolean> {
  const ended = await kit.sessions.end(user, sessionId);
  if (ended) kit.events.emit('session.ended', { userId: String(user), sessionId });
  return ended;
}

/**
 * Ends a user's sessions, those too that are being made at this moment.
 *
 * @param options.except the id of a session that goes on
 * @returns whether the user exists
 * @throws Unavailable (`unavailable`, 503)
 */
export async function endSessions(
  kit: Kit,
  user: UserId,
  options: { except?: string } = {},
): Promise<boolean> {
  const written = await endSessionsBy(kit, user, (stamp) => kit.users.setStamp(user, stamp), options);
  return written !== undefined;
}

/**
 * Ends a user's sessions by a write to the user, which does something else too or nothing else.
 *
 * That one write decides: it brings a new stamp, and with that every session is over that does not know it. The session
 * that goes on is told before; deleting the others only tidies up. Cut off anywhere, either nothing has changed or the
 * old sessions are dead.
 *
 * @param write stores the new stamp; undefined when it has written nothing
 * @param options.except the id of a session that goes on
 * @returns what `write` gives
 * @throws Unavailable (`unavailable`, 503)
 */
export async function endSessionsBy(
  kit: Kit,
  user: UserId,
  write: (stamp: string) => Promise<Written | undefined>,
  { except }: { except?: string | undefined } = {},
): Promise<Written | undefined> {
  const stamp = createStamp();
  if (except) await kit.sessions.admitStamp(user, except, stamp);
  const written = await write(stamp);
  if (!written) return undefined;

  const { replacedStamp } = written;
  const work = [kit.sessions.endUnder(user, replacedStamp, { except })];
  if (except) work.push(kit.sessions.dropStamp(user, except, replacedStamp));
  await tidyUp(kit, ...work);
  kit.events.emit('session.ended', { userId: String(user), sessionId: null });
  return written;
}
