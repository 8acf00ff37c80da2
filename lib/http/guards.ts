import type { NextFunction, Request, RequestHandler, Response } from 'express';
import { checkNumber } from '../config/checks.js';
import { InsufficientRole, InsufficientUserAuthentication, InvalidToken, MissingToken } from '../errors.js';
import type { SignedIn } from '../models/sign-in-loader.js';
import type { AccessClaims } from '../security/tokens.js';
import type { Identify } from './identify.js';
import { answerError } from './problem.js';
import type { TokenReader } from './token-reader.js';

/** A request behind {@link Guards.handler}: the user is there, and is the app's. */
export type SignedInRequest<User> = Request & { user: User; auth: AccessClaims };

/** What `handler` takes: an Express handler whose request is a signed-in one. */
export type SignedInHandler<User> = (
  req: SignedInRequest<User>,
  res: Response,
  next: NextFunction,
) => unknown;

export interface Guards {
  requireUser: RequestHandler;
  optionalUser: RequestHandler;
  requireClaims: RequestHandler;
  requireRole(...anyOf: string[]): RequestHandler;
  requireRecentLogin(options: { seconds: number }): RequestHandler;
  /** `requireUser` and a handler in one. */
  handler(handle: SignedInHandler<never>): RequestHandler;
  /** Who a request's access token stands for; sets `req.user` and `req.auth`. */
  readSignedIn(req: Request): Promise<SignedIn>;
}

interface GuardParts {
  tokenReader: TokenReader;
  identify: Identify;
  now(): Date;
}

/** RFC 9470 section 3: `max_age` is a whole number of seconds. */
const RECENT_LOGIN = {
  min: 0,
  max: Number.MAX_SAFE_INTEGER,
  integer: true,
  allowed: 'a whole number of seconds',
};

export function createGuards({ tokenReader, identify, now }: GuardParts): Guards {
  // Who was found out once in a request is known to all its guards.
  const known = new WeakMap<Request, SignedIn>();

  const readSignedIn = async (req: Request): Promise<SignedIn> => {
    const earlier = known.get(req);
    if (earlier) return earlier;
    const { claims, ...signedIn } = await identify(req);
    known.set(req, signedIn);
    req.user = signedIn.user;
    req.auth = claims;
    return signedIn;
  };

  const requireUser = guard(readSignedIn);

  return {
    readSignedIn,
    requireUser,
    optionalUser: guard((req) => readSignedIn(req).catch(refuseOnlyOutage)),
    requireClaims: guard(async (req) => {
      req.auth = await tokenReader.readAccess(req);
    }),
    requireRole: (...anyOf) =>
      guard(async (req) => {
        const { user } = await readSignedIn(req);
        // Null where something else than the kit stored the user.
        if (!anyOf.some((role) => user.roles?.includes(role))) {
          throw new InsufficientRole({ message: `needs one of the roles ${anyOf.join(', ')}` });
        }
      }),
    requireRecentLogin: ({ seconds }) => {
      // Compared with `undefined`, every login would be recent.
      checkNumber('requireRecentLogin seconds', seconds, RECENT_LOGIN);
      return guard(async (req) => {
        const { session } = await readSignedIn(req);
        const age = now().getTime() - session.createdAt.getTime();
        if (age > seconds * 1000) throw new InsufficientUserAuthentication(seconds);
      });
    },
    handler: (handle) => (req, res, next) =>
      requireUser(req, res, async (error?: unknown) => {
        if (error) return next(error);
        try {
          // As Express does: what the handler throws or rejects with is the app's error handler's.
          await handle(req as SignedInRequest<never>, res, next);
        } catch (thrown) {
          next(thrown ?? new Error('the handler rejected with nothing'));
        }
      }),
  };
}

/** A step as a middleware: it answers its own refusals, so that a guard works without any error handler. */
export function guard(step: (req: Request, res: Response) => Promise<unknown>): RequestHandler {
  return (req: Request, res: Response, next: NextFunction) => {
    step(req, res)
      .then(
        () => next(),
        (error) => answerError(error, res, next),
      )
      .catch(next);
  };
}

/** Without a good token a request is anonymous; without a database nobody knows. */
function refuseOnlyOutage(error: unknown): void {
  if (error instanceof MissingToken || error instanceof InvalidToken) return;
  throw error;
}
