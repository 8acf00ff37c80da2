import type { NextFunction, Request, RequestHandler, Response } from 'express';
import { requireRecentLogin } from '../accounts/recent-login.js';
import { checkFunction, checkNumber, checkPath } from '../config/checks.js';
import { EmailNotVerified, InsufficientRole } from '../errors.js';
import type { AccessClaims } from '../security/tokens.js';
import { type AccessReader, isNobody } from './access-reader.js';
import type { AnswerError } from './answer-error.js';
import type { Identify } from './identify.js';
import { isSafe } from './web-request.js';

/** A middleware that stands before a handler and leaves the types of the route alone: its parameters, its query. */
export type Guard = <P, ResBody, ReqBody, ReqQuery, Locals extends Request['app']['locals']>(
  req: Request<P, ResBody, ReqBody, ReqQuery, Locals>,
  res: Response<ResBody, Locals>,
  next: NextFunction,
) => void;

/**
 * A request behind {@link Guards.handler}: the user is there, and is the app's, whatever `Express.User` says. `P` are the
 * parameters of the route, `Claims` the app's own; name the parameters for one with wildcards: `auth.handler<{ path: string[] }>(...)`.
 */
export type SignedInRequest<User, P = RouteParams, Claims extends object = object> = Omit<
  Request<P>,
  'user' | 'auth'
> & {
  user: User;
  auth: AccessClaims & Claims;
};

/** What `handler` takes: an Express handler whose request is a signed-in one. */
export type SignedInHandler<User, P = RouteParams, Claims extends object = object> = (
  req: SignedInRequest<User, P, Claims>,
  res: Response,
  next: NextFunction,
) => unknown;

/** The parameters of a route that is not known here: texts, as all are but wildcards. */
export type RouteParams = Record<string, string>;

export interface Guards {
  requireUser: Guard;
  requireUserOr(path: string): Guard;
  optionalUser: Guard;
  requireClaims: Guard;
  requireRole(...anyOf: string[]): Guard;
  requireRecentLogin(options: { seconds: number }): Guard;
  requireVerified: Guard;
  /** `requireUser` and a handler in one. */
  handler<P = RouteParams>(handle: SignedInHandler<never, P>): RequestHandler<P>;
}

interface GuardParts {
  access: Pick<AccessReader, 'read'>;
  identify: Identify;
  answerError: AnswerError;
  now(): Date;
}

/** RFC 9470 section 3: `max_age` is a whole number of seconds. */
const RECENT_LOGIN = {
  min: 0,
  max: Number.MAX_SAFE_INTEGER,
  integer: true,
  allowed: 'a whole number of seconds, e.g. { seconds: 300 }',
};

export function createGuards({ access, identify, answerError, now }: GuardParts): Guards {
  /** A step as a middleware: it answers its own refusals, so that a guard works without any error handler. */
  const guard =
    (step: (req: Request) => Promise<unknown>, refuse: AnswerError = answerError): Guard =>
    (req, res, next) => {
      const request = req as unknown as Request;
      step(request)
        .then(
          () => next(),
          (error) => refuse(error, request, res, next),
        )
        .catch(next);
    };
  const requireUser = guard(identify);

  return {
    requireUser,
    requireUserOr(path) {
      checkPath('requireUserOr', path);
      return guard(identify, (error, req, res, next) => {
        if (isNobody(error) && showsPages(req)) sendToLogin(path, req, res);
        else answerError(error, req, res, next);
      });
    },
    optionalUser: guard((req) =>
      identify(req).catch((error) => {
        refuseOutage(error);
        // Whoever stands there was let in by something else, a guard of other users say, and not by this one.
        delete req.user;
        delete req.auth;
      }),
    ),
    requireClaims: guard(async (req) => {
      req.auth = await access.read(req);
    }),
    requireRole: (...anyOf) =>
      guard(async (req) => {
        const { user } = await identify(req);
        // Null where something else than the kit stored the user.
        if (!anyOf.some((role) => user.roles?.includes(role))) {
          throw new InsufficientRole({ message: `needs one of the roles ${anyOf.join(', ')}` });
        }
      }),
    requireRecentLogin: ({ seconds }) => {
      // Compared with `undefined`, every login would be recent.
      checkNumber('requireRecentLogin seconds', seconds, RECENT_LOGIN);
      return guard(async (req) => {
        const { session } = await identify(req);
        requireRecentLogin(session, { now: now(), seconds });
      });
    },
    requireVerified: guard(async (req) => {
      const { user } = await identify(req);
      if (!user.emailVerifiedAt) throw new EmailNotVerified();
    }),
    handler: (handle) => {
      checkFunction('handler', handle);
      return (req, res, next) =>
        requireUser(req, res, async (error?: unknown) => {
          if (error) return next(error);
          try {
            // As Express does: what the handler throws or rejects with is the app's error handler's.
            await handle(req as never, res, next);
          } catch (thrown) {
            next(thrown ?? new Error('the handler rejected with nothing'));
          }
        });
    },
  };
}

/** Without a good token a request is anonymous; without a database nobody knows. */
function refuseOutage(error: unknown): void {
  if (!isNobody(error)) throw error;
}

/** Whether a request is for a page rather than for data: who takes anything gets what all others get. */
function showsPages(req: Request): boolean {
  return req.accepts(['json', 'html']) === 'html';
}

/** Where a form was posted to, there is no page to come back to. */
function sendToLogin(path: string, req: Request, res: Response): void {
  const back = isSafe(req)
    ? `${path.includes('?') ? '&' : '?'}return_to=${encodeURIComponent(req.originalUrl)}`
    : '';
  res.set('Cache-Control', 'no-store').vary('Accept').redirect(303, `${path}${back}`);
}
