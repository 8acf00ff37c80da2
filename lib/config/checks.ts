import leven from 'leven';
import type { Range } from './limits.js';

/**
 * Small named checks of one value each. They throw a `TypeError` of one line that names the option (or the variable),
 * what was given and what is allowed; they return the value, typed.
 */

/** What was given, short enough for one line. Secrets never come here. */
export function describe(value: unknown): string {
  if (typeof value === 'string')
    return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}...` : value);
  if (typeof value === 'number' || typeof value === 'boolean' || value === null || value === undefined) {
    return String(value);
  }
  return Array.isArray(value) ? 'an array' : `a value of type ${typeof value}`;
}

export function refuse(name: string, given: unknown, allowed: string): never {
  throw new TypeError(`${name}: ${describe(given)} given; allowed: ${allowed}`);
}

/** From how many letters on the beginning of a name says which is meant. */
const HALF = 4;

/**
 * The candidate that `name` most likely was meant to be, when it is near enough to be a slip.
 *
 * @param mostEdits how many letters may differ; by default a quarter of them, and two at least
 */
export function nearMiss(
  name: string,
  candidates: readonly string[],
  mostEdits = Math.max(2, Math.floor(name.length / 4)),
): string | undefined {
  const folded = name.toLowerCase();
  const ranked = candidates
    .map((candidate) => ({ candidate, distance: leven(folded, candidate.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance);
  const best = ranked[0];
  // Of a short name something must be left: `on` is no slip of `off`.
  const tolerance = Math.min(name.length - 1, mostEdits);
  if (best && best.distance <= tolerance) return best.candidate;
  // Half of it: `secret` for `secretKey`.
  const whole = candidates.filter((candidate) => candidate.toLowerCase().startsWith(folded));
  return folded.length >= HALF && whole.length === 1 ? whole[0] : undefined;
}

export function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

type AnyFunction = (...given: never[]) => unknown;

export function checkFunction(name: string, value: unknown): AnyFunction {
  return typeof value === 'function' ? (value as AnyFunction) : refuse(name, value, 'a function');
}

/** Refuses members that are not in `known`, suggesting a near miss. `prefix` names the option that holds them. */
export function checkKnown(value: unknown, known: readonly string[], prefix = ''): void {
  if (!isObject(value)) refuse(prefix || 'options', value, 'an object');
  for (const name of Object.keys(value)) {
    if (known.includes(name)) continue;
    const suggestion = nearMiss(name, known);
    const pathOf = (member: string) => (prefix ? `${prefix}.${member}` : member);
    const meant = suggestion ? `; did you mean ${pathOf(suggestion)}?` : '';
    throw new TypeError(`${pathOf(name)}: unknown option${meant}; allowed: ${known.join(', ')}`);
  }
}

export function checkNumber(name: string, value: unknown, { min, max, integer, allowed }: Range): number {
  const fits = typeof value === 'number' && value >= min && value <= max;
  if (!fits || (integer && !Number.isInteger(value))) refuse(name, value, allowed);
  return value;
}

export function checkOneOf<T extends string>(name: string, value: unknown, allowed: readonly T[]): T {
  const found = allowed.find((candidate) => candidate === value);
  if (found !== undefined) return found;
  const suggestion = typeof value === 'string' ? nearMiss(value, allowed) : undefined;
  return refuse(name, value, allowed.join(', ') + (suggestion ? ` (did you mean ${suggestion}?)` : ''));
}

/** `'on'`, `'off'`, true or false. @returns whether it is on */
export function checkSwitch(name: string, value: unknown): boolean {
  return typeof value === 'boolean' ? value : checkOneOf(name, value, ['on', 'off']) === 'on';
}

export function checkText(name: string, value: unknown): string {
  if (typeof value !== 'string' || value.trim() === '') refuse(name, value, 'a string that is not empty');
  return value;
}

export function checkNames(name: string, value: unknown): string[] {
  if (!Array.isArray(value) || value.some((item) => typeof item !== 'string' || item === '')) {
    refuse(name, value, 'an array of field names');
  }
  return [...value];
}

export function checkFunctions(name: string, value: unknown, known: readonly string[]): void {
  checkKnown(value, known, name);
  for (const [member, candidate] of Object.entries(value as object)) {
    if (candidate !== undefined) checkFunction(`${name}.${member}`, candidate);
  }
}

/** Not repeated in the message: an SMTP URL carries a password. */
export function checkSmtpUrl(name: string, value: string): string {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  if (!url?.hostname || !/^smtps?:$/.test(url.protocol)) {
    throw new TypeError(`${name}: not an SMTP URL; allowed: smtp://user:password@host:port or smtps://...`);
  }
  return value;
}

/** One sender: anything else would leave the mail server with none (`MAIL FROM:<>`). */
export function checkSender(name: string, value: unknown): string {
  const oneAddress = /^([^<>\r\n]*<[^<>\s@,;]+@[^<>\s@,;]+>|[^<>\s@,;]+@[^<>\s@,;]+)$/;
  if (typeof value !== 'string' || !oneAddress.test(value.trim())) {
    refuse(name, value, 'one address, Name <address> or the address alone');
  }
  return value;
}

/** Of this origin, wherever that is. */
export function checkPath(name: string, value: unknown): string {
  const isPath = typeof value === 'string' && /^\/(?![/\\])[^\s#]*$/.test(value);
  return isPath ? value : refuse(name, value, 'a path of the app, e.g. /login');
}

/** Absolute, of any scheme: a link into an app of one's own too. */
export function checkUrl(name: string, value: unknown): string {
  return typeof value === 'string' && URL.canParse(value) ? value : refuse(name, value, 'an absolute URL');
}

/** An absolute http(s) URL without query and fragment; the trailing slash is dropped. */
export function checkAppUrl(name: string, value: unknown): string {
  const allowed = 'an absolute http(s) URL without query and fragment, e.g. https://app.example.com';
  if (typeof value !== 'string' || !URL.canParse(value)) refuse(name, value, allowed);
  const url = new URL(value);
  const plain = /^https?:$/.test(url.protocol) && !url.search && !url.hash && !url.username && !url.password;
  if (!plain) refuse(name, value, allowed);
  return url.href.replace(/\/+$/, '');
}
