import { expect } from 'chai';
import nodemailer from 'nodemailer';
import { createBoundedMailbox, mailboxFor } from '../../example-app/mailbox.js';
import { mailboxPage } from '../../example-app/pages/mailbox.js';

describe("the example app's mailbox", () => {
  it('is there without SMTP alone, and never in production', () => {
    const smtp = { mail: { transport: 'smtp://127.0.0.1' } };
    expect(mailboxFor({ production: false, auth: {} })).to.have.property('transport');
    expect(mailboxFor({ production: false, auth: smtp })).to.equal(undefined);
    expect(mailboxFor({ production: true, auth: {} })).to.equal(undefined);
    expect(mailboxFor({ production: true, auth: smtp })).to.equal(undefined);
  });

  it('forgets the oldest mails', async () => {
    const mailbox = createBoundedMailbox(3);
    const transporter = nodemailer.createTransport(mailbox.transport);
    for (const subject of ['1', '2', '3', '4', '5']) {
      await transporter.sendMail({ from: 'a@example.com', to: 'b@example.com', subject, text: '' });
    }
    expect(mailbox.messages.map(({ subject }) => subject)).to.deep.equal(['3', '4', '5']);
  });

  it('shows a hostile mail as text, and as a document that cannot leave its frame', () => {
    const attack = `"></iframe></pre><script>alert(1)</script>'`;
    const { text } = mailboxPage([
      { to: attack, subject: attack, text: `${attack} javascript:x`, html: attack },
    ]);
    expect(text).to.not.include('<script').and.not.include('href="javascript:');
    expect(text.match(/<\/iframe>/g)).to.have.length(1);
    expect(text.match(/<\/pre>/g)).to.have.length(1);
    const frame = /<iframe[^>]*srcdoc="([^"]*)"><\/iframe>/.exec(text)?.[1];
    expect(frame).to.include('&quot;&gt;&lt;/iframe&gt;');
  });
});
