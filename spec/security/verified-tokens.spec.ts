import { expect } from 'chai';
import { createVerifiedTokens } from '../../lib/security/verified-tokens.js';

const NOW = Date.UTC(2030, 0, 1);
const exp = NOW / 1000 + 60;

describe('verified tokens', () => {
  it('are known by their exact text', () => {
    const tokens = createVerifiedTokens();
    tokens.keep('a.b.c', { exp });
    expect(tokens.find('a.b.c', NOW)).to.deep.equal({ exp });
    for (const other of ['a.b.C', 'a.b.c ', 'a.b', '', '__proto__', 'constructor']) {
      expect(tokens.find(other, NOW)).to.equal(undefined);
    }
  });

  it('are known until they expire, to the millisecond', () => {
    const tokens = createVerifiedTokens();
    tokens.keep('a', { exp });
    expect(tokens.find('a', NOW + 59_999)).to.deep.equal({ exp });
    expect(tokens.find('a', NOW + 60_000)).to.equal(undefined);
    // Forgotten then, whatever the clock says later.
    expect(tokens.find('a', NOW)).to.equal(undefined);
  });

  it('give claims of one’s own each time, what is nested in them too', () => {
    const tokens = createVerifiedTokens<{ exp: number; plan: { seats: number } }>();
    const claims = { exp, plan: { seats: 1 } };
    tokens.keep('a', claims);
    claims.plan.seats = 2;
    const found = tokens.find('a', NOW);
    if (found) found.plan.seats = 3;
    expect(tokens.find('a', NOW)).to.deep.equal({ exp, plan: { seats: 1 } });
  });

  it('are so many at most: the least recently used goes', () => {
    const tokens = createVerifiedTokens(3);
    for (const token of ['a', 'b', 'c']) tokens.keep(token, { exp });
    tokens.find('a', NOW);
    tokens.keep('d', { exp });
    expect(['a', 'b', 'c', 'd'].filter((token) => tokens.find(token, NOW))).to.deep.equal(['a', 'c', 'd']);
  });
});
