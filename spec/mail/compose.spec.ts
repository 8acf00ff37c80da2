import { expect } from 'chai';
import type { MailTexts, WriteMail } from '../../lib/config/mail.js';
import { createCompose } from '../../lib/mail/compose.js';
import type { MailData, MailKind } from '../../lib/mail/mail-kind.js';

const kinds = new Map<string, MailKind>([
  ['hello', { template: { subject: 'Hello', what: 'Hello {email}.', button: 'Go', notes: ['Bye.'] } }],
  [
    'own',
    {
      template: (data: MailData, write: WriteMail) =>
        write({ subject: `Own ${data['thing']}`, what: `in ${data['language']}` }),
    },
  ],
]);
const texts: MailTexts = {
  fr: { hello: { subject: 'Bonjour', what: 'Bonjour {email}.' }, everyMail: { copy: 'Copiez\u00a0:' } },
  de: { hello: { subject: 'Hallo' } },
};

/** A user with fields of the app's own. */
function dataOf(data: object = {}, fields: Readonly<Record<string, unknown>> = {}): MailData {
  const user = { email: 'ada@example.com', get: (name: string) => fields[name] };
  return { user, ...data } as unknown as MailData;
}

describe('what a mail says', () => {
  const from = 'Example <no-reply@example.com>';
  const compose = createCompose({ kinds, templates: {}, texts, from });

  it('is its words in the layout, with the name of the app', async () => {
    const { subject, text, html } = await compose('hello', dataOf({ url: 'https://a.example' }));
    expect(subject).to.equal('Hello');
    expect(text).to.equal('Hello ada@example.com.\n\nhttps://a.example\n\nBye.\n\n-- \nExample\n');
    expect(html).to.include('<html lang="en"').and.include('>Example</td>').and.include('>Go</a>');
  });

  it('is in the language of the user, also what every mail says', async () => {
    const data = dataOf({ url: 'https://a.example', acceptLanguage: 'fr-CH, en;q=0.5' });
    const { subject, text, html } = await compose('hello', data);
    expect(subject).to.equal('Bonjour');
    expect(text)
      .to.match(/^Bonjour ada@example\.com\.\n/)
      .and.include('Bye.');
    expect(html).to.include('<html lang="fr"').and.include('Copiez\u00a0:<br>');
  });

  const chosen: [fields: Record<string, unknown>, acceptLanguage: string | null, subject: string][] = [
    [{}, null, 'Hello'],
    [{}, 'de', 'Hallo'],
    [{ locale: 'fr' }, 'de', 'Bonjour'],
    [{ locale: 'fr_FR' }, 'de', 'Bonjour'],
    [{ language: 'fr' }, 'de', 'Bonjour'],
    [{ locale: 'de', language: 'fr' }, null, 'Hallo'],
    [{ locale: 'en-GB' }, 'de', 'Hello'],
    // What is no language that there are words in.
    [{ locale: 'nl' }, 'de', 'Hallo'],
    [{ locale: { code: 'fr' }, language: 5 }, 'de', 'Hallo'],
    [{ locale: '' }, null, 'Hello'],
  ];
  for (const [fields, acceptLanguage, subject] of chosen) {
    it(`is ${subject} for ${JSON.stringify(fields)} and ${acceptLanguage}`, async () => {
      expect((await compose('hello', dataOf({ acceptLanguage }, fields))).subject).to.equal(subject);
    });
  }

  it('is what its template says, which is told the language and can use the layout', async () => {
    const { subject, text, html } = await compose('own', dataOf({ thing: 'mail', acceptLanguage: 'fr' }));
    expect([subject, text]).to.deep.equal(['Own mail', 'in fr\n\n-- \nExample\n']);
    expect(html).to.include('<html lang="fr"');
  });

  it('is what a template of the app says, whatever words there are', async () => {
    const templates = {
      hello: async ({ user, language }: MailData, write: WriteMail) => ({
        ...write({ subject: `${user.email} ${language}`, what: 'Ours.' }),
        html: 'ours',
      }),
    };
    const own = createCompose({ kinds, templates, texts, appUrl: 'https://app.example.com' });
    expect(await own('hello', dataOf({ acceptLanguage: 'fr' }))).to.deep.equal({
      subject: 'ada@example.com fr',
      text: 'Ours.\n\n-- \napp.example.com\n',
      html: 'ours',
    });
  });
});
