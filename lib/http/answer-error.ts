import type { NextFunction, Request, Response } from 'express';
import type { AuthMessages } from '../config/messages.js';
import type { AuthError } from '../errors.js';
import { schemaRefusal } from '../models/validation-faults.js';
import { toAuthError, toProblem } from './problem.js';
import { createTranslate } from './translate.js';

/**
 * Gives a refusal an app's own form. Status and headers (`WWW-Authenticate`, `Retry-After`, `Cache-Control: no-store`) are
 * set when it is asked. It returns the body, which is sent as JSON, or answers by itself, or hands an error on by `next`;
 * what it throws goes to `next` too.
 *
 * @example
 * createAuthRouter({ onError: ({ code, detail }) => ({ error: { code, message: detail } }) });
 */
export type OnError = (error: AuthError, req: Request, res: Response, next: NextFunction) => unknown;

/** In which form refusals are answered, and which errors are some. */
export interface AnswerErrorOptions {
  /** Problem+json (RFC 9457) by default. */
  onError?: OnError | undefined;
  /** The kit's own words by default. */
  messages?: AuthMessages | undefined;
  /** `true`: mongoose's `ValidationError` is one, a 422 `validation_failed`. */
  validationErrors?: boolean | undefined;
}

/** Answers a refusal. What is no refusal goes on to the app's error handler. */
export type AnswerError = (error: unknown, req: Request, res: Response, next: NextFunction) => void;

export function createAnswerError(options: AnswerErrorOptions): AnswerError {
  const { onError, validationErrors = false } = options;
  const translate = createTranslate(options.messages);

  const answer = async (refusal: AuthError, req: Request, res: Response, next: NextFunction) => {
    const told = translate(refusal, req, res);
    if (!onError) return sendRefusal(res, told, 'application/problem+json', toProblem(told));
    begin(res, told);
    const body = await onError(told, req, res, (error) => handOn(error, told, next));
    // `(error, req, res) => res.json(...)` has answered, and gives the response back.
    if (body !== undefined && !res.headersSent) end(res, 'application/json', body);
  };

  return (error, req, res, next) => {
    const refusal = toAuthError(error) ?? (validationErrors ? schemaRefusal(error) : undefined);
    if (!refusal || res.headersSent) handOn(error, new Error('rejected with nothing'), next);
    // An AuthError of the app's own may have a status or headers that no answer can have.
    else answer(refusal, req, res, next).catch((thrown) => handOn(thrown, refusal, next));
  };
}

/** Sends a refusal in a form of the kit's. Past `res.json`, which would add a charset that its media types do not have. */
export function sendRefusal(res: Response, error: AuthError, type: string, body: object): void {
  begin(res, error);
  end(res, type, body);
}

function begin(res: Response, { status, headers }: AuthError): void {
  res.status(status).set({ ...headers, 'Cache-Control': 'no-store' });
}

function end(res: Response, type: string, body: unknown): void {
  res.setHeader('Content-Type', type);
  res.end(JSON.stringify(body));
}

/** What Express takes for no error, or for a word of its own, would let the request pass the guard. */
function handOn(error: unknown, instead: unknown, next: NextFunction): void {
  const isPassing = !error || error === 'route' || error === 'router';
  next(isPassing ? instead : error);
}
