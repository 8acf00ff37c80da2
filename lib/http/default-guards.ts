import { isDeepStrictEqual } from 'node:util';
import type { UserModel } from '../models/user.js';
import type { Guard, Guards } from './guards.js';

interface Registration {
  model: UserModel;
  /** Whose tokens its guards take: those that another key has signed, or that are for another audience, they refuse. */
  tokens: { kid: string; issuer: string | undefined; audience: string | undefined };
  guards: Guards;
}

/** The routers of this process; of several with the same users and tokens, the newest. */
const registrations: Registration[] = [];

/** Makes a router known to the exported guards. */
export function registerRouter(registration: Registration): void {
  const same = registrations.findIndex(
    ({ model, tokens }) => model === registration.model && isDeepStrictEqual(tokens, registration.tokens),
  );
  if (same >= 0) registrations.splice(same, 1);
  registrations.push(registration);
}

/** Which router is meant is decided at request time, so that the import may come before the router is made. */
function resolveGuards(name: 'requireUser' | 'optionalUser'): Guards {
  const [only, another] = registrations;
  if (!only) throw new Error(`${name}: no auth router yet; call createAuthRouter() before the first request`);
  if (another) {
    throw new Error(
      `${name}: there are several auth routers with different users, keys or audiences; use router.${name} instead`,
    );
  }
  return only.guards;
}

/**
 * Lets only signed-in users pass: for apps with one auth router. `req.user` is the user's document, `req.auth` the
 * claims.
 *
 * Answers 401 `missing_token` or `invalid_token`, 503 `unavailable`. With no router, or with several that differ, the
 * error says so.
 *
 * @example
 * app.get('/orders', requireUser, (req, res) => res.json({ for: req.user!.email }));
 */
export const requireUser: Guard = (req, res, next) =>
  resolveGuards('requireUser').requireUser(req, res, next);

/**
 * Like {@link requireUser}, but a request without a good token passes too, without `req.user` and `req.auth`.
 *
 * @example
 * app.get('/feed', optionalUser, (req, res) => res.json({ for: req.user?.email ?? 'everyone' }));
 */
export const optionalUser: Guard = (req, res, next) =>
  resolveGuards('optionalUser').optionalUser(req, res, next);
