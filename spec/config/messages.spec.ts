import { expect } from 'chai';
import { checkMessages } from '../../lib/config/messages.js';
import { expectStartRefused } from '../support/failure.js';

describe('the option messages', () => {
  it('takes words by language and code, codes of the app\u2019s own too', () => {
    const messages = {
      fr: { email_taken: 'Adresse déjà utilisée', required: 'Ce champ est obligatoire.' },
      'pt-BR': { not_yet: 'Ainda não.', invalid_phone: 'Telefone inválido.' },
      'zh-Hant-TW': {},
    };
    expect(checkMessages('messages', messages)).to.equal(messages);
    expect(checkMessages('messages')).to.deep.equal({});
  });

  const refused: [given: unknown, message: string][] = [
    [
      { fr: { emial_taken: 'a' } },
      "messages.fr.emial_taken: unknown code; did you mean messages.fr.email_taken?; allowed: the kit's codes, and your own",
    ],
    [
      { fr: { requried: 'a' } },
      "messages.fr.requried: unknown code; did you mean messages.fr.required?; allowed: the kit's codes, and your own",
    ],
    [
      { fr: { emailTaken: 'a' } },
      "messages.fr.emailTaken: unknown code; did you mean messages.fr.email_taken?; allowed: the kit's codes, and your own",
    ],
    [{ fr_FR: {} }, 'a language of messages: "fr_FR" given; allowed: a language tag, e.g. fr or pt-BR'],
    [
      { email_taken: 'a' },
      'a language of messages: "email_taken" given; allowed: a language tag, e.g. fr or pt-BR',
    ],
    [{ fr: 'a' }, 'messages.fr: "a" given; allowed: an object of codes and sentences'],
    [{ fr: { required: '' } }, 'messages.fr.required: "" given; allowed: a string that is not empty'],
    [
      { fr: { required: () => 'a' } },
      'messages.fr.required: a value of type function given; allowed: a string that is not empty',
    ],
    [['fr'], 'messages: an array given; allowed: an object of language tags'],
    ['fr', 'messages: "fr" given; allowed: an object of language tags'],
  ];
  for (const [given, message] of refused) {
    it(`refuses ${JSON.stringify(given)}`, () => {
      expect(expectStartRefused(() => checkMessages('messages', given))).to.equal(message);
    });
  }
});
