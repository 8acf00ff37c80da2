import type { RequestHandler } from 'express';
import type { UserModel } from '../models/user-store.js';
import type { Guards } from './guards.js';

interface Registration {
  model: UserModel;
  kid: string;
  guards: Guards;
}

/** The routers of this process; of several with the same users and keys, the newest. */
const registrations: Registration[] = [];

/** Makes a router known to the exported guards. */
export function registerRouter(registration: Registration): void {
  const same = registrations.findIndex(
    ({ model, kid }) => model === registration.model && kid === registration.kid,
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
      `${name}: there are several auth routers with different users or keys; use router.${name} instead`,
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
 */
export const requireUser: RequestHandler = (req, res, next) =>
  resolveGuards('requireUser').requireUser(req, res, next);

/** Like {@link requireUser}, but a request without a good token passes too, without `req.user`. */
export const optionalUser: RequestHandler = (req, res, next) =>
  resolveGuards('optionalUser').optionalUser(req, res, next);
