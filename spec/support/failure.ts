import { expect } from 'chai';
import type { AuthError } from 'express-auth-kit';

/** What a function throws, or its promise rejects with. A spec whose function does neither fails. */
export async function failureOf<Failure extends Error = Error>(run: () => unknown): Promise<Failure> {
  try {
    await run();
  } catch (error) {
    return error as Failure;
  }
  throw new Error('Nothing was thrown.');
}

/** That a function, or its promise, is refused by a code. */
export async function expectCode(run: () => unknown, code: string): Promise<AuthError> {
  const error = await failureOf<AuthError>(run);
  expect(error.code, error.stack).to.equal(code);
  return error;
}

/** That a function, or its promise, is refused as 503 `unavailable`, with an integer to wait for. */
export async function expectUnavailable(run: () => unknown): Promise<AuthError> {
  const error = await failureOf<AuthError>(run);
  const { status, code, detail, headers } = error;
  expect({ status, code, detail }, error.stack).to.deep.equal({
    status: 503,
    code: 'unavailable',
    detail: 'Temporarily unavailable, try again',
  });
  expect(headers['Retry-After']).to.match(/^[1-9]\d*$/);
  return error;
}

/**
 * That a start is stopped by a `TypeError` of one line.
 *
 * @returns the message
 */
export function expectStartRefused(start: () => unknown): string {
  let error: unknown;
  try {
    start();
  } catch (thrown) {
    error = thrown;
  }
  expect(error, 'nothing was thrown').to.be.an.instanceOf(Error);
  const { name, message } = error as Error;
  expect(name, message).to.equal('TypeError');
  expect(message.split(/[\r\n\u2028\u2029]/)).to.have.length(1);
  return message;
}
