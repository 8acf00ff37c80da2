import { STATUS_CODES } from 'node:http';
import { expect } from 'chai';
import type { FieldFault } from 'express-auth-kit';
import type { Response } from 'supertest';

const INVALID = 'Bearer error="invalid_token"';

/** The refusals as clients know them: status, `detail`, and the challenge of a 401. */
const REFUSALS = {
  email_taken: [400, 'Email already registered'],
  invalid_credentials: [401, 'Incorrect email or password', 'Bearer'],
  email_not_verified: [403, 'Email not verified'],
  missing_token: [401, 'Not authenticated', 'Bearer'],
  invalid_token: [401, 'Could not validate credentials', INVALID],
  forbidden_origin: [403, 'Requests from this origin are not allowed'],
  invalid_refresh_token: [401, 'Could not validate refresh token', INVALID],
  wrong_password: [400, 'Current password is incorrect'],
  invalid_one_time_token: [400, 'Token invalid or expired'],
  malformed_body: [400, 'The body must be a JSON object.'],
  body_too_large: [413, 'The body is larger than 16 KB.'],
  registration_closed: [403, 'Registration is closed'],
  insufficient_role: [403, 'You are not allowed to do this'],
  too_many_requests: [429, 'Too many attempts, try again later'],
  unavailable: [503, 'Temporarily unavailable, try again'],
} as const;

export type RefusalCode = keyof typeof REFUSALS;

/** That an answer is this refusal: body, status and headers, and nothing else in the body. */
export function expectRefusal(response: Response, code: RefusalCode): void {
  const [status, detail, challenge] = REFUSALS[code] as readonly [number, string, string?];
  expectProblem(response, { status, code, detail }, challenge);
}

/** That an answer asks for a login of the last five minutes (RFC 9470). */
export function expectNotRecent(response: Response): void {
  const refusal = {
    status: 401,
    code: 'insufficient_user_authentication',
    detail: 'A more recent login is required',
  };
  expectProblem(response, refusal, 'Bearer error="insufficient_user_authentication", max_age="300"');
}

/** That an answer is a 422 with these faults. */
export function expectFaults(response: Response, faults: readonly FieldFault[]): void {
  const detail = faults.map((fault) => fault.detail).join(' ');
  expectProblem(response, { status: 422, code: 'validation_failed', detail, errors: faults });
}

interface Members {
  status: number;
  code: string;
  detail: string;
  errors?: readonly FieldFault[];
}

/** That an answer is this problem (RFC 9457), with these headers. */
export function expectProblem(response: Response, members: Members, challenge?: string): void {
  const { status, headers, body, text } = response;
  expect(status, text).to.equal(members.status);
  expect(body).to.deep.equal({ type: 'about:blank', title: STATUS_CODES[status], ...members });
  expect(headers['content-type']).to.equal('application/problem+json');
  expect(headers['cache-control']).to.equal('no-store');
  expect(headers['www-authenticate']).to.equal(challenge);
  const mayBeLater = ['unavailable', 'too_many_requests'].includes(members.code);
  if (mayBeLater) expect(headers['retry-after']).to.match(/^[1-9]\d*$/);
  else expect(headers).to.not.have.property('retry-after');
}

/** That an answer is an error of OAuth 2.0 (RFC 6749 section 5.2). */
export function expectOAuthError(
  response: Response,
  error: string,
  description: string,
  expected: { status: number } = { status: 400 },
): void {
  const { status, headers, body, text } = response;
  expect(status, text).to.equal(expected.status);
  expect(body).to.deep.equal({ error, error_description: description });
  expect(headers['content-type']).to.equal('application/json');
  expect(headers['cache-control']).to.equal('no-store');
  expect(headers).to.not.have.property('www-authenticate');
}
