import { createMailbox, type Mailbox } from 'express-auth-kit/testing';
import type { Config } from './config.js';

/** How many mails are kept. */
const LIMIT = 100;

/** Where mails are caught instead of sent: only without `SMTP_URL`, and never where strangers are. */
export function mailboxFor({ production, auth }: Pick<Config, 'production' | 'auth'>): Mailbox | undefined {
  return production || auth.mail?.transport ? undefined : createBoundedMailbox();
}

/** As the mailbox for tests, but it forgets the oldest mails: nobody clears it. */
export function createBoundedMailbox(limit = LIMIT): Mailbox {
  const mailbox = createMailbox();
  const { transport, messages } = mailbox;
  return {
    ...mailbox,
    transport: {
      ...transport,
      send(mail, callback) {
        transport.send(mail, (error, info) => {
          messages.splice(0, messages.length - limit);
          callback(error, info);
        });
      },
    },
  };
}
