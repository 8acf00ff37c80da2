import { expect } from 'chai';
import type { MailTexts } from '../../lib/config/mail.js';
import { createCatalogue } from '../../lib/mail/catalogue.js';
import type { MailKind } from '../../lib/mail/mail-kind.js';
import { expectStartRefused } from '../support/failure.js';

const kinds = new Map<string, MailKind>([
  ['hello', { template: { subject: 'Hello', what: 'Hello {email}.', notes: ['{minutes} minutes'] } }],
  ['bye', { template: { subject: 'Bye', what: 'Bye.' } }],
  ['own', { template: () => ({ subject: '', text: '', html: '' }) }],
]);
const texts: MailTexts = {
  fr: { hello: { subject: 'Bonjour', what: 'Bonjour {email} de {app}.' } },
  'fr-CA': { hello: { subject: 'Allô' }, everyMail: { copy: 'Copiez\u00a0:' } },
  'pt-br': { bye: { subject: 'Tchau' } },
  en: { bye: { subject: 'Farewell' } },
};

describe('the catalogue of mails', () => {
  const catalogue = createCatalogue(kinds, texts);

  it('has the words of a language, for what is missing those of a wider one, then English', () => {
    expect(catalogue.wordsOf('hello', 'fr-CA')).to.deep.equal({
      subject: 'Allô',
      what: 'Bonjour {email} de {app}.',
      notes: ['{minutes} minutes'],
    });
    expect(catalogue.wordsOf('hello', 'fr')).to.include({ subject: 'Bonjour' });
    expect(catalogue.wordsOf('hello', 'en')).to.deep.equal(kinds.get('hello')?.template);
    expect(catalogue.wordsOf('bye', 'pt-BR')).to.deep.equal({ subject: 'Tchau', what: 'Bye.' });
  });

  it('lets an app change the English', () => {
    expect(catalogue.wordsOf('bye', 'en')).to.deep.equal({ subject: 'Farewell', what: 'Bye.' });
  });

  it('has words that are the same in every mail', () => {
    expect(catalogue.everyMail('fr-CA')).to.deep.equal({ copy: 'Copiez\u00a0:' });
    expect(catalogue.everyMail('fr')).to.deep.equal({
      copy: 'If the link does not open, copy this address:',
    });
  });

  const chosen: [mail: string, wishes: (string | null | undefined)[], language: string][] = [
    ['hello', [], 'en'],
    ['hello', [null, undefined, ''], 'en'],
    ['hello', ['fr'], 'fr'],
    ['hello', ['fr-CA'], 'fr-CA'],
    ['hello', ['fr-CH'], 'fr'],
    ['hello', ['nl', null, 'nl, fr;q=0.5'], 'fr'],
    ['hello', ['en', 'fr'], 'en'],
    ['hello', ['not a tag', 'fr'], 'fr'],
    ['hello', ['*'], 'en'],
    // This mail is not in it.
    ['hello', ['pt-BR'], 'en'],
    ['bye', ['pt-BR'], 'pt-BR'],
    ['bye', ['fr, pt;q=0.5'], 'pt-BR'],
    // Its template may be in all of them.
    ['own', ['pt-BR'], 'pt-BR'],
    ['own', ['fr-CA'], 'fr-CA'],
    ['own', ['nl'], 'en'],
  ];
  for (const [mail, wishes, language] of chosen) {
    it(`is in ${language} for ${mail} and ${JSON.stringify(wishes)}`, () => {
      expect(catalogue.languageOf(mail, wishes)).to.equal(language);
    });
  }

  const refused: [texts: object, message: string][] = [
    [
      { fr: { helo: { subject: 'a' } } },
      'mail.texts.fr.helo: unknown option; did you mean mail.texts.fr.hello?; allowed: everyMail, hello, bye',
    ],
    [{ fr: { own: { subject: 'a' } } }, 'mail.texts.fr.own: unknown option; allowed: everyMail, hello, bye'],
    [
      { fr: { hello: { subjet: 'a' } } },
      'mail.texts.fr.hello.subjet: unknown option; did you mean mail.texts.fr.hello.subject?; allowed: subject, what, notes',
    ],
    [{ fr: { bye: { button: 'a' } } }, 'mail.texts.fr.bye.button: unknown option; allowed: subject, what'],
    [
      { fr: { everyMail: { subject: 'a' } } },
      'mail.texts.fr.everyMail.subject: unknown option; allowed: copy',
    ],
    [
      { fr: { hello: { what: 'Bonjour {emial}' } } },
      'mail.texts.fr.hello.what: unknown value {emial}; did you mean {email}?; allowed: {app}, {email}, {minutes}',
    ],
    [
      { fr: { hello: { notes: ['a', '{name}'] } } },
      'mail.texts.fr.hello.notes: unknown value {name}; allowed: {app}, {email}, {minutes}',
    ],
    [
      { fr: { bye: { what: '{constructor}' } } },
      'mail.texts.fr.bye.what: unknown value {constructor}; allowed: {app}',
    ],
  ];
  for (const [given, message] of refused) {
    it(`refuses ${JSON.stringify(given)}`, () => {
      const failed = expectStartRefused(() => createCatalogue(kinds, given as MailTexts));
      expect(failed).to.equal(message);
    });
  }
});
