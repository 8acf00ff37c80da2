import { readdir, readFile } from 'node:fs/promises';
import { inspect } from 'node:util';
import { expect } from 'chai';
import * as kit from 'express-auth-kit';
import { AuthError } from 'express-auth-kit';

const INVALID = { 'WWW-Authenticate': 'Bearer error="invalid_token"' };
const BEARER = { 'WWW-Authenticate': 'Bearer' };
const FAULTS = [
  { code: 'required', detail: 'The email is required.', pointer: '#/email' },
  { code: 'invalid_type', detail: 'The name must be a string.', pointer: '#/name' },
];

type Row = [error: AuthError, status: number, code: string, title: string, detail: string, headers?: object];

/** Every refusal of this version, as the contract has it. */
const rows: Row[] = [
  [
    new kit.ValidationFailed(FAULTS),
    422,
    'validation_failed',
    'Unprocessable Entity',
    'The email is required. The name must be a string.',
  ],
  [new kit.MalformedBody(), 400, 'malformed_body', 'Bad Request', 'The body must be a JSON object.'],
  [
    new kit.UnsupportedMediaType('application/json'),
    415,
    'unsupported_media_type',
    'Unsupported Media Type',
    'Send the body as application/json.',
  ],
  [new kit.BodyTooLarge(), 413, 'body_too_large', 'Payload Too Large', 'The body is larger than 16 KB.'],
  [new kit.EmailTaken(), 400, 'email_taken', 'Bad Request', 'Email already registered'],
  [new kit.RegistrationClosed(), 403, 'registration_closed', 'Forbidden', 'Registration is closed'],
  [
    new kit.InvalidCredentials(),
    401,
    'invalid_credentials',
    'Unauthorized',
    'Incorrect email or password',
    BEARER,
  ],
  [new kit.EmailNotVerified(), 403, 'email_not_verified', 'Forbidden', 'Email not verified'],
  [new kit.MissingToken(), 401, 'missing_token', 'Unauthorized', 'Not authenticated', BEARER],
  [new kit.InvalidToken(), 401, 'invalid_token', 'Unauthorized', 'Could not validate credentials', INVALID],
  [
    new kit.InvalidRefreshToken(),
    401,
    'invalid_refresh_token',
    'Unauthorized',
    'Could not validate refresh token',
    INVALID,
  ],
  [
    new kit.InsufficientUserAuthentication(60),
    401,
    'insufficient_user_authentication',
    'Unauthorized',
    'A more recent login is required',
    { 'WWW-Authenticate': 'Bearer error="insufficient_user_authentication", max_age="60"' },
  ],
  [new kit.InsufficientRole(), 403, 'insufficient_role', 'Forbidden', 'You are not allowed to do this'],
  [
    new kit.ForbiddenOrigin(),
    403,
    'forbidden_origin',
    'Forbidden',
    'Requests from this origin are not allowed',
  ],
  [new kit.WrongPassword(), 400, 'wrong_password', 'Bad Request', 'Current password is incorrect'],
  [new kit.InvalidOneTimeToken(), 400, 'invalid_one_time_token', 'Bad Request', 'Token invalid or expired'],
  [
    new kit.SecondFactorRequired({ challenge: 'c', methods: ['totp'], expiresIn: 600 }),
    403,
    'second_factor_required',
    'Forbidden',
    'A second step is required to sign in',
  ],
  [
    new kit.InvalidChallenge(),
    401,
    'invalid_challenge',
    'Unauthorized',
    'This sign-in is over, begin again',
    { 'WWW-Authenticate': 'Bearer' },
  ],
  [
    new kit.InvalidCode(),
    401,
    'invalid_code',
    'Unauthorized',
    'The code is not valid',
    { 'WWW-Authenticate': 'Bearer' },
  ],
  [new kit.LastWayIn(), 409, 'last_way_in', 'Conflict', 'This is the last way to sign in'],
  [new kit.NotFound(), 404, 'not_found', 'Not Found', 'Not found'],
  [
    new kit.TooManyRequests({ retryAfterSeconds: 60 }),
    429,
    'too_many_requests',
    'Too Many Requests',
    'Too many attempts, try again later',
    { 'Retry-After': '60' },
  ],
  [
    new kit.Unavailable(),
    503,
    'unavailable',
    'Service Unavailable',
    'Temporarily unavailable, try again',
    { 'Retry-After': '2' },
  ],
];

describe('the errors', () => {
  for (const [error, status, code, title, detail, headers = {}] of rows) {
    it(`${error.name}: ${status} ${code}`, () => {
      expect(error).to.be.an.instanceOf(AuthError).and.an.instanceOf(Error);
      expect(error).to.include({ status, code, title, detail, message: detail });
      expect(error.headers).to.deep.equal(headers);
      expect(error.name).to.equal(error.constructor.name);
    });
  }

  it('have every code that is sent anywhere in the kit', async () => {
    const known: readonly string[] = [...kit.AUTH_ERROR_CODES, ...kit.FAULT_CODES];
    const lib = new URL('../lib/', import.meta.url);
    const files = (await readdir(lib, { recursive: true })).filter((file) => file.endsWith('.ts'));
    // There the codes of RFC 6749 are, and of what is no answer of the kit.
    const others = (file: string) => file.endsWith('oauth.ts') || file.startsWith('client/');
    for (const file of files.filter((file) => !others(file))) {
      const source = (await readFile(new URL(file, lib), 'utf8')).replace(/\/\*\*[\s\S]*?\*\//g, '');
      for (const [, code] of source.matchAll(/\b(?:code: |fault\()'(\w+)'/g)) {
        expect(known, file).to.include(code);
      }
    }
  });

  it('are all here', () => {
    const exported = Object.values(kit).filter(
      (each) => typeof each === 'function' && Object.getPrototypeOf(each) === AuthError,
    );
    expect(exported).to.have.members(rows.map(([error]) => error.constructor));
  });

  it('keep message and cause for the log, apart from the detail for the client', () => {
    const cause = new Error('inside');
    const error = new kit.EmailTaken({ message: 'for the log', cause });
    expect(error).to.include({ detail: 'Email already registered', message: 'for the log', cause });
    expect(JSON.stringify(error)).to.not.match(/for the log|inside/);
    expect(inspect(error)).to.match(/EmailTaken: for the log/);
  });

  it('have the handle of a sign-in for the client, and not for loggers (hold 63)', () => {
    const challenge = 'zqxj-handle';
    const error = new kit.SecondFactorRequired({ challenge, methods: ['app'], expiresIn: 600 });
    expect(error.extensions).to.deep.equal({ challenge, methods: ['app'], expires_in: 600 });
    expect(`${inspect(error)} ${JSON.stringify(error)}`).to.not.include(challenge);
  });

  it('of an app may have any status, code and headers', () => {
    const error = new AuthError({ status: 451, code: 'a', detail: 'No.', headers: { Link: '<b>' } });
    expect(error).to.include({ status: 451, title: 'Unavailable For Legal Reasons', name: 'AuthError' });
    expect(error.headers).to.deep.equal({ Link: '<b>' });
    expect(new AuthError({ status: 499, code: 'a', detail: 'No.' }).title).to.equal('Error');
  });

  it('without faults still say something', () => {
    expect(new kit.ValidationFailed([]).detail).to.equal('The request is not valid.');
  });

  it('tell when to try again in whole seconds (hold 25)', () => {
    expect(new kit.Unavailable({ retryAfterSeconds: 7 }).headers).to.deep.equal({ 'Retry-After': '7' });
  });
});
