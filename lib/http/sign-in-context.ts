import type { Request } from 'express';
import type { SignInContext } from '../config/options.js';

const USER_AGENT_MAX_LENGTH = 256;

/** Where a request comes from. The address is Express's: the app's `trust proxy` decides what it believes. */
export function signInContext(req: Request): SignInContext {
  return { ip: req.ip ?? null, userAgent: req.get('user-agent')?.slice(0, USER_AGENT_MAX_LENGTH) ?? null };
}
