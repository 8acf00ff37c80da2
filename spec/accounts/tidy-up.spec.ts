import { expect } from 'chai';
import { tidyUp } from '../../lib/accounts/tidy-up.js';
import type { Kit } from '../../lib/kit.js';

describe('tidyUp', () => {
  it('waits for all of it, logs what fails, and fails never', async () => {
    const warnings: [message: string, details: object | undefined][] = [];
    const warn = (message: string, details?: object) => void warnings.push([message, details]);
    const kit = { logger: { warn } } as unknown as Kit;
    let done = false;
    const slow = new Promise(setImmediate).then(() => {
      done = true;
    });
    const error = new Error('the database is away');
    await tidyUp(kit, Promise.reject(error), slow);
    expect(done).to.equal(true);
    expect(warnings).to.deep.equal([['what is over could not be cleared away', { error }]]);
  });
});
