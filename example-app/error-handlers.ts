import type { ErrorRequestHandler, RequestHandler } from 'express';
import { AuthError, authErrorHandler, NotFound } from 'express-auth-kit';

/** After all routes. */
export const refuseUnknownPath: RequestHandler = (_req, _res, next) => next(new NotFound());

/** What went wrong is for the log; the client is told no more than whose fault it was. */
export const hideError: ErrorRequestHandler = (error, req, res, next) => {
  if (res.headersSent) return next(error);
  const isClients = error?.status >= 400 && error?.status < 500;
  if (!isClients) logError('a request failed', { error });
  const refusal = isClients
    ? new AuthError({ status: error.status, code: 'bad_request', detail: 'The request is not understood' })
    : new AuthError({ status: 500, code: 'internal_error', detail: 'Something went wrong' });
  return authErrorHandler(refusal, req, res, next);
};

/** The stack alone: the other members of an error may hold a request's body, and a password with it. */
export function logError(message: string, { error }: { error?: unknown } = {}): void {
  console.error(message, error instanceof Error ? error.stack : '');
}
