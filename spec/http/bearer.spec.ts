import { expect } from 'chai';
import { bearerToken } from '../../lib/http/bearer.js';

describe('bearerToken', () => {
  const tokenOf = (authorization?: string) => bearerToken({ headers: { authorization } });

  it('takes the token of the scheme, whatever its case', () => {
    for (const scheme of ['Bearer', 'bearer', 'BEARER']) {
      expect(tokenOf(`${scheme} abc.DEF-123_~+/==`)).to.equal('abc.DEF-123_~+/==');
    }
  });

  const refused = [
    undefined,
    '',
    'Bearer',
    'Bearer ',
    'Bearer  abc',
    'Bearer abc ',
    ' Bearer abc',
    'Bearer abc extra',
    'Bearer abc, Bearer def',
    'Bearer abc=def',
    'Bearer "abc"',
    'Bearer a\u00e9c',
    'Bearerabc',
    'Basic abc',
    'Token abc',
    'abc',
  ];
  for (const header of refused) {
    it(`finds none in ${JSON.stringify(header)} (hold 13)`, () => {
      expect(tokenOf(header)).to.equal(null);
    });
  }

  it('takes no longer for a long header than for a short one', () => {
    const evil = `Bearer ${'='.repeat(100_000)}!`;
    expect(tokenOf(evil)).to.equal(null);
  });
});
