import { expect } from 'chai';
import { isPersonName } from '../../lib/security/person-name.js';

describe('the name of a person', () => {
  for (const name of [
    'Ada Lovelace',
    "Zo\u00eb O'Neil-\u017b\u00f3\u0142\u0107",
    '\u6f22\u5b57',
    // Spelled with a zero-width non-joiner in Persian, with a joiner in Sinhala.
    '\u0639\u0644\u06cc\u200c\u0631\u0636\u0627',
    '\u0dc1\u0dca\u200d\u0dbb\u0dd3',
    'Ada \u2764\ufe0f',
    'Ada \u{1f469}\u{1f3fd}\u200d\u{1f680}',
    '',
  ]) {
    it(`may be ${name}`, () => expect(isPersonName(name)).to.equal(true));
  }

  for (const [what, name] of [
    ['a zero-width space', 'Ada\u200b Lovelace'],
    ['a joiner between Latin letters', 'A\u200dda'],
    ['a non-joiner at the end', '\u0639\u0644\u06cc\u200c'],
    ['two joiners in a row', '\u0639\u200d\u200d\u0644'],
    ['a variation selector after a letter', 'A\ufe0fda'],
    ['a right-to-left override', 'Ada\u202egpj.exe'],
    ['an isolate', '\u2067Ada\u2069'],
    ['a right-to-left mark', '\u0639\u0644\u06cc\u200f'],
    ['a soft hyphen', 'A\u00adda'],
    ['a line break', 'Ada\r\nBcc: eve@example.com'],
    ['a line separator', 'Ada\u2028Lovelace'],
    ['a NUL', 'Ada\0'],
    ['a lone surrogate', 'Ada\ud800'],
    ['a tag', 'Ada\u{e0041}'],
  ] as const) {
    it(`has not ${what} (hold 86)`, () => expect(isPersonName(name)).to.equal(false));
  }
});
