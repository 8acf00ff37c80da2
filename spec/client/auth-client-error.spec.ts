import { expect } from 'chai';
import { AuthClientError, isRefused } from '../../lib/client/auth-client-error.js';

describe('AuthClientError', () => {
  it('is an error with what the server said', () => {
    const errors = [{ code: 'required', detail: 'The email is required.', pointer: '#/email' }];
    const parts = { status: 422, code: 'validation_failed', detail: 'The email is required.' };
    const error = new AuthClientError({ ...parts, errors, retryAfter: 3, problem: { challenge: 'x' } });
    expect(error).to.be.an.instanceOf(Error);
    expect(error).to.include({ ...parts, name: 'AuthClientError', message: parts.detail, retryAfter: 3 });
    expect(error.errors).to.deep.equal(errors);
    expect(error.problem).to.deep.equal({ challenge: 'x' });
  });

  it('has no faults and nothing beside where there are none, and keeps its cause', () => {
    const cause = new TypeError('fetch failed');
    const error = new AuthClientError({ status: 0, code: 'network_error', detail: 'x', cause });
    expect(error.errors).to.deep.equal([]);
    expect(error.problem).to.deep.equal({});
    expect(error).to.include({ retryAfter: undefined, cause });
  });

  it('counts as a refused refresh by status and code together, and by nothing less', () => {
    expect(
      isRefused(new AuthClientError({ status: 401, code: 'invalid_refresh_token', detail: '' })),
    ).to.equal(true);
    for (const [status, code] of [
      [503, 'invalid_refresh_token'],
      [401, 'invalid_token'],
      [401, 'unexpected_answer'],
    ] as const) {
      expect(isRefused(new AuthClientError({ status, code, detail: '' })), code).to.equal(false);
    }
    expect(isRefused(new TypeError('fetch failed'))).to.equal(false);
  });
});
