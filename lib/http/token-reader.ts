import type { Request } from 'express';
import { InvalidRefreshToken, InvalidToken, MissingToken } from '../errors.js';
import { createJwtStrategy, type JwtSettings } from '../security/jwt-strategy.js';
import type { AccessClaims, RefreshClaims } from '../security/tokens.js';
import type { Authenticator } from './authenticate.js';
import { bearerToken } from './bearer.js';

/** What may bear an access token: a request, or whatever else has its headers. */
export type Bearer = Pick<Request, 'headers'>;

/** The claims of the tokens that requests bring, checked by passport-jwt: signature and claims, no database. */
export interface TokenReader {
  /**
   * The access token of the `Authorization` header.
   *
   * @throws MissingToken (`missing_token`), InvalidToken (`invalid_token`)
   */
  readAccess(req: Bearer): Promise<AccessClaims>;
  /**
   * A refresh token, taken from wherever the route has it.
   *
   * @throws InvalidRefreshToken (`invalid_refresh_token`)
   */
  readRefresh(token: string): Promise<RefreshClaims>;
}

const ACCESS = 'jwt';
const REFRESH = 'jwt-refresh';

/** Registers the two passport-jwt strategies and asks them. */
export function createTokenReader(authenticator: Authenticator, settings: JwtSettings): TokenReader {
  authenticator.use(ACCESS, createJwtStrategy('access', settings, bearerToken));
  authenticator.use(REFRESH, createJwtStrategy('refresh', settings, refreshTokenOf));
  return {
    async readAccess(req) {
      if (!req.headers.authorization) throw new MissingToken();
      const outcome = await authenticator.authenticate<AccessClaims>(ACCESS, req);
      if (!outcome.user) throw new InvalidToken({ message: outcome.reason });
      return outcome.user;
    },
    async readRefresh(token) {
      const body = { refresh_token: token };
      const outcome = await authenticator.authenticate<RefreshClaims>(REFRESH, { headers: {} }, body);
      if (!outcome.user) throw new InvalidRefreshToken({ message: outcome.reason });
      return outcome.user;
    },
  };
}

function refreshTokenOf(req: { body?: unknown }): string | null {
  const token = (req.body as { refresh_token?: unknown } | undefined)?.refresh_token;
  return typeof token === 'string' ? token : null;
}
