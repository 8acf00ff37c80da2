import type { Response } from 'express';
import onHeaders from 'on-headers';

/** Which cookies an answer sets, by their names. */
const cookiesOf = new WeakMap<Response, Map<string, string>>();

/**
 * Sets a cookie on whatever the response will be: an app may answer by a redirect, a stream or its error page, which forget
 * the headers of before. It goes beside the app's own cookies, and an answer with one is nobody else's.
 *
 * @param line the value of its `Set-Cookie`: a later one of the name takes its place
 */
export function setCookie(res: Response, name: string, line: string): void {
  const cookies = cookiesOf.get(res) ?? new Map<string, string>();
  cookies.set(name, line);
  if (cookiesOf.has(res)) return;
  cookiesOf.set(res, cookies);
  onHeaders(res, () => {
    res.append('Set-Cookie', [...cookies.values()]);
    res.set('Cache-Control', 'no-store');
  });
}
