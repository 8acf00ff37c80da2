import { NO_REQUEST, type RequestContext } from '../config/hooks.js';
import type { Core } from '../core/core.js';
import { originOf, type SessionEndReason } from '../core/events.js';
import { Unavailable } from '../errors.js';
import { createStamp, stampOf } from '../models/security-stamp.js';
import type { SignedIn } from '../models/sign-in-loader.js';
import type { UserDocument, UserId } from '../models/user.js';
import type { Written } from '../models/user-write.js';
import { resumeSignIn, type TokenPair } from '../sign-in.js';
import { findLiveSession } from './live-session.js';
import { tidyUp } from './tidy-up.js';

/** Why sessions end, and where that comes from: for the event. */
export interface Ending {
  /** `revoked` by default. */
  reason?: SessionEndReason;
  /** None where nobody's request asked for it. */
  context?: RequestContext;
}

/** How often something is begun anew where the sessions are ended by somebody else meanwhile. */
const TRIES = 5;
const BUSY = 'the sessions are being ended all the time';

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
  const id = core.users.castId(user);
  if (id === undefined) return false;
  for (let tries = 0; tries < TRIES; tries += 1) {
    const living = await findLiveSession(core, id, sessionId);
    if (!living) return false;
    // It may be told another stamp before it is ended: then it is looked for once more.
    const ifAlive = { now: core.now(), stamp: stampOf(living.user) };
    if (await core.sessions.end(id, sessionId, ifAlive)) {
      await sayEnded(core, user, sessionId, ending);
      return true;
    }
  }
  throw new Unavailable({ message: BUSY });
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

/** Stores the new stamp for the id, only if the old one is `ifStamp` where that is given; undefined when it has written nothing. */
type StampWrite = (id: UserId, stamp: string, ifStamp?: string) => Promise<Written | undefined>;

/**
 * Ends a user's sessions by a write to the user, which may change something else at the same time.
 *
 * That one write decides. It brings a new stamp, and every session that does not know the stamp is over. The session that
 * goes on is told the stamp before the write, and a new one is made under it before, too; deleting the others afterwards
 * only tidies up. Wherever this is cut off, either nothing has changed or the old sessions are dead.
 *
 * A session goes on only if it lives under the stamp that the write replaces: one that somebody else ends meanwhile has been
 * told the new stamp already, and would come back by it.
 *
 * @param user the id, or its text
 * @param options.except the id of a session that goes on, unless it is over
 * @param options.resume who is in, by a session that ends with the rest: goes on in a new one
 * @returns what `write` gives, and the tokens of the new session
 * @throws Unavailable (`unavailable`, 503)
 */
export async function endSessionsBy(
  core: Core,
  user: UserId,
  write: StampWrite,
  { except, ...options }: Options,
): Promise<Ended | undefined> {
  const id = core.users.castId(user);
  if (id === undefined) return undefined;
  let ifStamp = await livingStamp(core, id, except);
  for (let tries = 0; tries < TRIES; tries += 1) {
    const spared = ifStamp === undefined ? undefined : except;
    const writeOnce: StampWrite = (owner, stamp) => write(owner, stamp, ifStamp);
    const ended = await endOnce(core, id, writeOnce, { except: spared, ...options });
    const stampNow = ended ? ifStamp : await livingStamp(core, id, spared);
    if (stampNow === ifStamp) return ended;
    ifStamp = stampNow;
  }
  throw new Unavailable({ message: BUSY });
}

/** The stamp under which a session lives; undefined for one that is over. */
async function livingStamp(
  core: Core,
  id: UserId,
  sessionId: string | undefined,
): Promise<string | undefined> {
  if (!sessionId) return undefined;
  const living = await findLiveSession(core, id, sessionId);
  return living && stampOf(living.user);
}

async function endOnce(
  core: Core,
  id: UserId,
  write: StampWrite,
  { except, resume, clearAway, ...ending }: Options,
): Promise<Ended | undefined> {
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
  if (except) work.push(core.sessions.dropStamp(id, except, replacedStamp));
  if (clearAway) work.push(clearAway(written.user));
  await tidyUp(core, ...work);
  await sayEnded(core, id, null, ending);
  return { ...written, tokens: resumed?.tokens };
}
