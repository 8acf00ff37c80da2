import type { Request } from 'express';
import type { AuthError } from '../errors.js';
import type { SignedIn } from '../models/sign-in-loader.js';
import type { Accepts } from './body.js';
import type { Rules } from './validation.js';

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
  /** `no-store` by default. */
  cacheControl?: string;
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
