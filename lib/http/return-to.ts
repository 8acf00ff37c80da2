/**
 * Where a browser is sent back to: a path of the app's own pages, whichever way it is spelt, as the URL parser spells it.
 *
 * @param given what came with the request: a client's text
 * @param appUrl the app's own address
 * @returns undefined for what leads elsewhere, or nowhere
 *
 * @example
 * pathOf('/account?tab=2', 'https://app.example.com'); // '/account?tab=2'
 * pathOf('//evil.example', 'https://app.example.com'); // undefined
 */
export function pathOf(given: unknown, appUrl: string): string | undefined {
  // The parser would leave these out, and another one takes them for something.
  if (typeof given !== 'string' || given === '' || /[\p{Cc}\p{Zl}\p{Zp}]/u.test(given)) return undefined;
  const base = new URL(appUrl);
  if (!URL.canParse(given, appUrl)) return undefined;
  const { protocol, host, pathname, search, hash, username, password } = new URL(given, base);
  const isOurs = protocol === base.protocol && host === base.host && username === '' && password === '';
  return isOurs && !pathname.startsWith('//') ? `${pathname}${search}${hash}` : undefined;
}
