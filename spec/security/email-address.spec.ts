import { expect } from 'chai';
import { isEmailAddress, normalizeEmail } from '../../lib/security/email-address.js';

describe('the normalisation of an address', () => {
  for (const [what, typed, stored] of [
    ['trims', ' \t jean@example.com\r\n', 'jean@example.com'],
    ['trims white space of every script', '\u3000\u00a0jean@example.com\u2028\ufeff', 'jean@example.com'],
    ['composes (NFC)', 'ame\u0301lie@example.com', 'am\u00e9lie@example.com'],
    ['lower-cases', 'Jean.DUPONT@Example.COM', 'jean.dupont@example.com'],
    ['lower-cases beyond ASCII', '\u00c9LODIE@example.com', '\u00e9lodie@example.com'],
    ['composes what lower-casing brings about', 'J\u030c@example.com', '\u01f0@example.com'],
  ] as const) {
    it(`${what} (hold 46)`, () => expect(normalizeEmail(typed)).to.equal(stored));
  }

  for (const address of [
    'jean.dupont@gmail.com',
    'j.e.a.n@gmail.com',
    'jean+shop@example.com',
    'jean@googlemail.com',
    'jean-dupont_2@sub.example.com',
    // Compatibility forms (NFKC) and what only looks alike are other addresses.
    '\uff4aean@example.com',
    '\ufb01n@example.com',
    'm\u0131ke@example.com',
    'je\u200ban@example.com',
    'jean@m\u00fcnchen.example',
    'jean@xn--mnchen-3ya.example',
  ]) {
    it(`changes nothing else: ${address}`, () => expect(normalizeEmail(address)).to.equal(address));
  }

  it('changes nothing the second time, whatever the letters', () => {
    const marks = ['', '\u0301', '\u030c', '\u0307', '\u0345', '\u0331'];
    for (let code = 0x21; code < 0x2fff; code += 1) {
      for (const mark of marks) {
        const once = normalizeEmail(`${String.fromCodePoint(code)}${mark}@example.com`);
        if (normalizeEmail(once) !== once) expect.fail(`U+${code.toString(16)} with ${JSON.stringify(mark)}`);
      }
    }
  });

  it('leaves alone what is too long to be an address: normalising costs more than it is worth (hold 64)', () => {
    const long = ` A${'\u0344'.repeat(1000)}@example.com `;
    expect(normalizeEmail(long)).to.equal(long);
  });
});

describe('an address', () => {
  const longest = `${'a'.repeat(64)}@${'b'.repeat(60)}.${'c'.repeat(60)}.${'d'.repeat(59)}.example`;

  for (const address of [
    'jean@example.com',
    "o'neil@example.com",
    'jean.dupont+shop@sub.example.co.uk',
    'am\u00e9lie@example.com',
    'jean@m\u00fcnchen.example',
    'jean@xn--mnchen-3ya.example',
    'jean@stra\u00dfe.example',
    'jean@\u043f\u043e\u0447\u0442\u0430.example',
    '\u043f\u043e\u0447\u0442\u0430@example.com',
    '%@example.com',
    longest,
  ]) {
    it(`can be ${address.slice(0, 40)}`, () => expect(isEmailAddress(address)).to.equal(true));
  }

  for (const [what, address] of [
    ['a comma', 'jean,dupont@example.com'],
    ['two addresses', 'jean@example.com,evil@example.com'],
    ['two addresses and a space', 'jean@example.com, evil@example.com'],
    ['a semicolon', 'jean;dupont@example.com'],
    ['a quoted comma', '"jean,evil"@example.com'],
    ['a quoted address', '"evil@example.com,"@example.com'],
    ['a quoted space', '"jean dupont"@example.com'],
    ['quotes around a plain name', '"jean"@example.com'],
    ['a quote inside', 'je"an@example.com'],
    ['a backslash', 'je\\an@example.com'],
    ['a space', 'jean dupont@example.com'],
    ['a no-break space', 'jean\u00a0dupont@example.com'],
    ['an ideographic space', 'jean\u3000dupont@example.com'],
    ['an em space', 'jean\u2003dupont@example.com'],
    ['a line separator', 'jean\u2028dupont@example.com'],
    ['a line break', 'jean\r\nbcc:evil@example.com'],
    ['a tab', 'jean\tdupont@example.com'],
    ['a NUL', 'jean\0@example.com'],
    ['a NUL at the end', 'jean@example.com\0'],
    ['a next line (C1)', 'jean\u0085@example.com'],
    ['a lone surrogate', 'jean\ud800@example.com'],
    ['a lone surrogate in the domain', 'jean@exam\udc00ple.com'],
    ['a zero-width space in the domain, where mail software drops it', 'jean@exam\u200bple.com'],
    ['a grapheme joiner in the domain', 'victim@gmai\u034fl.com'],
    ['a variation selector in the domain', 'jean@exam\ufe0fple.com'],
    ['a vertical form of the dot', 'jean@example\ufe12com.example'],
    ['a letter-like symbol in the domain', 'victim@\u210amail.com'],
    ['a unit that stands for two letters in the domain', 'victim@\u338f.com'],
    ['full-width letters in the domain', 'jean@\uff45xample.com'],
    ['a soft hyphen in the domain', 'jean@exa\u00admple.com'],
    ['a zero-width space', 'je\u200ban@example.com'],
    ['a change of direction', 'je\u202ean@example.com'],
    ['angle brackets', '<jean@example.com>'],
    ['a display name', 'Jean <jean@example.com>'],
    ['a comment', 'jean(comment)@example.com'],
    ['a group', 'all:jean@example.com'],
    ['a domain literal', 'jean@[127.0.0.1]'],
    ['square brackets', 'jean[at]home@example.com'],
    ['an IP address', 'jean@127.0.0.1'],
    ['two at signs', 'jean@home@example.com'],
    ['no at sign', 'jean.example.com'],
    ['no local part', '@example.com'],
    ['no domain', 'jean@'],
    ['no top-level domain', 'jean@localhost'],
    ['a dot at the end of the domain', 'jean@example.com.'],
    ['dots in the wrong places', '.jean@example.com'],
    ['two dots at once', 'jean..dupont@example.com'],
    ['more than 64 bytes before the at sign', `${'a'.repeat(65)}@example.com`],
    ['nothing at all', ''],
  ] as const) {
    it(`can not be ${what} (hold 46)`, () => expect(isEmailAddress(address)).to.equal(false));
  }

  it('has at most 254 characters', () => {
    expect(longest).to.have.length(254);
    expect(isEmailAddress(longest)).to.equal(true);
    expect(isEmailAddress(longest.replace('.example', 'd.example'))).to.equal(false);
  });
});
