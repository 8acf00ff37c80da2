import { expect } from 'chai';
import { chooseLanguage } from '../../lib/runtime/choose-language.js';

describe('the choice of a language', () => {
  const languages = ['en', 'fr', 'fr-CA', 'de-AT', 'zh-Hant', 'zh', 'pt-BR'];
  const chosen: [accepted: string | null | undefined, language: string | undefined][] = [
    [undefined, undefined],
    [null, undefined],
    ['', undefined],
    [' , ;', undefined],
    ['nl', undefined],
    ['french', undefined],
    ['*', 'en'],
    ['fr', 'fr'],
    ['FR', 'fr'],
    ['fr-ca', 'fr-CA'],
    ['fr-CH', 'fr'],
    ['de', 'de-AT'],
    ['de-DE', undefined],
    ['zh-Hant-TW', 'zh-Hant'],
    ['zh-Hans', 'zh'],
    ['en-GB, fr;q=0.9', 'en'],
    ['nl, fr;q=0.9, en;q=0.8', 'fr'],
    ['fr;q=0.1, de-AT', 'de-AT'],
    ['en;q=0.5,fr;q=0.5', 'en'],
    ['fr;q=0.5,en;q=0.5', 'fr'],
    ['fr ; q=0.2 , pt ; q=0.3', 'pt-BR'],
    ['fr;q=0', undefined],
    ['*, en;q=0', 'fr'],
    ['fr;q=0, fr-CA', 'fr-CA'],
    ['nl, *;q=0.1', 'en'],
    ['fr;q=x', 'fr'],
    ['en;q=0.1;level=1, fr;q=0.2', 'fr'],
    ['fr;q=1.2.3', undefined],
  ];
  for (const [accepted, language] of chosen) {
    it(`is ${language ?? 'none'} for ${JSON.stringify(accepted)}`, () => {
      expect(chooseLanguage(accepted, languages)).to.equal(language);
    });
  }

  it('is none among none', () => {
    expect(chooseLanguage('fr, *', [])).to.equal(undefined);
  });

  it('takes a header of any length in its time', () => {
    const header = Array.from({ length: 5000 }, (_, index) => `x${index};q=0.${index % 10}`).join(',');
    expect(chooseLanguage(`${header},fr;q=0.3`, languages)).to.equal('fr');
  });
});
