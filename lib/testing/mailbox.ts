import type { Transport } from 'nodemailer';

/** A mail as its reader would see it. */
export interface CaughtMail {
  /** The envelope's recipients, comma-separated. */
  to: string;
  subject: string;
  text: string;
  html: string;
}

export interface Mailbox {
  /** For the `mail` option: `{ transport: mailbox.transport, from: 'App <app@example.com>' }`. */
  transport: Transport;
  /** Oldest first. */
  messages: CaughtMail[];
  clear(): void;
}

/**
 * A nodemailer transport that catches mails instead of sending them. Mails are sent off the request's path:
 * `await router.service.settled()` before looking into the mailbox.
 *
 * @example
 * const mailbox = createMailbox();
 * const auth = createAuthRouter({ mail: { transport: mailbox.transport, from: 'App <app@example.com>' } });
 */
export function createMailbox(): Mailbox {
  const messages: CaughtMail[] = [];
  const transport: Transport = {
    name: 'mailbox',
    version: '1',
    send(mail, callback) {
      const envelope = mail.message.getEnvelope();
      const { subject, text, html } = mail.data;
      const to = [envelope.to].flat().join(', ');
      messages.push({
        to,
        subject: String(subject ?? ''),
        text: String(text ?? ''),
        html: String(html ?? ''),
      });
      callback(null, { envelope, messageId: mail.message.messageId() } as never);
    },
  };
  return {
    transport,
    messages,
    clear() {
      messages.length = 0;
    },
  };
}
