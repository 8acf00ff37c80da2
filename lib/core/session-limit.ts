import type { RequestContext } from '../config/hooks.js';
import { stampOf } from '../models/security-stamp.js';
import type { Session, SessionStore } from '../models/session-store.js';
import type { UserStore } from '../models/user-store.js';
import { type InTurn, inTurn } from '../runtime/in-turn.js';
import { type Events, originOf } from './events.js';

/** A session that was stored, and the login that made it. */
interface Login {
  session: Session;
  context: RequestContext;
}

/**
 * Ends what a login brings above the option `sessionsPerUser`: of the sessions of earlier logins those that were used least
 * recently.
 *
 * It is asked when the new session is stored, so that of many logins at once the last to look sees all of them. What is newer
 * than the new session is not its to end, by the order in which the database stored them: so the newest login stays, whatever
 * the clocks of the processes say. A login that finds newer ones in all the places ends its own session.
 *
 * @throws Unavailable (`unavailable`, 503)
 */
export type SessionLimit = (login: Login) => Promise<void>;

interface SessionLimitParts {
  users: Pick<UserStore, 'load'>;
  sessions: SessionStore;
  events: Events;
  now(): Date;
  /** How many a user may have. */
  most: number;
}

export function createSessionLimit({ users, sessions, events, now, most }: SessionLimitParts): SessionLimit {
  // Many logins of one user are looked after together: each by itself would try to end what the others do.
  const keep: InTurn<Login> = inTurn(async (logins) => {
    const { user, stamps } = (logins[0] as Login).session;
    const stored = await sessions.list(user, now());
    const alive = stored.filter((each) => each.stamps.some((stamp) => stamps.includes(stamp)));
    const loginOf = ({ _id }: Session) => logins.find(({ session }) => session._id.equals(_id));
    const place = alive.findIndex(loginOf);
    const excess = alive.length - most;
    // What a newer login has ended already has nothing to make room for.
    if (place < 0 || excess <= 0) return;
    // Nor has a login that is over before it begins: a session that goes on while the others are ended may know its stamp
    // still, and would be counted beside it.
    const owner = await users.load(user);
    if (!owner || !stamps.includes(stampOf(owner))) return;
    const [newest, ...earlier] = alive.slice(place) as [Session, ...Session[]];
    const { context } = loginOf(newest) as Login;
    const leastRecentFirst = earlier.reverse().sort(byLastUse);
    const displaced = [...leastRecentFirst, newest].slice(0, excess);
    await Promise.all(
      displaced.map(async ({ _id }) => {
        const sessionId = _id.toString();
        if (!(await sessions.end(user, sessionId))) return;
        const reason = 'displaced';
        await events.emit('session.ended', { userId: String(user), sessionId, reason, ...originOf(context) });
      }),
    );
  });
  return (login) => keep(`${login.session.user} ${login.session.stamps}`, login);
}

function byLastUse(a: Session, b: Session): number {
  return a.lastUsedAt.getTime() - b.lastUsedAt.getTime();
}
