import { expect } from 'chai';
import { foldPassword } from '../../lib/security/fold-password.js';

describe('foldPassword', () => {
  for (const [what, typed] of [
    ['capitals', 'PASSWORD'],
    ['full-width letters', '\uff50\uff41\uff53\uff53\uff57\uff4f\uff52\uff44'],
    ['mathematical letters', '\u{1d429}\u{1d41a}\u{1d42c}\u{1d42c}\u{1d430}\u{1d428}\u{1d42b}\u{1d41d}'],
    ['a long s and a sharp s', 'pa\u00dfword'],
    ['invisible characters', 'p\u200bass\u00adword\u202e'],
  ] as const) {
    it(`sees through ${what} (hold 80)`, () => expect(foldPassword(typed)).to.equal('password'));
  }

  it('takes both forms of a sigma for one', () => {
    expect(foldPassword('\u03a3\u0391\u03a3')).to.equal(foldPassword('\u03c3\u03b1\u03c3'));
  });

  it('leaves white space and accents as they are', () => {
    expect(foldPassword(' e\u0301 \u00e8 ')).to.equal(' \u00e9 \u00e8 ');
  });
});
