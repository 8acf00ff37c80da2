import type { RequestContext } from '../config/hooks.js';
import type { TokenCore } from '../core/core.js';
import { originOf } from '../core/events.js';
import { withinLimitsUnless } from '../core/limits.js';
import { ownClaims } from '../core/own-claims.js';
import { InvalidRefreshToken } from '../errors.js';
import { concealCredentials } from '../models/conceal-credentials.js';
import { stampOf } from '../models/security-stamp.js';
import { sessionInfo } from '../models/session-info.js';
import type { Rotation, Session } from '../models/session-store.js';
import type { UserDocument, UserId } from '../models/user.js';
import type { RefreshClaims } from '../security/tokens.js';
import { issuePair, type TokenPair } from '../sign-in.js';
import { sayEnded } from './end-sessions.js';
import { findLiveSession } from './live-session.js';

/**
 * A refresh token against a new pair. RFC 9700 section 4.14.2: each is used once, and an old one coming back ends the
 * session; the immediate predecessor is forgiven: for lost answers until the successor is shown, for second tabs some seconds
 * more. Without rotation the pair has the same refresh token again.
 *
 * @throws InvalidRefreshToken (`invalid_refresh_token`, 401), Unavailable (`unavailable`, 503); what a `beforeRefresh` hook
 * throws: then nothing has changed; what a limit throws
 */
export async function refreshSession(
  core: TokenCore,
  refreshToken: string,
  context: RequestContext,
): Promise<TokenPair> {
  // Whose token it would be is not known before it was read.
  const attempt = { operation: 'refresh', kind: 'refresh', user: null, name: null, ip: context.ip } as const;
  return withinLimitsUnless(core.limits, attempt, [InvalidRefreshToken], async (isRefused) => {
    if (isRefused) throw new InvalidRefreshToken({ message: 'limited' });
    return exchange(core, refreshToken, context);
  });
}

async function exchange(core: TokenCore, refreshToken: string, context: RequestContext): Promise<TokenPair> {
  const claims = await core.tokenReader.readRefresh(refreshToken);
  const id = core.users.castId(claims.sub);
  const user = id === undefined ? undefined : await core.users.load(id);
  if (!user || user.disabledAt) throw new InvalidRefreshToken({ message: 'no such user, or disabled' });

  const stamp = stampOf(user);
  concealCredentials(user);
  const own = await askApp(core, user, { claims, context });

  const { outcome, session } = await rotate(core, user._id, claims, context);
  // A session made under credentials that have changed since is over, whatever generation it has; but one that is to
  // outlive the change goes on, and may have been told so after the user was loaded.
  const lives =
    session.stamps.includes(stamp) || (await findLiveSession(core, user._id, claims.sid)) !== undefined;
  if (!lives) throw new InvalidRefreshToken({ message: 'the credentials have changed' });
  if (outcome === 'repeated')
    await core.events.emit('session.repeated', {
      userId: claims.sub,
      sessionId: claims.sid,
      ...originOf(context),
    });
  const pair = issuePair(core, user, session, own);
  return outcome === 'kept' ? { ...pair, refresh_token: refreshToken } : pair;
}

/**
 * Asks the app, before anything is changed, whether the refresh may go on and what its claims are: where it refuses or
 * fails, the same refresh token works again.
 */
async function askApp(
  core: TokenCore,
  user: UserDocument,
  { claims: { sid, gen }, context }: { claims: RefreshClaims; context: RequestContext },
): Promise<object> {
  const { hooks, settings } = core;
  if (!settings.claims && !hooks.has('beforeRefresh')) return {};
  const session = await core.sessions.find(user._id, sid, core.now());
  // What becomes of the token of a session that is over, and of an old one, is the rotation's to say.
  const isOld = settings.refreshRotation === 'on' && session && gen < session.generation - 1;
  if (!session || isOld) return {};
  await hooks.beforeRefresh({ user, session: sessionInfo(session), context });
  return ownClaims(core, user, session);
}

/** @throws InvalidRefreshToken for the token of a session that is over, and for an old one, which ends it */
async function rotate(
  core: TokenCore,
  user: UserId,
  { sub, sid, gen }: RefreshClaims,
  context: RequestContext,
): Promise<Extract<Rotation, { session: Session }>> {
  const { refreshRotation, refreshGraceSeconds } = core.settings;
  const presented = { generation: gen, now: core.now(), graceMs: refreshGraceSeconds * 1000 };
  const replace = refreshRotation === 'on' ? core.sessions.rotate : core.sessions.keep;
  const rotation = await replace(user, sid, presented);
  if (rotation.outcome === 'refused') throw new InvalidRefreshToken({ message: 'the session is over' });
  if (rotation.outcome === 'replayed') {
    await core.events.emit('session.replayed', { userId: sub, sessionId: sid, ...originOf(context) });
    await sayEnded(core, sub, sid, { reason: 'replayed', context });
    throw new InvalidRefreshToken({ message: 'an old refresh token was presented; the session was ended' });
  }
  return rotation;
}
