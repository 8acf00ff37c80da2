import type { Bearer, TokenReader } from '../core/token-reader.js';
import { InvalidRefreshToken, InvalidToken, MissingToken } from '../errors.js';
import { createJwtStrategy, type JwtSettings } from '../security/jwt-strategy.js';
import type { AccessClaims, RefreshClaims } from '../security/tokens.js';
import { createVerifiedTokens } from '../security/verified-tokens.js';
import type { Authenticator, Outcome } from './authenticate.js';

const ACCESS = 'jwt';
const EXPIRED_ACCESS = 'jwt-expired';
const REFRESH = 'jwt-refresh';

/** Registers the passport-jwt strategies and asks them. */
export function createTokenReader(authenticator: Authenticator, settings: JwtSettings): TokenReader {
  authenticator.use(ACCESS, createJwtStrategy('access', settings, bearerToken));
  authenticator.use(
    EXPIRED_ACCESS,
    createJwtStrategy('access', settings, bearerToken, { mayHaveExpired: true }),
  );
  authenticator.use(REFRESH, createJwtStrategy('refresh', settings, refreshTokenOf));
  const verify = async (strategy: string, from: Bearer) => {
    if (!from.headers.authorization) throw new MissingToken();
    const outcome = await authenticator.authenticate<AccessClaims>(strategy, from);
    if (!outcome.user) throw new InvalidToken({ message: reasonOf(outcome) });
    return outcome.user;
  };
  // By the whole header. The keys of a router do not change while it lives.
  const verified = createVerifiedTokens<AccessClaims>();
  return {
    async readAccess(from) {
      const { authorization = '' } = from.headers;
      const known = verified.find(authorization, settings.now());
      if (known) return known;
      const claims = await verify(ACCESS, from);
      verified.keep(authorization, claims);
      return claims;
    },
    readExpiredAccess: (from) => verify(EXPIRED_ACCESS, from),
    async readRefresh(token) {
      const body = { refresh_token: token };
      const outcome = await authenticator.authenticate<RefreshClaims>(REFRESH, { headers: {} }, { body });
      if (!outcome.user) throw new InvalidRefreshToken({ message: reasonOf(outcome) });
      return outcome.user;
    },
  };
}

function reasonOf(outcome: Outcome<unknown>): string {
  return outcome.type === 'failure' ? outcome.reason : outcome.type;
}

function refreshTokenOf(req: { body?: unknown }): string | null {
  const token = (req.body as { refresh_token?: unknown } | undefined)?.refresh_token;
  return typeof token === 'string' ? token : null;
}

/** RFC 6750 section 2.1: the scheme, one space, one token, nothing else. */
const BEARER = /^Bearer ([A-Za-z0-9\-._~+/]+=*)$/i;

/** The token of an `Authorization` header, or null. Query string and body are never looked at. */
export function bearerToken(from: Bearer): string | null {
  return BEARER.exec(from.headers.authorization ?? '')?.[1] ?? null;
}
