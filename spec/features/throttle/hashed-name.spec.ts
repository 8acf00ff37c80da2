import { expect } from 'chai';
import { hashedName } from '../../../lib/features/throttle/hashed-name.js';

describe('the name of a counter', () => {
  it('is the same for the same text, another for another one, and does not show it', () => {
    expect(hashedName('ada@example.com')).to.equal(hashedName('ada@example.com'));
    expect(hashedName('ada@example.com')).to.not.equal(hashedName('bob@example.com'));
    expect(hashedName('ada@example.com')).to.match(/^[\w-]{43}$/);
  });
});
