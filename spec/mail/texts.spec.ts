import { expect } from 'chai';
import { createCompose } from '../../lib/mail/compose.js';
import type { MailData, MailKind } from '../../lib/mail/mail-kind.js';
import { TEXTS } from '../../lib/mail/texts.js';

const URL_ = 'https://app.example.com/password/reset?lang=en&token=abc_DEF-123';
const kinds = new Map<string, MailKind>(
  Object.entries(TEXTS).map(([mail, template]) => [mail, { template }]),
);
const compose = createCompose({ kinds, templates: {} });

/** A mail to somebody whose name somebody else has chosen. */
function mailOf(mail: keyof typeof TEXTS, data: object = {}, email = 'jean@example.com') {
  const name = 'Your account is blocked, call +33 1 23';
  const user = { email, name, displayName: name, get: () => undefined };
  return compose(mail, { user, ...data } as unknown as MailData);
}
const linked = (expiresInMinutes: number) => ({ url: URL_, expiresInMinutes });

describe('the words of the kit’s mails', () => {
  const when = new Date('2026-11-29T04:05:00Z');
  const wanted = `o'neil&<b>@example.com`;
  const written: [mail: keyof typeof TEXTS, data: object, subject: string, said: string[]][] = [
    [
      'passwordReset',
      linked(30),
      'Reset your password',
      ['the account jean@example.com', 'within 30 minutes', 'If it was not you'],
    ],
    [
      'verifyEmail',
      linked(1440),
      'Confirm your email address',
      ['the address jean@example.com', 'within 24 hours', 'Not you? Do not confirm'],
    ],
    ['alreadyRegistered', {}, 'You already have an account', ['jean@example.com', 'nothing has changed']],
    [
      'changeEmail',
      { ...linked(1440), wanted: 'new@example.com' },
      'Confirm your new email address',
      ['the address new@example.com', 'within 24 hours', 'Not you? Do not confirm'],
    ],
    [
      'undoEmailChange',
      { ...linked(7 * 1440), wanted: 'new@example.com' },
      'Your email address is to be changed',
      ['to new@example.com', 'works for 7 days', 'ends all sessions'],
    ],
    [
      'emailInUse',
      {},
      'Somebody wanted to use your email address',
      ['the address jean@example.com', 'Nothing has changed'],
    ],
    [
      'passwordChanged',
      { when, device: 'Firefox on Linux', ip: '203.0.113.7', reason: 'reset' },
      'Your password was changed',
      [
        'the account jean@example.com',
        '29, 2026',
        '04:05 UTC',
        'Firefox on Linux',
        '203.0.113.7',
        'If it was not',
      ],
    ],
    [
      'emailChanged',
      { when, device: null, ip: null, former: 'jean@example.com', wanted: 'new@example.com', days: 7 },
      'Your email address was changed',
      ['from jean@example.com to new@example.com', 'works for 7 days', 'If it was not you, undo it'],
    ],
    [
      'newEmail',
      {
        when,
        device: null,
        ip: '203.0.113.7',
        former: 'jean@example.com',
        wanted: 'new@example.com',
        days: 7,
      },
      'Your new email address is in force',
      ['is new@example.com now', '203.0.113.7'],
    ],
    [
      'passwordGuessed',
      { when, device: null, ip: '203.0.113.7' },
      'Somebody is trying to sign in to your account',
      ['the account jean@example.com', '203.0.113.7', 'nobody got in this way', 'choose a new password'],
    ],
    [
      'newSignIn',
      { when, device: 'Safari on iOS', ip: '203.0.113.7' },
      'New sign-in to your account',
      ['the account jean@example.com', 'Safari on iOS', 'change the password at once'],
    ],
  ];

  it('are those of all mails', () => {
    expect(written.map(([mail]) => mail)).to.have.members(Object.keys(TEXTS));
  });

  for (const [mail, data, subject, said] of written) {
    it(`say in ${mail} what has happened, and what to do, in text and in HTML`, async () => {
      const content = await mailOf(mail, data);
      expect(content.subject).to.equal(subject);
      for (const body of [content.text, content.html]) {
        for (const words of said) expect(body).to.include(words);
        // Every value is known, and the name is nowhere.
        expect(body).to.not.match(/\{\w+\}|undefined|NaN|blocked|\+33/);
      }
      if ('url' in data) expect(content.text.split('\n')).to.include(URL_);
      else expect(content.text).to.not.include('http');
    });
  }

  it('name no other address of the account to the one it wants', async () => {
    const { text, html } = await mailOf('changeEmail', { ...linked(1440), wanted });
    expect(`${text}${html}`).to.not.include('jean@');
    expect(text).to.include(wanted);
    expect(html).to.include('o&#39;neil&amp;&lt;b&gt;@example.com').and.not.include('<b>');
  });

  it('say nothing in place of what a notice does not know', async () => {
    for (const mail of ['passwordChanged', 'emailChanged', 'newEmail', 'newSignIn'] as const) {
      const { text, html } = await mailOf(mail, { when, device: null, ip: null, days: 7 });
      expect(`${text}${html}`, mail)
        .to.include('When:')
        .and.not.match(/Device:|IP address:|null/);
    }
  });

  it('escape the address', async () => {
    const { text, html } = await mailOf('passwordReset', linked(30), wanted);
    expect(text).to.include(wanted);
    expect(html).to.include('o&#39;neil&amp;&lt;b&gt;@example.com').and.not.include('<b>');
  });
});
