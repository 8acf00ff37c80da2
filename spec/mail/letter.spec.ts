import { expect } from 'chai';
import { letterOf } from '../../lib/mail/letter.js';
import type { MailData } from '../../lib/mail/mail-kind.js';

const WORDS = { subject: 'To {email}', what: '{app} says {thing}.' };

function letter(words: Partial<Parameters<typeof letterOf>[0]>, data: object = {}, language = 'en') {
  const user = { email: 'ada@example.com', name: 'Call +33' };
  const whole = { user, ...data } as unknown as MailData;
  return letterOf({ ...WORDS, ...words }, { data: whole, appName: 'Example', language });
}

describe('a mail in words', () => {
  it('is filled with the address, the name of the app, and what its sender gave', () => {
    const { subject, what } = letter({}, { thing: 'nothing {email} $& {app}' });
    // What is filled in is not filled again.
    expect([subject, what]).to.deep.equal(['To ada@example.com', 'Example says nothing {email} $& {app}.']);
  });

  it('lets nothing that is given stand for the address or the app', () => {
    const { subject, what } = letter({}, { email: 'evil@example.com', app: 'Evil', thing: 'this' });
    expect([subject, what]).to.deep.equal(['To ada@example.com', 'Example says this.']);
  });

  it('says nothing in place of what is not known, of objects and of what every object has', () => {
    for (const thing of [undefined, null, {}, ['a'], () => 'a']) {
      expect(letter({}, { thing }).what).to.equal('Example says .');
    }
    expect(letter({ what: '{constructor}{__proto__}{user}' }).what).to.equal('');
  });

  it('tells how long the link works in minutes, hours and days', () => {
    const words = { what: '{minutes} {hours} {days}', button: 'Open', purpose: 'For {email}:' };
    const { what, link } = letter(words, { url: 'https://a.example', expiresInMinutes: 2880 });
    expect(what).to.equal('2880 48 2');
    expect(link).to.deep.equal({
      url: 'https://a.example',
      button: 'Open',
      purpose: 'For ada@example.com:',
    });
  });

  it('has no link without one, and a button of its subject where it has no words for it', () => {
    expect(letter({ button: 'Open' })).to.not.have.property('link');
    expect(letter({}, { url: 'https://a.example' }).link?.button).to.equal('To ada@example.com');
  });

  it('has a code where it has words for one, and only then', () => {
    expect(letter({ code: 'Type:' }, { code: '123456' }).code).to.deep.equal({
      value: '123456',
      says: 'Type:',
    });
    expect(letter({ code: 'Type:' })).to.not.have.property('code');
    expect(letter({}, { code: '123456' })).to.not.have.property('code');
  });

  it('leaves out the notes whose values are not known', () => {
    const notes = ['When: {when}', 'Device: {device}', 'Number: {number}', 'Always.'];
    expect(letter({ notes }, { device: null, number: 0 }).notes).to.deep.equal(['Number: 0', 'Always.']);
    expect(letter({}).notes).to.deep.equal([]);
  });

  it('tells times in UTC, as the language has it', () => {
    const when = new Date('2026-11-29T23:05:00Z');
    // Some versions of ICU have spaces of their own.
    const told = (language: string) =>
      letter({ what: '{when}' }, { when }, language).what.replace(/\s/g, ' ');
    expect(told('en')).to.match(/^November 29, 2026(,| at) 23:05 UTC$/);
    expect(told('fr')).to.match(/^29 novembre 2026(,| à) 23:05 UTC$/);
  });
});
