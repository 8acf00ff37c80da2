import { expect } from 'chai';
import { daysInMs } from '../../lib/runtime/clock.js';

describe('daysInMs', () => {
  it('gives milliseconds, in whole seconds', () => {
    const days: [number, number][] = [
      [1, 86_400_000],
      [30, 2_592_000_000],
      [0.7, 60_480_000],
      [1 / 86_400, 1000],
      [1.4 / 86_400, 1000],
    ];
    for (const [given, ms] of days) expect(daysInMs(given)).to.equal(ms);
  });
});
