import { expect } from 'chai';
import type { Letter } from '../../lib/config/mail.js';
import { createWriteMail } from '../../lib/mail/layout.js';

const URL_ = 'https://app.example.com/password/reset?lang=en&token=abc_DEF-123';
const LETTER: Letter = {
  subject: 'Reset your password',
  what: 'Somebody asked for it.',
  link: { url: URL_, button: 'Choose a new password', purpose: 'To choose one, open this link:' },
  notes: ['It works once.', 'Ignore this mail otherwise.'],
};

function write(letter: Partial<Letter> = {}, frame: { appName?: string; language?: string } = {}) {
  const whole = { appName: 'Example', language: 'en', copy: 'Or copy this address:', ...frame };
  return createWriteMail(whole)({ ...LETTER, ...letter });
}

/** What of the HTML a person sees, or a reader of mail shows. */
function shown(html: string): string {
  return html
    .replace(/<(style|title)>[\s\S]*?<\/\1>|<!--[\s\S]*?-->/g, '')
    .replace(/<br>/g, '\n')
    .replace(/<[^>]*>/g, '');
}

describe('the layout of mails', () => {
  it('has a text of paragraphs, the link on a line of its own, signed by the app', () => {
    expect(write().text.split('\n')).to.deep.equal([
      'Somebody asked for it.',
      '',
      'To choose one, open this link:',
      '',
      URL_,
      '',
      'It works once.',
      'Ignore this mail otherwise.',
      '',
      '-- ',
      'Example',
      '',
    ]);
  });

  it('has an HTML body that says the same', () => {
    const { html } = write();
    expect(html)
      .to.match(/^<!doctype html>\n<html lang="en" dir="ltr">/)
      .and.include('charset="utf-8"');
    const text = shown(html);
    for (const said of [LETTER.subject, LETTER.what, 'Choose a new password', ...(LETTER.notes ?? [])]) {
      expect(text).to.include(said);
    }
    expect(text).to.include('Or copy this address:').and.include('Example');
  });

  it('has one button, and the plain link below it', () => {
    const { html } = write();
    const escaped = URL_.replace('&', '&amp;');
    const links = [...html.matchAll(/<a href="([^"]*)"[^>]*>([^<]*)<\/a>/g)].map(([, ...link]) => link);
    expect(links).to.deep.equal([
      [escaped, 'Choose a new password'],
      [escaped, escaped],
    ]);
  });

  it('has no button, and nothing to copy, without a link', () => {
    const { text, html } = write({ link: undefined });
    expect(text).to.not.include('http');
    expect(html).to.not.match(/<a |Or copy|undefined/);
  });

  it('shows a code, with the words before it', () => {
    const { text, html } = write({ code: { value: '482913', says: 'Or type this code:' } });
    expect(text).to.include('\n\nOr type this code:\n\n482913\n\n');
    expect(shown(html)).to.match(/Or type this code:\s+482913/);
  });

  it('needs no name of the app, no purpose and no notes', () => {
    const { text, html } = write({ link: { url: URL_, button: 'Open' }, notes: [] }, { appName: '' });
    expect(text).to.equal(`Somebody asked for it.\n\n${URL_}\n`);
    expect(html).to.not.include('class="name"').and.not.include('undefined');
  });

  it('shows what has happened beside the subject in a list of mails', () => {
    expect(shown(write().html).trim()).to.match(/^Somebody asked for it\./);
  });

  it('is made for light and for dark', () => {
    const { html } = write();
    expect(html).to.include('<meta name="color-scheme" content="light dark">');
    expect(html).to.include('@media (prefers-color-scheme: dark)');
    // What the style sheet darkens is there, and no class is without need.
    const used = new Set([...html.matchAll(/class="(\w+)"/g)].map(([, name]) => name));
    const styled = new Set([...html.matchAll(/\.(\w+)[ ,]/g)].map(([, name]) => name));
    for (const name of used) expect([...styled], name).to.include(name);
  });

  it('loads nothing from anywhere', () => {
    expect(write().html).to.not.match(/<(img|link|script|iframe|svg)|url\(|@import|src=/i);
  });

  it('escapes all that it is given in HTML, and leaves the text as it is', () => {
    const evil = `"><script>alert('1')</script>&`;
    const letter: Letter = {
      subject: evil,
      what: evil,
      link: { url: `https://app.example.com/?next=${evil}`, button: evil, purpose: evil },
      code: { value: evil, says: evil },
      notes: [evil],
    };
    const { subject, text, html } = write(letter, { appName: evil });
    expect(subject).to.equal(evil);
    expect(text.split(evil)).to.have.length(8);
    expect(html).to.not.match(/<script|alert\('/);
    expect(html).to.include('href="https://app.example.com/?next=&quot;&gt;&lt;script&gt;');
  });

  it('keeps lines', () => {
    const { text, html } = write({ what: 'One.\n<Two>.' });
    expect(text).to.match(/^One\.\n<Two>\.\n/);
    expect(html).to.include('One.<br>&lt;Two&gt;.');
  });

  const directions: [language: string, dir: string, align: string][] = [
    ['fr-CA', 'ltr', 'left'],
    ['ar', 'rtl', 'right'],
    ['he-IL', 'rtl', 'right'],
    ['fa', 'rtl', 'right'],
    ['az', 'ltr', 'left'],
    ['az-Arab', 'rtl', 'right'],
  ];
  for (const [language, dir, align] of directions) {
    it(`is read from the ${align === 'left' ? 'left' : 'right'} in ${language}`, () => {
      const { html } = write({}, { language });
      expect(html).to.include(`<html lang="${language}" dir="${dir}">`).and.include(`<td align="${align}"`);
      // An address is the same in all languages.
      expect(html).to.match(/class="small" dir="ltr"/);
    });
  }
});
