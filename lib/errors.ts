import { STATUS_CODES } from 'node:http';

/** The codes of faulty fields, so that a form can say it in words of its own. */
export const FAULT_CODES = [
  /** Missing, null or empty. */
  'required',
  'invalid_type',
  /** A text with too few characters, or too many. */
  'too_short',
  'too_long',
  /** A number or a date out of bounds. */
  'too_small',
  'too_large',
  /** A text of another form than the one asked for. */
  'invalid_format',
  'invalid_email',
  'invalid_characters',
  /** None of those to choose from. */
  'invalid_choice',
  /** A password that many have, that is the account's own address or name, or the one of before. */
  'too_common',
  'too_personal',
  'unchanged',
  /** An address that the account has already. */
  'same_email',
  /** A password that the app's own rule refuses (option `password.check`), which may give another code. */
  'refused',
  /** A value that must be unique, and somebody else has it. */
  'taken',
  /** What else the app's own rules refuse. */
  'invalid',
] as const;

export type FaultCode = (typeof FAULT_CODES)[number];

/** What is wrong with a value, wherever it came in. */
export interface Fault {
  /** Stable, machine-readable: part of the HTTP contract. An app's own features may have others. */
  code: FaultCode | (string & {});
  /** A sentence a person can read. */
  detail: string;
}

/** What a client may read of a faulty field: RFC 9457 `errors` with a JSON pointer (RFC 6901). */
export interface FieldFault extends Fault {
  /** Where in the body: `#/email`. */
  pointer: string;
}

/** The codes of the kit's own refusals. An app's hooks and features may have others. */
export const AUTH_ERROR_CODES = [
  'validation_failed',
  'malformed_body',
  'unsupported_media_type',
  'body_too_large',
  'email_taken',
  'registration_closed',
  'invalid_credentials',
  'email_not_verified',
  'missing_token',
  'invalid_token',
  'invalid_refresh_token',
  'insufficient_user_authentication',
  'insufficient_role',
  'forbidden_origin',
  'wrong_password',
  'invalid_one_time_token',
  'second_factor_required',
  'invalid_challenge',
  'invalid_code',
  'last_way_in',
  'not_found',
  'too_many_requests',
  'unavailable',
] as const;

export type AuthErrorCode = (typeof AUTH_ERROR_CODES)[number];

/** The parts of an {@link AuthError}. `detail` is for the client, `message` and `cause` are for the log. */
export interface AuthErrorParts {
  status: number;
  /** Stable, machine-readable: part of the HTTP contract. */
  code: AuthErrorCode | (string & {});
  detail: string;
  /** Header fields the answer must carry, e.g. `WWW-Authenticate`. */
  headers?: Record<string, string>;
  /** Further members of the answer (RFC 9457 section 3.2). */
  extensions?: Readonly<Record<string, unknown>>;
  /** For the log; `detail` when absent. Never sent. */
  message?: string;
  cause?: unknown;
}

/**
 * A refusal. Everything the kit refuses is one of these; anything else that is thrown is a fault and goes to the
 * app's error handler.
 *
 * `status`, `code`, `title` and `detail` are what the client is told (RFC 9457); `message` and `cause` are for the log.
 *
 * @example
 * throw new AuthError({ status: 403, code: 'not_yet', detail: 'Your account is being checked' });
 */
export class AuthError extends Error {
  readonly status: number;
  readonly code: string;
  readonly title: string;
  readonly detail: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Not enumerable: the handle of a sign-in is among them, and an app may log the error. */
  declare readonly extensions: Readonly<Record<string, unknown>>;

  constructor(parts: AuthErrorParts) {
    super(parts.message ?? parts.detail, { cause: parts.cause });
    this.name = new.target.name;
    this.status = parts.status;
    this.code = parts.code;
    this.title = STATUS_CODES[parts.status] ?? 'Error';
    this.detail = parts.detail;
    this.headers = parts.headers ?? {};
    Object.defineProperty(this, 'extensions', { value: parts.extensions ?? {}, writable: true });
  }
}

/** What a subclass with fixed status, code and detail still takes. */
interface Reason {
  /** For the log. */
  message?: string;
  cause?: unknown;
}

/** 422 `validation_failed`: fields that are missing, of the wrong type or not acceptable. */
export class ValidationFailed extends AuthError {
  readonly errors: readonly FieldFault[];

  constructor(errors: readonly FieldFault[], reason: Reason = {}) {
    const detail = errors.map((fault) => fault.detail).join(' ') || 'The request is not valid.';
    super({ status: 422, code: 'validation_failed', detail, extensions: { errors }, ...reason });
    this.errors = errors;
  }
}

/** 400 `malformed_body`: not JSON, or not a JSON object. */
export class MalformedBody extends AuthError {
  constructor(reason: Reason = {}) {
    super({ status: 400, code: 'malformed_body', detail: 'The body must be a JSON object.', ...reason });
  }
}

/** 415 `unsupported_media_type`. `accepted` names the media types this route reads. */
export class UnsupportedMediaType extends AuthError {
  constructor(accepted: string, reason: Reason = {}) {
    super({
      status: 415,
      code: 'unsupported_media_type',
      detail: `Send the body as ${accepted}.`,
      ...reason,
    });
  }
}

/** 413 `body_too_large`: more than 16 KB. */
export class BodyTooLarge extends AuthError {
  constructor(reason: Reason = {}) {
    super({ status: 413, code: 'body_too_large', detail: 'The body is larger than 16 KB.', ...reason });
  }
}

/** 400 `email_taken`: the address belongs to a user already. */
export class EmailTaken extends AuthError {
  constructor(reason: Reason = {}) {
    super({ status: 400, code: 'email_taken', detail: 'Email already registered', ...reason });
  }
}

/** 403 `registration_closed`: the app does not take registrations. */
export class RegistrationClosed extends AuthError {
  constructor() {
    super({ status: 403, code: 'registration_closed', detail: 'Registration is closed' });
  }
}

/** 401 `invalid_credentials`: unknown, wrong password, disabled: all the same to the client. */
export class InvalidCredentials extends AuthError {
  constructor(reason: Reason = {}) {
    const headers = { 'WWW-Authenticate': 'Bearer' };
    super({
      status: 401,
      code: 'invalid_credentials',
      detail: 'Incorrect email or password',
      headers,
      ...reason,
    });
  }
}

/** 403 `email_not_verified`: who it is was shown, but not yet that the address is the user's own. */
export class EmailNotVerified extends AuthError {
  constructor(reason: Reason = {}) {
    super({ status: 403, code: 'email_not_verified', detail: 'Email not verified', ...reason });
  }
}

/** 401 `missing_token`: a guarded route without credentials. RFC 6750 section 3: a challenge without `error`. */
export class MissingToken extends AuthError {
  constructor() {
    const headers = { 'WWW-Authenticate': 'Bearer' };
    super({ status: 401, code: 'missing_token', detail: 'Not authenticated', headers });
  }
}

/** 401 `invalid_token`: a token was given and refused. RFC 6750 section 3.1. */
export class InvalidToken extends AuthError {
  constructor(reason: Reason = {}) {
    const headers = { 'WWW-Authenticate': 'Bearer error="invalid_token"' };
    super({
      status: 401,
      code: 'invalid_token',
      detail: 'Could not validate credentials',
      headers,
      ...reason,
    });
  }
}

/** 401 `invalid_refresh_token`: expired, ended, replayed, or not a refresh token. */
export class InvalidRefreshToken extends AuthError {
  constructor(reason: Reason = {}) {
    const headers = { 'WWW-Authenticate': 'Bearer error="invalid_token"' };
    const detail = 'Could not validate refresh token';
    super({ status: 401, code: 'invalid_refresh_token', detail, headers, ...reason });
  }
}

/** 401 `insufficient_user_authentication`: the login is older than this route allows. RFC 9470 section 3. */
export class InsufficientUserAuthentication extends AuthError {
  /** @param maxAgeSeconds how old the login may be, in seconds. */
  constructor(maxAgeSeconds: number) {
    const headers = {
      'WWW-Authenticate': `Bearer error="insufficient_user_authentication", max_age="${maxAgeSeconds}"`,
    };
    const detail = 'A more recent login is required';
    super({ status: 401, code: 'insufficient_user_authentication', detail, headers });
  }
}

/** 403 `insufficient_role`: signed in, but with none of the roles asked for. */
export class InsufficientRole extends AuthError {
  constructor(reason: Reason = {}) {
    super({ status: 403, code: 'insufficient_role', detail: 'You are not allowed to do this', ...reason });
  }
}

/** 403 `forbidden_origin`: what a cookie would allow is asked for by a page of another origin, or of none that is named. */
export class ForbiddenOrigin extends AuthError {
  constructor(reason: Reason = {}) {
    const detail = 'Requests from this origin are not allowed';
    super({ status: 403, code: 'forbidden_origin', detail, ...reason });
  }
}

/** 400 `wrong_password`: the current password, asked for again, was wrong. */
export class WrongPassword extends AuthError {
  /** @param options.methods what a user without a password can show in its place */
  constructor({ methods, ...reason }: Reason & { methods?: readonly string[] } = {}) {
    const extensions = methods && { methods };
    const detail = 'Current password is incorrect';
    super({ status: 400, code: 'wrong_password', detail, ...(extensions && { extensions }), ...reason });
  }
}

/** 400 `invalid_one_time_token`: used, replaced by a newer one, expired, or never issued. */
export class InvalidOneTimeToken extends AuthError {
  constructor(reason: Reason = {}) {
    super({ status: 400, code: 'invalid_one_time_token', detail: 'Token invalid or expired', ...reason });
  }
}

/**
 * 403 `second_factor_required`: what was shown is right and not enough. There is no session and no token; `challenge`
 * goes to `POST /challenge`, with one of `methods` and its code.
 */
export class SecondFactorRequired extends AuthError {
  /** @param pending the handle, what may be shown, for how long (in seconds), and what methods tell the client */
  constructor({
    challenge,
    methods,
    expiresIn,
    begun = {},
  }: {
    challenge: string;
    methods: readonly string[];
    expiresIn: number;
    begun?: Readonly<Record<string, object>>;
  }) {
    const extensions = { ...begun, challenge, methods, expires_in: expiresIn };
    const detail = 'A second step is required to sign in';
    super({ status: 403, code: 'second_factor_required', detail, extensions });
  }
}

/** 401 `invalid_challenge`: unknown, over, or spent; the sign-in begins anew. */
export class InvalidChallenge extends AuthError {
  constructor(reason: Reason = {}) {
    const detail = 'This sign-in is over, begin again';
    const headers = { 'WWW-Authenticate': 'Bearer' };
    super({ status: 401, code: 'invalid_challenge', detail, headers, ...reason });
  }
}

/** 401 `invalid_code`: wrong, used, or by a method that is not asked for. */
export class InvalidCode extends AuthError {
  constructor(reason: Reason = {}) {
    const headers = { 'WWW-Authenticate': 'Bearer' };
    super({ status: 401, code: 'invalid_code', detail: 'The code is not valid', headers, ...reason });
  }
}

/** 409 `last_way_in`: without it the user could not sign in any more. */
export class LastWayIn extends AuthError {
  constructor() {
    super({ status: 409, code: 'last_way_in', detail: 'This is the last way to sign in' });
  }
}

/** 404 `not_found`. */
export class NotFound extends AuthError {
  constructor(reason: Reason = {}) {
    super({ status: 404, code: 'not_found', detail: 'Not found', ...reason });
  }
}

/** 429 `too_many_requests`: tried too often; RFC 6585 section 4. */
export class TooManyRequests extends AuthError {
  /** @param retryAfterSeconds when to try again, in whole seconds. */
  constructor({ retryAfterSeconds, ...reason }: Reason & { retryAfterSeconds: number }) {
    const headers = { 'Retry-After': String(retryAfterSeconds) };
    const detail = 'Too many attempts, try again later';
    super({ status: 429, code: 'too_many_requests', detail, headers, ...reason });
  }
}

/** 503 `unavailable`: the database is away or the server is too busy; the same request may succeed later. */
export class Unavailable extends AuthError {
  /** @param retryAfterSeconds when to try again, in whole seconds. */
  constructor(reason: Reason & { retryAfterSeconds?: number } = {}) {
    const { retryAfterSeconds = 2, ...rest } = reason;
    const headers = { 'Retry-After': String(retryAfterSeconds) };
    super({
      status: 503,
      code: 'unavailable',
      detail: 'Temporarily unavailable, try again',
      headers,
      ...rest,
    });
  }
}
