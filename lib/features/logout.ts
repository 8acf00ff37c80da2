import type { Request } from 'express';
import { endSession, endSessions } from '../accounts/end-sessions.js';
import { InvalidRefreshToken, InvalidToken, MissingToken } from '../errors.js';
import { defineRoute, defineUserRoute } from '../http/route.js';
import { optionalString } from '../http/validation.js';
import type { Feature, Kit } from '../kit.js';

interface Logout {
  refresh_token?: string | null;
}

/** `POST /logout`, with whichever token the client has, and `POST /logout-all`. */
export const logout: Feature = {
  name: 'logout',
  routes: (kit) => [
    defineRoute<Logout>({
      method: 'post',
      path: '/logout',
      accepts: 'json',
      rules: { refresh_token: optionalString('The refresh token') },
      success: 204,
      async handle({ req, input }) {
        for (const { sub, sid } of await namedSessions(kit, req, input.refresh_token)) {
          const user = kit.users.castId(sub);
          if (user !== undefined) await endSession(kit, user, sid);
        }
        return undefined;
      },
    }),
    defineUserRoute({
      method: 'post',
      path: '/logout-all',
      success: 204,
      async handle({ user }) {
        await endSessions(kit, user._id);
        return undefined;
      },
    }),
  ],
};

/** The sessions that the request's tokens name. A token that is no good names none: who logs out is out either way. */
async function namedSessions(kit: Kit, req: Request, refreshToken: string | null | undefined) {
  const claims = await Promise.all([
    refreshToken ? kit.tokenReader.readRefresh(refreshToken).catch(ignoreRefusal) : undefined,
    kit.tokenReader.readAccess(req).catch(ignoreRefusal),
  ]);
  return claims.filter((each) => each !== undefined);
}

function ignoreRefusal(error: unknown): undefined {
  const refused = [InvalidRefreshToken, InvalidToken, MissingToken].some(
    (refusal) => error instanceof refusal,
  );
  if (!refused) throw error;
}
