import { parseCookie } from 'cookie';
import type { Request } from 'express';
import { claimsIn } from '../security/tokens.js';
import { WITH_BROWSER } from '../sign-in.js';
import { createOwnCookie, type OwnCookie } from './own-cookie.js';
import { setCookie } from './set-cookies.js';
import { headerTransport, type TokenTransport } from './token-transport.js';
import { asksForCookies, isOAuthForm, showsToken } from './web-request.js';

/** How long a cookie lives at most, in seconds: browsers keep none for longer (RFC 6265bis section 5.5). */
export const COOKIE_MAX_SECONDS = 400 * 86_400;

interface CookieParts {
  /** Whether the app is served by https: by its own word, never by the request's. */
  isSecure: boolean;
  /** Ends the session of a refresh token, whatever became of it. */
  endSession(refreshToken: string, req: Request): Promise<void>;
  now(): Date;
}

/** Tokens in cookies that no script reads and no other site sends, where that was asked for; else as without. */
export function createCookieTransport({ isSecure, endSession, now }: CookieParts): TokenTransport {
  const access = createOwnCookie('access', isSecure);
  const refresh = createOwnCookie('refresh', isSecure);

  const read = (req: Pick<Request, 'headers'>) => {
    const isWithout = showsToken(req) || isOAuthForm(req);
    const cookies = isWithout ? {} : parseCookie(req.headers.cookie ?? '');
    return {
      accessToken: cookies[access.name] || undefined,
      refreshToken: cookies[refresh.name] || undefined,
    };
  };

  const write = (req: Pick<Request, 'res'>, { name, line }: OwnCookie, value: string, maxAge?: number) => {
    if (req.res) setCookie(req.res, name, line(value, maxAge));
  };

  /** Until what it carries is over, or the browser is closed. */
  const keep = (req: Request, cookie: OwnCookie, token: string, isWithBrowser: boolean) => {
    if (isWithBrowser) return write(req, cookie, token);
    const seconds = claimsIn(token).exp - Math.floor(now().getTime() / 1000);
    write(req, cookie, token, Math.min(seconds, COOKIE_MAX_SECONDS));
  };

  return {
    bring(req) {
      const { accessToken, refreshToken } = read(req);
      const isCookie = accessToken !== undefined || refreshToken !== undefined;
      if (!isCookie) return headerTransport.bring(req);
      const bearer = { headers: { authorization: accessToken && `Bearer ${accessToken}` } };
      return { bearer, refreshToken, isCookie };
    },

    async carry(req, { body, tokens, isCookie }) {
      if (!isCookie && !asksForCookies(req)) return headerTransport.carry(req, { body, tokens, isCookie });
      const { refreshToken: former } = read(req);
      const isAnother = former !== undefined && sessionOf(former) !== sessionOf(tokens.refresh_token);
      // The cookie was its only copy, or somebody else has one.
      if (isAnother) await endSession(former, req);
      const isWithBrowser = tokens[WITH_BROWSER] ?? false;
      keep(req, access, tokens.access_token, isWithBrowser);
      keep(req, refresh, tokens.refresh_token, isWithBrowser);
      return { ...body, token_type: 'cookie', expires_in: tokens.expires_in };
    },

    forget(req) {
      const { accessToken, refreshToken } = read(req);
      if (accessToken === undefined && refreshToken === undefined) return;
      for (const cookie of [access, refresh]) write(req, cookie, '', 0);
    },
  };
}

/** Of a token that came from anywhere: what is none has none. */
function sessionOf(token: string): string | undefined {
  try {
    return claimsIn(token).sid;
  } catch {
    return undefined;
  }
}
