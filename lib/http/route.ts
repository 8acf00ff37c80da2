import type { Request } from 'express';
import type { AuthError } from '../errors.js';
import type { SignedIn } from '../models/sign-in-loader.js';
import type { Accepts } from './body.js';
import type { Rules } from './validation.js';

/** What a route's handler is given: a checked input. */
export interface RouteRequest<Input> {
  req: Request;
  /** The fields that the route's rules name. */
  input: Input;
  /** The whole body, for fields that the app names. */
  body: Readonly<Record<string, unknown>>;
  /** Aborted when the client has gone: work that waits for its turn need not be begun. */
  signal: AbortSignal;
}

/** The same behind the guard: who is signed in, and by which session. */
export interface UserRouteRequest<Input> extends RouteRequest<Input>, SignedIn {}

interface Row<Handle> {
  method: 'get' | 'post' | 'patch' | 'delete';
  path: string;
  /** The same route by other names. */
  aliases?: readonly string[];
  /** Absent: the route reads no body. */
  accepts?: Accepts;
  rules?: Rules;
  /** The status of the answer when it is done. */
  success: 200 | 201 | 202 | 204;
  /** Of that answer; `no-store` by default. */
  cacheControl?: string;
  /** Gives the body of the answer, if it has one. Refuses by throwing an {@link AuthError}. */
  handle: Handle;
  /** Another form of a refusal than problem+json, for the requests that ask for it. */
  dialect?(error: AuthError, req: Request): { error: AuthError; body: object } | undefined;
}

type Handler<Given> = (request: Given) => Promise<object | undefined>;

/** One row of the route table. */
export interface Route extends Row<Handler<UserRouteRequest<unknown>>> {
  /** `user`: only with a good access token, which is checked before the body is read. */
  guard?: 'user';
}

/** A row for everybody. */
export function defineRoute<Input>(row: Row<Handler<RouteRequest<Input>>>): Route {
  // The table holds rows of many inputs.
  return row as Route;
}

/** A row for those who are signed in. */
export function defineUserRoute<Input>(row: Row<Handler<UserRouteRequest<Input>>>): Route {
  return { ...(row as Route), guard: 'user' };
}
