import { expect } from 'chai';
import { createMailbox } from 'express-auth-kit/testing';
import nodemailer from 'nodemailer';
import { createMailer } from '../../lib/mail/mailer.js';
import { createTestApp } from '../support/test-app.js';

const CONTENT = { subject: 'Hello', text: 'Plain', html: '<p>Rich</p>' };

describe('the test mailbox', () => {
  it('catches what the kit mails, oldest first', async () => {
    const { transport, messages } = createMailbox();
    const mailer = createMailer({ transport, from: 'App <app@example.com>' });
    await mailer.send('one@example.com', CONTENT);
    await mailer.send('two@example.com', { ...CONTENT, subject: 'Again' });
    expect(messages).to.deep.equal([
      { to: 'one@example.com', ...CONTENT },
      { to: 'two@example.com', ...CONTENT, subject: 'Again' },
    ]);
  });

  it('can be cleared, and goes on catching into the same array', async () => {
    const mailbox = createMailbox();
    const { messages } = mailbox;
    const mailer = createMailer({ transport: mailbox.transport, from: 'App <app@example.com>' });
    await mailer.send('one@example.com', CONTENT);
    mailbox.clear();
    expect(messages).to.deep.equal([]);
    await mailer.send('two@example.com', CONTENT);
    expect(mailbox.messages).to.equal(messages).and.have.length(1);
  });

  it('catches the app’s own mails: several recipients, copies, no HTML', async () => {
    const { transport, messages } = createMailbox();
    const sent = await nodemailer.createTransport(transport).sendMail({
      from: 'app@example.com',
      to: 'One <one@example.com>, two@example.com',
      bcc: 'three@example.com',
      subject: 'News',
      text: 'Plain',
    });
    expect(messages).to.deep.equal([
      { to: 'one@example.com, two@example.com, three@example.com', subject: 'News', text: 'Plain', html: '' },
    ]);
    expect(sent).to.deep.include({
      envelope: { from: 'app@example.com', to: ['one@example.com', 'two@example.com', 'three@example.com'] },
    });
    expect((sent as { messageId: string }).messageId).to.match(/^<.+@example\.com>$/);
  });

  it('keeps boxes apart', async () => {
    const [one, other] = [createMailbox(), createMailbox()];
    await createMailer({ transport: one.transport, from: 'a@example.com' }).send('b@example.com', CONTENT);
    expect([one.messages.length, other.messages.length]).to.deep.equal([1, 0]);
  });

  it('has the recovery mail of an app, when its work has settled', async () => {
    const app = await createTestApp();
    try {
      const { email } = await app.register();
      await app.http.post('/auth/forgot-password').send({ email }).expect(202);
      await app.auth.service.settled();
      const [mail, ...others] = app.mailbox.messages;
      expect(others).to.deep.equal([]);
      expect(mail).to.include({ to: email, subject: 'Reset your password' });
      expect(mail?.text).to.match(/https:\/\/app\.example\.com\/password\/reset\?token=[\w-]{43}/);
    } finally {
      await app.close();
    }
  });
});
