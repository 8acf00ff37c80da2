import { NO_REQUEST, type RequestContext } from '../config/hooks.js';
import type { Core } from '../core/core.js';
import { originOf, type SessionEndReason } from '../core/events.js';
import { createStamp, stampOf } from '../models/security-stamp.js';
import type { SignedIn } from '../models/sign-in-loader.js';
import type { UserDocument, UserId } from '../models/user.js';
import type { Written } from '../models/user-write.js';
import { resumeSignIn, type TokenPair } from '../sign-in.js';
import { tidyUp } from './tidy-up.js';

/** Why sessions end, and where that comes from: for the event. */
export interface Ending {
  /** `revoked` by default. */
  reason?: SessionEndReason;
  /** None where nobody's request asked for it. */
  context?: RequestContext;
}

/**
 * Ends one session.
 *
 * @returns whether there was one to end
 * @throws Unavailable (`unavailable`, 503)
 */
export async function endSession(
  core: Core,
  user: UserId,
  sessionId: string,
  ending: Ending = {},
): Promise<boolean> {
  const id = core.users.castId(user);
  const ended = id !== undefined && (await core.sessions.end(id, sessionId));
  if (ended) await sayEnded(core, user, sessionId, ending);
  return ended;
}

/**
 * Ends one session that is not over yet, whoever asks by whichever id (OWASP ASVS 5.0 7.5.2).
 *
 * @returns whether it was one of the user's, and alive: of many at once one is told so
 * @throws Unavailable (`unavailable`, 503)
 */
export async function endLiveSession(
  core: Core,
  user: UserId,
  sessionId: string,
  ending: Ending = {},
): Promise<boolean> {
  const owner = await core.users.findById(user);
  if (!owner || owner.disabledAt) return false;
  const isAlive = { now: core.now(), stamp: stampOf(owner) };
  const ended = await core.sessions.end(owner._id, sessionId, isAlive);
  if (ended) await sayEnded(core, user, sessionId, ending);
  return ended;
}

/** Says that a session has ended, or with `sessionId` null all of them. */
export async function sayEnded(
  core: Core,
  user: UserId,
  sessionId: string | null,
  { reason = 'revoked', context = NO_REQUEST }: Ending,
): Promise<void> {
  await core.events.emit('session.ended', { userId: String(user), sessionId, reason, ...originOf(context) });
}

/**
 * Ends a user's sessions, those too that are being made at this moment.
 *
 * @param options.except the id of a session that goes on
 * @returns whether the user exists
 * @throws Unavailable (`unavailable`, 503)
 *
 * @example
 * await endSessions(kit, user._id, { except: String(session._id) });
 */
export async function endSessions(
  core: Core,
  user: UserId,
  options: Ending & { except?: string } = {},
): Promise<boolean> {
  const written = await endSessionsBy(core, user, core.users.setStamp, options);
  return written !== undefined;
}

/** What came of a write that ends sessions. */
export interface Ended extends Written {
  /** Of the new session, where the sign-in goes on in one. */
  tokens?: TokenPair;
}

interface Options extends Ending {
  except?: string | undefined;
  /** What else is done beside the clearing away, when the write stands: it costs no wait of its own, and may fail. */
  clearAway?: (user: UserDocument) => Promise<unknown>;
  resume?: SignedIn | undefined;
}

/**
 * Ends a user's sessions by a write to the user, which may change something else at the same time.
 *
 * That one write decides. It brings a new stamp, and every session that does not know the stamp is over. The session that
 * goes on is told the stamp before the write, and a new one is made under it before, too; deleting the others afterwards
 * only tidies up. Wherever this is cut off, either nothing has changed or the old sessions are dead.
 *
 * @param user the id, or its text
 * @param write stores the new stamp for the id; undefined when it has written nothing
 * @param options.except the id of a session that goes on
 * @param options.resume who is in, by a session that ends with the rest: goes on in a new one
 * @returns what `write` gives, and the tokens of the new session
 * @throws Unavailable (`unavailable`, 503)
 */
export async function endSessionsBy(
  core: Core,
  user: UserId,
  write: (id: UserId, stamp: string) => Promise<Written | undefined>,
  { except, resume, clearAway, ...ending }: Options,
): Promise<Ended | undefined> {
  const id = core.users.castId(user);
  if (id === undefined) return undefined;
  const stamp = createStamp();
  if (except) await core.sessions.admitStamp(id, except, stamp);
  const { context = NO_REQUEST } = ending;
  const resumed =
    resume && (await resumeSignIn(core, resume.user, { session: resume.session, stamp, context }));
  const written = await write(id, stamp);
  if (!written) {
    if (except) await tidyUp(core, core.sessions.dropStamp(id, except, stamp));
    if (resumed) await tidyUp(core, core.sessions.end(id, resumed.session._id.toString()));
    return undefined;
  }
  const { replacedStamp } = written;
  // The new session does not live under that stamp; named, it is not even looked at.
  const spared = except ?? resumed?.session._id.toString();
  const work: Promise<unknown>[] = [core.sessions.endUnder(id, replacedStamp, { except: spared })];
  if (except) work.push(endUnlessUnder(core, id, except, replacedStamp));
  if (clearAway) work.push(clearAway(written.user));
  await tidyUp(core, ...work);
  await sayEnded(core, id, null, ending);
  return { ...written, tokens: resumed?.tokens };
}

/**
 * The session that goes on is one that lived until now. One that had ended meanwhile, and was not cleared away yet, has been
 * told the new stamp all the same.
 */
async function endUnlessUnder(
  core: Core,
  id: UserId,
  sessionId: string,
  replacedStamp: string,
): Promise<void> {
  const hasLived = await core.sessions.dropStamp(id, sessionId, replacedStamp);
  if (!hasLived) await core.sessions.end(id, sessionId);
}
