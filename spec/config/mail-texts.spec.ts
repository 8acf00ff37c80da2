import { expect } from 'chai';
import { checkMailTexts } from '../../lib/config/mail-texts.js';
import { expectStartRefused } from '../support/failure.js';

describe('the texts of mails', () => {
  it('are sentences by language, mail and word', () => {
    const texts = {
      fr: {
        passwordReset: { subject: 'Nouveau mot de passe', notes: ['Une fois.', 'Vite.'] },
        everyMail: {},
      },
      'pt-BR': {},
    };
    expect(checkMailTexts('mail.texts', texts)).to.equal(texts);
    expect(checkMailTexts('mail.texts')).to.deep.equal({});
  });

  const sentence = 'allowed: a string that is not empty';
  const refused: [given: unknown, message: string][] = [
    ['fr', 'mail.texts: "fr" given; allowed: an object of language tags'],
    [['fr'], 'mail.texts: an array given; allowed: an object of language tags'],
    [{ fr_FR: {} }, 'a language of mail.texts: "fr_FR" given; allowed: a language tag, e.g. fr or pt-BR'],
    [
      { passwordReset: {} },
      'a language of mail.texts: "passwordReset" given; allowed: a language tag, e.g. fr or pt-BR',
    ],
    [{ fr: 'a' }, 'mail.texts.fr: "a" given; allowed: an object of mails'],
    [
      { fr: { passwordReset: 'a' } },
      'mail.texts.fr.passwordReset: "a" given; allowed: an object of words, such as subject and what',
    ],
    [
      { fr: { passwordReset: { subject: '' } } },
      `mail.texts.fr.passwordReset.subject: "" given; ${sentence}`,
    ],
    [
      { fr: { passwordReset: { what: () => 'a' } } },
      `mail.texts.fr.passwordReset.what: a value of type function given; ${sentence}`,
    ],
    [
      { fr: { passwordReset: { notes: 'a' } } },
      'mail.texts.fr.passwordReset.notes: "a" given; allowed: an array of sentences',
    ],
    [
      { fr: { passwordReset: { notes: ['a', 5] } } },
      `mail.texts.fr.passwordReset.notes[1]: 5 given; ${sentence}`,
    ],
  ];
  for (const [given, message] of refused) {
    it(`are not ${JSON.stringify(given)}`, () => {
      expect(expectStartRefused(() => checkMailTexts('mail.texts', given))).to.equal(message);
    });
  }
});
