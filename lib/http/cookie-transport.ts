import { parseCookie, stringifySetCookie } from 'cookie';
import type { Request } from 'express';
import { claimsIn } from '../security/tokens.js';
import { WITH_BROWSER } from '../sign-in.js';
import { setCookie } from './set-cookies.js';
import { headerTransport, type TokenTransport } from './token-transport.js';
import { isOAuthForm, isPageForm, showsToken } from './web-request.js';

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
  const names = isSecure
    ? { access: '__Host-access', refresh: '__Host-refresh' }
    : { access: 'access', refresh: 'refresh' };
  const flags = { httpOnly: true, secure: isSecure, sameSite: 'lax', path: '/' } as const;

  const read = (req: Pick<Request, 'headers'>) => {
    const isWithout = showsToken(req) || isOAuthForm(req);
    const cookies = isWithout ? {} : parseCookie(req.headers.cookie ?? '');
    return { access: cookies[names.access] || undefined, refresh: cookies[names.refresh] || undefined };
  };

  const write = (req: Pick<Request, 'res'>, name: string, value: string, maxAge: number | undefined) => {
    const line = stringifySetCookie({ ...flags, name, value, ...(maxAge !== undefined && { maxAge }) });
    if (req.res) setCookie(req.res, name, line);
  };

  /** Until what it carries is over, or the browser is closed. */
  const keep = (req: Request, name: string, token: string, isWithBrowser: boolean) => {
    if (isWithBrowser) return write(req, name, token, undefined);
    const seconds = claimsIn(token).exp - Math.floor(now().getTime() / 1000);
    write(req, name, token, Math.min(seconds, COOKIE_MAX_SECONDS));
  };

  return {
    bring(req) {
      const { access, refresh } = read(req);
      const isCookie = access !== undefined || refresh !== undefined;
      if (!isCookie) return headerTransport.bring(req);
      const bearer = { headers: { authorization: access && `Bearer ${access}` } };
      return { bearer, refreshToken: refresh, isCookie };
    },

    async carry(req, { body, tokens, isCookie }) {
      if (!isCookie && !asksForCookies(req)) return headerTransport.carry(req, { body, tokens, isCookie });
      const { refresh: former } = read(req);
      const isAnother = former !== undefined && sessionOf(former) !== sessionOf(tokens.refresh_token);
      // The cookie was its only copy, or somebody else has one.
      if (isAnother) await endSession(former, req);
      const isWithBrowser = tokens[WITH_BROWSER] ?? false;
      keep(req, names.access, tokens.access_token, isWithBrowser);
      keep(req, names.refresh, tokens.refresh_token, isWithBrowser);
      return { ...body, token_type: 'cookie', expires_in: tokens.expires_in };
    },

    forget(req) {
      const { access, refresh } = read(req);
      if (access === undefined && refresh === undefined) return;
      for (const name of Object.values(names)) write(req, name, '', 0);
    },
  };
}

/** Whether a client wants its tokens in cookies: an HTML form has no other way, a script says so. */
export function asksForCookies(req: Pick<Request, 'headers'>): boolean {
  if (showsToken(req)) return false;
  return isPageForm(req) || (req.headers['x-auth-mode'] === 'cookies' && !isOAuthForm(req));
}

/** Of a token that came from anywhere: what is none has none. */
function sessionOf(token: string): string | undefined {
  try {
    return claimsIn(token).sid;
  } catch {
    return undefined;
  }
}
