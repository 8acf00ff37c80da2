import type { Request } from 'express';

/** The headers of a request, of Express or of whatever else has them. */
type Headed = Pick<Request, 'headers'>;

/**
 * Whether a request shows a token by itself: then no cookie counts. Another scheme, a proxy's Basic say, shows none (RFC 6750
 * section 2.1).
 */
export function showsToken({ headers }: Headed): boolean {
  return /^Bearer(\s|$)/i.test(headers.authorization ?? '') || headers['x-api-token'] !== undefined;
}

/** Whether a browser has sent it from an HTML form, and shows what comes back. */
export function isPageForm(req: Headed): boolean {
  return isForm(req) && /\btext\/html(?![\w+.-])/i.test(req.headers.accept ?? '');
}

/** Whether it is the form of an OAuth 2.0 client (RFC 6749 section 4.3.2): such a one knows no cookies. */
export function isOAuthForm(req: Headed): boolean {
  return isForm(req) && !isPageForm(req);
}

/** Whether a client wants its tokens in cookies: an HTML form has no other way, a script says so. */
export function asksForCookies(req: Headed): boolean {
  if (showsToken(req)) return false;
  return isPageForm(req) || (req.headers['x-auth-mode'] === 'cookies' && !isOAuthForm(req));
}

/** Whether a request changes nothing by its method (RFC 9110 section 9.2.1). */
export function isSafe({ method }: Pick<Request, 'method'>): boolean {
  return ['GET', 'HEAD', 'OPTIONS'].includes(method);
}

function isForm({ headers }: Headed): boolean {
  return /^application\/x-www-form-urlencoded\s*(;|$)/i.test(headers['content-type'] ?? '');
}
