import type { Request } from 'express';
import type { RequestContext } from '../config/hooks.js';
import type { AttemptKind } from '../core/limits.js';
import type { Bearer } from '../core/token-reader.js';
import type { AuthError, AuthErrorCode } from '../errors.js';
import type { TokenPair } from '../sign-in.js';
import type { Accepts } from './body.js';
import type { Identity } from './identify.js';
import type { JsonSchema, RuleChoice, Rules } from './validation.js';

/** What a route's handler is given: a checked input. */
export interface RouteRequest<Input> {
  req: Request;
  /** The fields that the route's rules name. */
  input: Input;
  /** The app's own fields that the row lets in, as they came: for the app's schema. */
  fields: Readonly<Record<string, unknown>>;
  /** The whole body. */
  body: Readonly<Record<string, unknown>>;
  /** Where the request comes from. */
  context: RequestContext;
  /** What bears its access token, if it has one: it is not looked at yet. */
  bearer: Bearer;
  /** Aborted when the client has gone: work that waits for its turn need not be begun. */
  signal: AbortSignal;
}

/** The same behind the guard: who is signed in, and by which session. */
export interface UserRouteRequest<Input> extends RouteRequest<Input>, Identity {}

/** What a handler answers with. How it gets to the client is not the handler's business. */
export interface Answer {
  body?: object;
  /** A pair of tokens, carried as the client has them carried. */
  tokens?: TokenPair;
  /** That whoever asked is signed in no more. */
  signedOut?: boolean;
  /** Where the browser is sent: by the row's `success` if that is 302 or 303, else by 303. */
  redirect?: string;
  headers?: Readonly<Record<string, string>>;
}

interface Row<Given extends RouteRequest<unknown>> {
  method: 'get' | 'post' | 'patch' | 'delete';
  path: string;
  /** The same route by other names. */
  aliases?: readonly string[];
  /**
   * That it costs a password hash, or which bodies do: where the hash could not be computed in time, the request is refused
   * before anything is done for it.
   */
  hashes?: true | ((body: Readonly<Record<string, unknown>>) => boolean);
  /**
   * What the operation behind it bounds, or which bodies do: an address that is known to try too much is refused before
   * anything is done for it. The bound itself is the operation's.
   */
  attempts?: AttemptKind | ((body: Readonly<Record<string, unknown>>) => AttemptKind | undefined);
  /** Absent: the row reads no body. Two rows of one path may read one media type each. */
  accepts?: Accepts;
  rules?: Rules | RuleChoice;
  /** The field that has the refresh token. A browser has it in a cookie, and leaves the field out. */
  tokenField?: 'refresh_token';
  /** The field that has the challenge of a sign-in. A form finds it in a cookie, between one page and the next. */
  challengeField?: 'challenge';
  /** `false`: its answer is the point, and no HTML form gets it. `only`: it is there for HTML forms alone. */
  forms?: false | 'only';
  /** Where an HTML form, which knows POST alone, finds what has another method. */
  formPath?: string;
  /** Those of the app's own fields that it lets in. */
  ownFields?: readonly string[];
  /** The status of the answer when it is done. */
  success: 200 | 201 | 202 | 204 | 302 | 303;
  /** The body of that answer, beside a pair of tokens. */
  answer?: JsonSchema;
  /** That the answer carries a pair of tokens. */
  tokens?: true;
  /** The codes it refuses by, beside those that come with its body, its rules and its guard. */
  refusals?: readonly (AuthErrorCode | (string & {}))[];
  /** Of the answer; `no-store` by default. */
  cacheControl?: string;
  /** Refuses by throwing an {@link AuthError}. */
  handle(request: Given): Promise<Answer>;
  /**
   * Asked where fields are at fault already: refuses of the others what `handle` would, so that all is told at once. It
   * looks nothing up and changes nothing.
   *
   * @throws ValidationFailed (`validation_failed`, 422)
   */
  checkRest?(request: PartlyGood<Given>): Promise<unknown>;
  /** Another form of a refusal than problem+json. */
  dialect?(error: AuthError): { error: AuthError; body: object };
}

/** A request of which only the fields that are good have come through. */
type PartlyGood<Given extends RouteRequest<unknown>> = Omit<Given, 'input'> & {
  input: Partial<Given['input']>;
};

/** One row of the route table. */
export interface Route extends Row<UserRouteRequest<unknown>> {
  /** `user`: only with a good access token, which is checked before the body is read. */
  guard?: 'user';
}

/**
 * A row for everybody.
 *
 * @example
 * defineRoute<{ email: string }>({
 *   method: 'post', path: '/newsletter', accepts: 'json', rules: { email: emailAddress('The email') },
 *   success: 202, answer: { type: 'object' },
 *   handle: async ({ input }) => ({ body: { subscribed: input.email } }),
 * });
 */
export function defineRoute<Input>(row: Row<RouteRequest<Input>>): Route {
  // The table holds rows of many inputs.
  return row as Route;
}

/** A row for those who are signed in: as {@link defineRoute}, the handler is given `user` and `session` too. */
export function defineUserRoute<Input>(row: Row<UserRouteRequest<Input>>): Route {
  return { ...(row as Route), guard: 'user' };
}

/** Every code that a row can refuse by. */
export function refusalsOf({ accepts, attempts, rules, guard, refusals = [] }: Route): string[] {
  return [
    ...(guard === 'user' ? ['missing_token', 'invalid_token'] : []),
    ...(accepts ? ['malformed_body', 'unsupported_media_type', 'body_too_large'] : []),
    ...(rules ? ['validation_failed'] : []),
    ...refusals,
    ...(attempts ? ['too_many_requests'] : []),
    'unavailable',
  ];
}
