import { expect } from 'chai';
import { createSingleFlight } from '../../lib/client/single-flight.js';
import { failureOf } from '../support/failure.js';

describe('createSingleFlight', () => {
  it('runs once for all who ask while it is under way, and anew after that', async () => {
    const fly = createSingleFlight();
    let runs = 0;
    const run = async () => {
      runs += 1;
    };
    await Promise.all([fly('a', run), fly('a', run), fly('a', run)]);
    expect(runs).to.equal(1);
    await fly('a', run);
    expect(runs).to.equal(2);
  });

  it('keeps what is not the same apart', async () => {
    const fly = createSingleFlight();
    const runs: string[] = [];
    await Promise.all(['a', 'b'].map((key) => fly(key, async () => void runs.push(key))));
    expect(runs).to.deep.equal(['a', 'b']);
  });

  it('tells a failure to each, and is ready for another try', async () => {
    const fly = createSingleFlight();
    const failure = new Error('away');
    const fail = () => Promise.reject(failure);
    const failures = await Promise.all([1, 2, 3].map(() => failureOf(() => fly('a', fail))));
    expect(failures).to.deep.equal([failure, failure, failure]);
    await fly('a', async () => {});
  });
});
