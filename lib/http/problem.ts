import type { ErrorRequestHandler, NextFunction, Response } from 'express';
import { AuthError, BodyTooLarge, MalformedBody, UnsupportedMediaType, ValidationFailed } from '../errors.js';

/** An error as RFC 9457 describes it: the body of every refusal, `application/problem+json`. */
export interface Problem {
  type: 'about:blank';
  title: string;
  status: number;
  detail: string;
  code: string;
  errors?: readonly { detail: string; pointer: string }[];
}

export function toProblem(error: AuthError): Problem {
  const { title, status, detail, code } = error;
  const errors = error instanceof ValidationFailed && { errors: error.errors };
  return { type: 'about:blank', title, status, detail, code, ...errors };
}

/** Answers a refusal. What is no refusal goes on to the app's error handler. */
export function answerError(error: unknown, res: Response, next: NextFunction): void {
  const refusal = toAuthError(error);
  // Without an error, `next` would let the request pass.
  if (!refusal || res.headersSent) next(error ?? new Error('rejected with nothing'));
  else sendRefusal(res, refusal, 'application/problem+json', toProblem(refusal));
}

/** Past `res.json`, which would add a charset that neither media type has. */
export function sendRefusal(res: Response, error: AuthError, type: string, body: object): void {
  res.status(error.status).set({ ...error.headers, 'Cache-Control': 'no-store' });
  res.setHeader('Content-Type', type);
  res.end(JSON.stringify(body));
}

/**
 * For apps that parse bodies themselves: an error handler that turns the parser's errors and every `AuthError` into
 * the kit's problem+json, and leaves all others to the next error handler.
 *
 * @example
 * app.use(express.json());
 * app.use('/auth', createAuthRouter());
 * app.use(authErrorHandler);
 */
export const authErrorHandler: ErrorRequestHandler = (error, _req, res, next) =>
  answerError(error, res, next);

/** The errors of express's body parsers, by their `type`, in the kit's words. */
const PARSER_ERRORS: Record<string, (reason: { message?: string }) => AuthError> = {
  'entity.too.large': (reason) => new BodyTooLarge(reason),
  'parameters.too.many': (reason) => new BodyTooLarge(reason),
  'entity.parse.failed': (reason) => new MalformedBody(reason),
  'entity.verify.failed': (reason) => new MalformedBody(reason),
  'encoding.invalid': (reason) => new MalformedBody(reason),
  'querystring.parse.rangeError': (reason) => new MalformedBody(reason),
  'request.size.invalid': (reason) => new MalformedBody(reason),
  'request.aborted': (reason) => new MalformedBody(reason),
  'charset.unsupported': (reason) => new UnsupportedMediaType('UTF-8', reason),
  'encoding.unsupported': (reason) => new UnsupportedMediaType('plain, gzip, deflate or br', reason),
};

export function toAuthError(error: unknown): AuthError | undefined {
  if (error instanceof AuthError) return error;
  const { type = typeOf(error), status } = (error ?? {}) as { type?: unknown; status?: unknown };
  if (typeof type !== 'string' || typeof status !== 'number' || status >= 500) return undefined;
  // Not the parser's own message or cause: it quotes the body, and with it a password.
  return PARSER_ERRORS[type]?.({ message: `the body parser refused the body: ${type}` });
}

/** What zlib refuses comes with a status from the parser, but without a `type`. */
function typeOf(error: unknown): string | undefined {
  const { code } = (error ?? {}) as { code?: unknown };
  return typeof code === 'string' && /^(Z|ERR_)_/.test(code) ? 'encoding.invalid' : undefined;
}
