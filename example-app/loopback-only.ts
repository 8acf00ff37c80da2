import type { RequestHandler } from 'express';

/** The names by which a machine calls itself (RFC 6761 section 6.3), with any port. */
const LOOPBACK = /^(localhost|([a-z\d-]+\.)+localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/i;

/**
 * Lets only requests pass that were sent to this machine by such a name; for others there is nothing here. A page of a
 * stranger's can let its own name point to this machine (DNS rebinding), and its script would read what the answers say.
 */
export const loopbackOnly: RequestHandler = (req, _res, next) => {
  // Not `req.hostname`: behind `trust proxy` that is what a header of the client's says.
  if (LOOPBACK.test(req.headers.host ?? '')) next();
  else next('router');
};
