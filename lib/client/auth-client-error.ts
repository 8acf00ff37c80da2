import type { FieldFault } from '../errors.js';

/** The parts of an {@link AuthClientError}. */
export interface AuthClientErrorParts {
  status: number;
  code: string;
  detail: string;
  errors?: readonly FieldFault[];
  retryAfter?: number;
  problem?: Readonly<Record<string, unknown>>;
  cause?: unknown;
}

/**
 * What every method of the client throws: a refusal of the server's, or that no answer came.
 *
 * @example
 * try {
 *   await auth.login({ username, password });
 * } catch (error) {
 *   if (error instanceof AuthClientError && error.code === 'invalid_credentials') show('Wrong email or password');
 * }
 */
export class AuthClientError extends Error {
  /** Of the answer; 0 where there was none. */
  readonly status: number;
  /** The problem's, see the HTTP interface; `network_error` without an answer, `unexpected_answer` for one that is not the kit's. */
  readonly code: string;
  /** A sentence a person can read. */
  readonly detail: string;
  /** The faulty fields of a `validation_failed`. */
  readonly errors: readonly FieldFault[];
  /** In seconds. Pages on another origin see it where the app's CORS exposes `Retry-After`. */
  readonly retryAfter: number | undefined;
  /** The whole answer, for what a refusal has beside. */
  readonly problem: Readonly<Record<string, unknown>>;

  constructor({ status, code, detail, errors = [], retryAfter, problem = {}, cause }: AuthClientErrorParts) {
    super(detail, { cause });
    this.name = 'AuthClientError';
    this.status = status;
    this.code = code;
    this.detail = detail;
    this.errors = errors;
    this.retryAfter = retryAfter;
    this.problem = problem;
  }
}

/** Whether a refresh was refused. That alone ends a session: no network, no proxy and no server that is away does. */
export function isRefused(error: unknown): boolean {
  const { status, code } = error as { status?: number; code?: string };
  return status === 401 && code === 'invalid_refresh_token';
}
