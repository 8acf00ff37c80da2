import { expect } from 'chai';
import { normalizePassword } from '../../lib/security/normalize-password.js';

describe('normalizePassword', () => {
  it('composes (NFC), and changes nothing else (hold 80)', () => {
    expect(normalizePassword(' E\u0301te\u0301 ')).to.equal(' \u00c9t\u00e9 ');
    for (const password of [' \uff30\u200bass\ufb03 ', '\ud800', '\0', '\ufffd', '']) {
      expect(normalizePassword(password)).to.equal(password);
    }
  });
});
