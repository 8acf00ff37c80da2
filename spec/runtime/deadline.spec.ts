import { expect } from 'chai';
import { withDeadline } from '../../lib/runtime/deadline.js';
import { failureOf } from '../support/failure.js';

describe('a deadline', () => {
  const late = () => new Error('late');

  it('gives what was waited for', async () => {
    expect(await withDeadline(Promise.resolve('value'), 1000, late)).to.equal('value');
  });

  it('passes on the failure of what was waited for', async () => {
    const failure = new Error('broken');
    expect(await failureOf(() => withDeadline(Promise.reject(failure), 1000, late))).to.equal(failure);
  });

  it('ends the waiting', async () => {
    const error = await failureOf(() => withDeadline(new Promise(() => {}), 1, late));
    expect(error.message).to.equal('late');
  });
});
