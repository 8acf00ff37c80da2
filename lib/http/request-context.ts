import type { Request } from 'express';
import type { RequestContext } from '../config/hooks.js';
import { HEADER_MAX_LENGTH } from '../config/limits.js';
import { toIpAddress } from '../security/ip-address.js';

/** Where a request comes from. The address is Express's: the app's `trust proxy` decides what it believes. */
export function requestContext(req: Request): RequestContext {
  const header = (name: string) => req.get(name)?.slice(0, HEADER_MAX_LENGTH) ?? null;
  return {
    ...addressOf(req),
    userAgent: header('user-agent'),
    acceptLanguage: header('accept-language'),
  };
}

/** The part of it that is asked before all else. */
export function addressOf(req: Request): Pick<RequestContext, 'ip'> {
  return { ip: toIpAddress(req.ip) };
}
