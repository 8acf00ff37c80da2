import { expect } from 'chai';
import { checkLanguageTag } from '../../lib/config/language-tag.js';
import { expectStartRefused } from '../support/failure.js';

describe('a language tag', () => {
  for (const tag of ['fr', 'FR', 'pt-BR', 'zh-Hant-TW', 'yue', 'de-1996']) {
    it(`may be ${tag}`, () => {
      checkLanguageTag('a language', tag);
    });
  }

  for (const tag of ['', 'f', 'french', 'fr_FR', 'fr-', '-fr', 'fr FR', 'email_taken', '__proto__']) {
    it(`is not ${JSON.stringify(tag)}`, () => {
      expect(expectStartRefused(() => checkLanguageTag('a language', tag))).to.equal(
        `a language: ${JSON.stringify(tag)} given; allowed: a language tag, e.g. fr or pt-BR`,
      );
    });
  }
});
