import { expect } from 'chai';
import { hasInvisible, withoutInvisible } from '../../lib/security/invisible-characters.js';

describe('characters that cannot be seen', () => {
  for (const [what, character] of [
    ['a NUL', '\0'],
    ['a line break', '\n'],
    ['a line separator', '\u2028'],
    ['a soft hyphen', '\u00ad'],
    ['a grapheme joiner', '\u034f'],
    ['a Hangul filler', '\u3164'],
    ['a zero-width space', '\u200b'],
    ['a zero-width joiner', '\u200d'],
    ['a right-to-left mark', '\u200f'],
    ['a right-to-left override', '\u202e'],
    ['an isolate', '\u2066'],
    ['a byte order mark', '\ufeff'],
    ['a variation selector', '\ufe0f'],
    ['a tag', '\u{e0041}'],
    ['a blank of Braille', '\u2800'],
    ['the place of an object', '\ufffc'],
    ['a filler of Khitan', '\u{16fe4}'],
    ['a note without a head', '\u{1d159}'],
    ['what is no character', '\ufdd0'],
    ['what is no character in another plane', '\u{1ffff}'],
  ] as const) {
    it(`are ${what} (hold 86)`, () => {
      expect(hasInvisible(`ad${character}a`)).to.equal(true);
      expect(withoutInvisible(`${character}ad${character}a${character}`)).to.equal('ada');
    });
  }

  it('are no letters, marks, spaces or emoji', () => {
    const text = 'Zo\u00eb e\u0301 \u6f22\u5b57 \u0e33 \u{1f98a} \u00a0 \u2801\u2819 -';
    expect(hasInvisible(text)).to.equal(false);
    expect(withoutInvisible(text)).to.equal(text);
  });
});
