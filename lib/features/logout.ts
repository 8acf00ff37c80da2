import { endSessions } from '../accounts/end-sessions.js';
import { logOut } from '../accounts/log-out.js';
import { defineRoute, defineUserRoute } from '../http/route.js';
import { bearerToken } from '../http/token-reader.js';
import { optionalString } from '../http/validation.js';
import type { Feature } from '../kit.js';

interface Logout {
  refresh_token?: string | null;
}

/** `POST /logout`, with whichever token the client has, and `POST /logout-all`. */
export const logout: Feature = {
  name: 'logout',
  setup: (kit) => ({
    routes: [
      defineRoute<Logout>({
        method: 'post',
        path: '/logout',
        accepts: 'json',
        tokenField: 'refresh_token',
        rules: { refresh_token: optionalString('The refresh token') },
        success: 204,
        async handle({ bearer, input, context }) {
          const tokens = { refreshToken: input.refresh_token, accessToken: bearerToken(bearer) };
          await logOut(kit, tokens, context);
          return { signedOut: true };
        },
      }),
      defineUserRoute({
        method: 'post',
        path: '/logout-all',
        success: 204,
        async handle({ user, context }) {
          await endSessions(kit, user._id, { reason: 'logout_all', context });
          return { signedOut: true };
        },
      }),
    ],
  }),
};
