import { expect } from 'chai';
import { logOut } from '../../lib/accounts/log-out.js';
import type { TokenCore } from '../../lib/core/core.js';
import { failureOf } from '../support/failure.js';

// Which tokens end which sessions is in features/logout.spec.ts.
describe('logOut', () => {
  it('does not take a fault for a token that is no good', async () => {
    const fault = new Error('the key store is away');
    const tokenReader = { readRefresh: () => Promise.reject(fault) } as unknown as TokenCore['tokenReader'];
    const core = { tokenReader } as TokenCore;
    expect(await failureOf(() => logOut(core, { refreshToken: 'x' }))).to.equal(fault);
  });
});
