import { expect } from 'chai';
import { escapeHtml } from 'express-auth-kit';
import {
  alreadyRegistered,
  changeEmail,
  emailInUse,
  passwordReset,
  undoEmailChange,
  verifyEmail,
} from '../../lib/mail/templates.js';

const URL_ = 'https://app.example.com/password/reset?lang=en&token=abc_DEF-123';

function mailFor(
  user: Partial<{ email: string; name: string | null; displayName: string }> = {},
  url = URL_,
) {
  const whole = { email: 'jean@example.com', name: null, displayName: 'jean@example.com', ...user };
  return passwordReset({ user: whole, url, expiresInMinutes: 30, acceptLanguage: null });
}

describe('the recovery mail', () => {
  it('has a subject of one line, a text and an HTML body', async () => {
    const { subject, text, html } = await mailFor();
    expect(subject).to.equal('Reset your password');
    expect(text).to.include('jean@example.com').and.include('30 minutes').and.include('If it was not you');
    expect(html).to.include('jean@example.com').and.include('30 minutes').and.include('If it was not you');
    expect(html)
      .to.match(/^<!doctype html>/)
      .and.include('<html lang="en">')
      .and.include('charset="utf-8"');
  });

  it('has the link on a line of its own, to be clicked and to be copied', async () => {
    const { text, html } = await mailFor();
    const escaped = URL_.replace('&', '&amp;');
    expect(text.split('\n')).to.include(URL_);
    expect(html).to.include(`<a href="${escaped}">Choose a new password</a>`);
    expect(html).to.include(`<br>${escaped}</p>`);
  });

  it('never repeats the name: who registers somebody else’s address chooses it', async () => {
    const name = 'Your account is blocked, call +33 1 23';
    const mail = await mailFor({ name, displayName: name });
    expect(JSON.stringify(mail)).to.not.include('blocked').and.not.include('+33 1 23');
  });

  it('escapes the address and the link in HTML, and leaves the text as it is', async () => {
    const url = 'https://app.example.com/?next="><script>alert(1)</script>&token=t';
    const { text, html } = await mailFor({ email: `o'neil&<b>@example.com` }, url);
    expect(html).to.include('o&#39;neil&amp;&lt;b&gt;@example.com');
    expect(html).to.include(
      'href="https://app.example.com/?next=&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;&amp;',
    );
    expect(html).to.not.include('<script').and.not.include('<b>');
    expect(text).to.include(`o'neil&<b>@example.com`).and.include(url);
  });

  it('loads nothing from anywhere', async () => {
    const { html } = await mailFor();
    expect(html).to.not.match(/<(img|link|script|iframe|style)|url\(/i);
  });
});

describe('the verification mail', () => {
  const user = { email: `o'neil&<b>@example.com`, name: 'Call +33', displayName: 'Call +33' };
  const mail = verifyEmail({ user, url: URL_, expiresInMinutes: 1440, acceptLanguage: null });

  it('names the address, warns who did not register, and has the link', () => {
    expect(mail.subject).to.equal('Confirm your email address');
    for (const body of [mail.text, mail.html]) {
      expect(body).to.include('within 24 hours').and.include('Not you? Do not confirm');
      expect(body).to.not.include('+33');
    }
    expect(mail.text.split('\n')).to.include(URL_);
    expect(mail.text).to.include(user.email);
    expect(mail.html).to.include('o&#39;neil&amp;&lt;b&gt;@example.com').and.not.include('<b>');
    expect(mail.html).to.include(`<a href="${URL_.replace('&', '&amp;')}">Confirm the address</a>`);
  });
});

describe('the mail about a second registration', () => {
  const user = { email: 'jean@example.com', name: 'Call +33', displayName: 'Call +33' };
  const mail = alreadyRegistered({ user, acceptLanguage: null });

  it('says what happened, and has no link', () => {
    expect(mail.subject).to.equal('You already have an account');
    for (const body of [mail.text, mail.html]) {
      expect(body).to.include('jean@example.com').and.include('nothing has changed');
      expect(body).to.not.match(/\+33|https?:|undefined/);
    }
  });
});

describe('the mails about another address', () => {
  const user = { email: 'jean@example.com', name: 'Call +33', displayName: 'Call +33' };
  const wanted = `o'neil&<b>@example.com`;
  const given = { user, wanted, url: URL_, acceptLanguage: null };

  it('go to the new one with a link that confirms, and name no other address of the account', () => {
    const mail = changeEmail({ ...given, expiresInMinutes: 1440 });
    expect(mail.subject).to.equal('Confirm your new email address');
    for (const body of [mail.text, mail.html]) {
      expect(body).to.include('within 24 hours').and.include('Not you? Do not confirm');
      expect(body).to.not.match(/\+33|jean@/);
    }
    expect(mail.html).to.include('o&#39;neil&amp;&lt;b&gt;@example.com').and.not.include('<b>');
    expect(mail.text.split('\n')).to.include(URL_);
  });

  it('go to the old one with a link that undoes, and say what that does', () => {
    const mail = undoEmailChange({ ...given, expiresInMinutes: 7 * 1440 });
    expect(mail.subject).to.equal('Your email address is to be changed');
    for (const body of [mail.text, mail.html]) {
      expect(body).to.include('works for 7 days').and.include('ends all sessions').and.not.include('+33');
    }
    expect(mail.text).to.include(wanted);
    expect(mail.text.split('\n')).to.include(URL_);
  });

  it('tell the holder of the address, without a link', () => {
    const mail = emailInUse({ user, acceptLanguage: null });
    expect(mail.subject).to.equal('Somebody wanted to use your email address');
    for (const body of [mail.text, mail.html]) {
      expect(body).to.include('jean@example.com').and.include('Nothing has changed');
      expect(body).to.not.match(/\+33|https?:|undefined/);
    }
  });
});

describe('escapeHtml', () => {
  it('escapes the five characters, each time they come', () => {
    expect(escapeHtml(`<a href="x" title='y'>&amp;</a>`)).to.equal(
      '&lt;a href=&quot;x&quot; title=&#39;y&#39;&gt;&amp;amp;&lt;/a&gt;',
    );
  });

  it('leaves everything else as it is', () => {
    expect(escapeHtml('Jean \u00c9lodie \u{1f600} `$&` \n')).to.equal(
      'Jean \u00c9lodie \u{1f600} `$&amp;` \n',
    );
    expect(escapeHtml('')).to.equal('');
  });
});
