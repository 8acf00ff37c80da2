import type { Request, RequestHandler, Response, Router } from 'express';
import type { AuthError } from '../errors.js';
import type { SignedIn } from '../models/sign-in-loader.js';
import { type Accepts, readBody } from './body.js';
import type { Guards } from './guards.js';
import { answerError, sendRefusal, toAuthError } from './problem.js';
import { type Rules, validate } from './validation.js';

/** What a route's handler is given: a checked input, and who is signed in where the route is guarded. */
export interface RouteRequest<Input> {
  req: Request;
  /** The fields that the route's rules name. */
  input: Input;
  /** The whole body, for fields that the app names. */
  body: Readonly<Record<string, unknown>>;
  /** @throws MissingToken, InvalidToken */
  signedIn(): Promise<SignedIn>;
}

export interface Answer {
  status: number;
  body?: object;
}

/** One row of the route table. */
export interface Route<Input = unknown> {
  method: 'get' | 'post' | 'patch' | 'delete';
  path: string;
  /** The same route by other names. */
  aliases?: readonly string[];
  /** `user`: only with a good access token, which is checked before the body is read. */
  guard?: 'user';
  /** Absent: the route reads no body. */
  accepts?: Accepts;
  rules?: Rules;
  handle(request: RouteRequest<Input>): Promise<Answer>;
  /** Another form of a refusal than problem+json, for the requests that ask for it. */
  dialect?(error: AuthError, req: Request): { error: AuthError; body: object } | undefined;
}

/** A row with the type of its input; the table holds rows of many types. */
export function defineRoute<Input>(route: Route<Input>): Route {
  return route as Route;
}

/** Mounts a row and its aliases: guard, body, rules, handler, answer. */
export function mountRoute(router: Router, route: Route, guards: Guards): void {
  const handler = createHandler(route, guards);
  for (const path of [route.path, ...(route.aliases ?? [])]) router[route.method](path, handler);
}

function createHandler(route: Route, guards: Guards): RequestHandler {
  const answer = async (req: Request, res: Response): Promise<void> => {
    const signedIn = () => guards.readSignedIn(req);
    if (route.guard === 'user') await signedIn();
    const body = route.accepts ? await readBody(req, res, route.accepts) : {};
    const input = route.rules ? await validate<unknown>(route.rules, body) : {};
    send(res, await route.handle({ req, input, body, signedIn }));
  };
  return (req, res, next) => {
    answer(req, res).catch((error) => {
      const refusal = toAuthError(error);
      const translated = refusal && route.dialect?.(refusal, req);
      if (translated && !res.headersSent)
        sendRefusal(res, translated.error, 'application/json', translated.body);
      else answerError(error, res, next);
    });
  };
}

/** Every answer here carries a token, personal data, or a word about an account. */
function send(res: Response, { status, body }: Answer): void {
  res.set('Cache-Control', 'no-store').status(status);
  if (body === undefined) res.end();
  else res.json(body);
}
