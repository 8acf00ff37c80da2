import type { ErrorRequestHandler, NextFunction, Request, Response } from 'express';
import { checkFunction, checkKnown, refuse } from '../config/checks.js';
import { checkMessages } from '../config/messages.js';
import { type AnswerErrorOptions, createAnswerError } from './answer-error.js';

const OPTIONS = Object.keys({
  onError: true,
  messages: true,
  validationErrors: true,
} satisfies Record<keyof AnswerErrorOptions, true>);

const answerAsProblem = createAnswerError({});

/**
 * For apps that parse bodies themselves: an error handler that turns the parser's errors and every `AuthError` into
 * the kit's problem+json, and leaves all others to the next error handler. Called with options, it makes one that does
 * more.
 *
 * @param options.validationErrors `true`: mongoose's `ValidationError`, of whichever copy of mongoose, is answered as 422
 * `validation_failed` with one fault a field
 * @param options.onError, options.messages as those of `createAuthRouter`
 * @throws TypeError for an option that is unknown or malformed
 *
 * @example
 * app.use(express.json());
 * app.use('/auth', createAuthRouter());
 * app.use(authErrorHandler);
 * // or, for routes of your own that save documents:
 * app.use(authErrorHandler({ validationErrors: true }));
 */
export function authErrorHandler(options?: AnswerErrorOptions): ErrorRequestHandler;
export function authErrorHandler(error: unknown, req: Request, res: Response, next: NextFunction): void;
// Four parameters: by their number Express knows an error handler.
export function authErrorHandler(
  given: unknown,
  req?: Request,
  res?: Response,
  next?: NextFunction,
): ErrorRequestHandler | undefined {
  if (req && res && next) {
    answerAsProblem(given, req, res, next);
    return undefined;
  }
  return createAnswerError(checkOptions(given ?? {}));
}

function checkOptions(given: unknown): AnswerErrorOptions {
  checkKnown(given, OPTIONS, 'authErrorHandler');
  const { onError, messages, validationErrors } = given as AnswerErrorOptions;
  if (onError !== undefined) checkFunction('authErrorHandler.onError', onError);
  if (validationErrors !== undefined && typeof validationErrors !== 'boolean') {
    refuse('authErrorHandler.validationErrors', validationErrors, 'true or false');
  }
  return { onError, messages: checkMessages('authErrorHandler.messages', messages), validationErrors };
}
