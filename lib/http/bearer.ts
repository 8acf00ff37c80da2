/** RFC 6750 section 2.1: the scheme, one space, one token, nothing else. */
const BEARER = /^Bearer ([A-Za-z0-9\-._~+/]+=*)$/i;

/** The token of an `Authorization` header, or null. Query string and body are never looked at. */
export function bearerToken(req: { headers: { authorization?: string | undefined } }): string | null {
  return BEARER.exec(req.headers.authorization ?? '')?.[1] ?? null;
}
