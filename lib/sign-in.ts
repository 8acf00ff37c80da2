import type { SignInContext } from './config/options.js';
import type { Kit } from './kit.js';
import { concealCredentials } from './models/conceal-credentials.js';
import { stampOf } from './models/security-stamp.js';
import type { Session } from './models/session-store.js';
import type { UserDocument } from './models/user-store.js';
import { toSeconds } from './security/tokens.js';

/** The answer to a login and to a refresh: RFC 6749 section 5.1. */
export interface TokenPair {
  access_token: string;
  refresh_token: string;
  token_type: 'bearer';
  /** Of the access token, in seconds. */
  expires_in: number;
}

/**
 * The gate: every way in ends here, whatever proved the user's identity. Runs the hooks, makes the session, signs the
 * first pair of tokens.
 *
 * @param user as loaded when the credentials were checked: a session made for credentials that were changed
 * meanwhile is over before it begins
 * @throws what a `beforeSignIn` hook throws
 */
export async function signIn(kit: Kit, user: UserDocument, context: SignInContext): Promise<TokenPair> {
  const stamp = stampOf(user);
  concealCredentials(user);
  await kit.hooks.beforeSignIn({ user, context });
  const now = kit.now();
  const expiresAt = new Date(now.getTime() + kit.settings.refreshTokenSeconds * 1000);
  const session = await kit.sessions.create({
    user: user._id,
    stamp,
    now,
    expiresAt,
    ...context,
  });
  kit.events.emit('login.succeeded', {
    userId: String(user._id),
    sessionId: session._id.toString(),
    ...context,
  });
  return issuePair(kit, user, session);
}

/** The pair of tokens of a session's present generation. */
export function issuePair(kit: Kit, user: UserDocument, session: Session): TokenPair {
  const { generation, rotatedAt, expiresAt } = session;
  const subject = { userId: String(user._id), email: user.email, sessionId: session._id.toString() };
  const now = kit.now();
  // No longer than the session lives: who verifies claims alone would not notice its end.
  const accessEnds = new Date(
    Math.min(now.getTime() + kit.settings.accessTokenSeconds * 1000, expiresAt.getTime()),
  );
  return {
    access_token: kit.signer.signAccess(subject, { from: now, to: accessEnds }),
    refresh_token: kit.signer.signRefresh(subject, generation, { from: rotatedAt, to: expiresAt }),
    token_type: 'bearer',
    expires_in: toSeconds(accessEnds) - toSeconds(now),
  };
}
