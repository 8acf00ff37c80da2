import { parseCookie, stringifySetCookie } from 'cookie';
import type { Request } from 'express';

/** A cookie of the kit's: of this host alone, no script's to read, and sent along by links from elsewhere and nothing more. */
export interface OwnCookie {
  name: string;
  /** What a request has of it. */
  read(req: Pick<Request, 'headers'>): string | undefined;
  /**
   * The value of the `Set-Cookie` that sets it, or takes it back: by the same name, path and flags, or the browser would keep it.
   *
   * @param maxAge in seconds; 0 takes it back, absent: it ends with the browser
   */
  line(value: string, maxAge?: number): string;
}

/**
 * @param isSecure whether the app is served by https: by its own word, never by the request's. Over http browsers would take
 * neither the prefix nor `Secure`
 */
export function createOwnCookie(plainName: string, isSecure: boolean): OwnCookie {
  const name = isSecure ? `__Host-${plainName}` : plainName;
  const flags = { httpOnly: true, secure: isSecure, sameSite: 'lax', path: '/' } as const;
  return {
    name,
    read: ({ headers }) => parseCookie(headers.cookie ?? '')[name],
    line: (value, maxAge) =>
      stringifySetCookie({ ...flags, name, value, ...(maxAge !== undefined && { maxAge }) }),
  };
}
