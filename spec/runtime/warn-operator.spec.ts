import { once } from 'node:events';
import { expect } from 'chai';
import { warnOperator } from '../../lib/runtime/warn-operator.js';

describe('a word to the operator', () => {
  it('goes to the logger', () => {
    const told: unknown[] = [];
    warnOperator({ warn: (...given: unknown[]) => void told.push(given) }, 'look here');
    expect(told).to.deep.equal([['look here']]);
  });

  it('goes where Node.js shows warnings, where the logger takes none', async () => {
    const warned = once(process, 'warning');
    warnOperator({}, 'look here');
    const [warning] = await warned;
    expect(warning).to.include({ name: 'ExpressAuthKitWarning', message: 'look here' });
  });
});
