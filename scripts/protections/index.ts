import { AVAILABILITY } from './availability.js';
import { BROWSERS } from './browsers.js';
import { CLIENT } from './client.js';
import { FOUND_LATER } from './found-later.js';
import { HTTP } from './http.js';
import { LOGIN } from './login.js';
import { PASSWORDS } from './passwords.js';
import type { Protection } from './protection.js';
import { REGISTRATION } from './registration.js';
import { SESSIONS } from './sessions.js';
import { THROTTLING } from './throttling.js';
import { TOKENS } from './tokens.js';

/** In the order of docs/security.md. A new one is a row in one of the tables. */
export const PROTECTIONS: readonly Protection[] = [
  ...TOKENS,
  ...LOGIN,
  ...THROTTLING,
  ...PASSWORDS,
  ...SESSIONS,
  ...REGISTRATION,
  ...HTTP,
  ...AVAILABILITY,
  ...FOUND_LATER,
  ...BROWSERS,
  ...CLIENT,
];
