import type { RequestContext } from '../config/hooks.js';
import type { TokenCore } from '../core/core.js';
import { InvalidRefreshToken, InvalidToken } from '../errors.js';
import { endSession } from './end-sessions.js';

/** What whoever logs out has: either token will do. */
export interface PresentedTokens {
  refreshToken?: string | null;
  accessToken?: string | null;
}

/**
 * Ends the session of each token. One that has expired, or was replaced, still names its session; one that is no good
 * names none, and who logs out is out either way.
 *
 * @throws Unavailable (`unavailable`, 503)
 */
export async function logOut(
  core: TokenCore,
  tokens: PresentedTokens,
  context?: RequestContext,
): Promise<void> {
  for (const { sub, sid } of await namedSessions(core, tokens)) {
    await endSession(core, sub, sid, { reason: 'logout', context });
  }
}

async function namedSessions(
  { tokenReader }: TokenCore,
  { refreshToken, accessToken }: PresentedTokens,
): Promise<{ sub: string; sid: string }[]> {
  const authorization = `Bearer ${accessToken}`;
  const claims = await Promise.all([
    refreshToken ? tokenReader.readRefresh(refreshToken).catch(ignoreRefusal) : undefined,
    accessToken
      ? tokenReader.readExpiredAccess({ headers: { authorization } }).catch(ignoreRefusal)
      : undefined,
  ]);
  return claims.filter((each) => each !== undefined);
}

function ignoreRefusal(error: unknown): undefined {
  if (!(error instanceof InvalidRefreshToken || error instanceof InvalidToken)) throw error;
}
