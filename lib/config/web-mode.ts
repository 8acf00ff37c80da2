import { checkAppUrl, checkSwitch, refuse } from './checks.js';

/** Host names that a request on one machine has: what never leaves it needs no TLS. */
const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\])$/;

/**
 * Whether tokens may travel in cookies. They are `Secure` by `appUrl`, never by the request: it has to say how the app is
 * served.
 */
export function checkCookies(
  name: string,
  given: unknown = 'off',
  { appUrl }: Readonly<Record<string, unknown>> = {},
): boolean {
  if (!checkSwitch(name, given)) return false;
  if (appUrl === undefined)
    throw new TypeError(
      `appUrl (or AUTH_APP_URL): required with ${name}; allowed: https, or a loopback address`,
    );
  const { protocol, hostname } = new URL(checkAppUrl('appUrl', appUrl));
  if (protocol !== 'https:' && !LOOPBACK.test(hostname))
    refuse('appUrl', appUrl, `https, or a loopback address, with ${name}`);
  return true;
}

/** Origins as browsers name them (RFC 6454 section 6.1), beside that of `appUrl`. */
export function checkOrigins(name: string, given: unknown = []): readonly string[] {
  const allowed = 'origins as browsers name them, e.g. https://app.example.com';
  if (!Array.isArray(given)) refuse(name, given, `an array of ${allowed}`);
  for (const origin of given) {
    const isOrigin = typeof origin === 'string' && URL.canParse(origin) && new URL(origin).origin === origin;
    if (!isOrigin || !/^https?:/.test(origin)) refuse(name, origin, allowed);
  }
  return given;
}
