import { getSystemErrorName } from 'node:util';
import type { Transporter } from 'nodemailer';
import type { MailContent, MailOptions, MailTransport } from '../config/mail.js';
import { withDeadline } from '../runtime/deadline.js';

/** nodemailer would wait two minutes for a connection. In milliseconds. */
const TIMEOUTS = { connectionTimeout: 5000, greetingTimeout: 5000, socketTimeout: 10_000, dnsTimeout: 5000 };

/** For a whole mail, by whichever transport: those that are given ready-made have timeouts of their own, or none. */
const DEADLINE = 20_000;

/** A mail that was not written in time, or not taken by the server or the transport, or not in time: it may be sent later. */
export class MailNotSent extends Error {
  override name = 'MailNotSent';
  code: unknown;
  responseCode: unknown;
  /** It was not said in time what became of it: it may have been taken. */
  mayHaveCome: boolean;

  constructor(
    message: string,
    {
      code,
      responseCode,
      mayHaveCome = false,
    }: Partial<Pick<MailNotSent, 'code' | 'responseCode' | 'mayHaveCome'>> = {},
  ) {
    super(message);
    Object.assign(this, { code, responseCode });
    this.mayHaveCome = mayHaveCome;
  }

  /** The server has answered that it will never take it (RFC 5321 section 4.2.1). */
  get isFinal(): boolean {
    return typeof this.responseCode === 'number' && this.responseCode >= 500;
  }
}

export interface Mailer {
  /** @throws MailNotSent with the `code` and the `responseCode` of what the transport throws: its words quote the mail */
  send(to: string, content: MailContent): Promise<void>;
  /**
   * Lets go of connections that a pool keeps: until they time out they keep the process alive. A later mail opens others.
   * What the app has made itself, a transporter or a plugin, is the app's to close.
   */
  close(): Promise<void>;
}

export function createMailer({ transport, from }: MailOptions): Mailer {
  let transporter: Promise<Transporter> | undefined;
  return {
    async send(to, { subject, text, html }) {
      transporter ??= createTransporter(transport);
      // As an object an address is taken as it is; a string would be split at commas and semicolons.
      const recipient = { name: '', address: to };
      const sending = (await transporter).sendMail({
        from,
        to: recipient,
        envelope: { from, to: [recipient] as unknown as string[] },
        subject,
        text,
        html,
        // RFC 3834 section 5: no vacation notices in reply.
        headers: { 'Auto-Submitted': 'auto-generated' },
        // What a template returns is text, never a path or a URL to fetch.
        disableFileAccess: true,
        disableUrlAccess: true,
      });
      const late = () =>
        new MailNotSent(`the mail was not sent within ${DEADLINE} ms`, { mayHaveCome: true });
      await withDeadline(sending.catch(rethrowWithoutWords), DEADLINE, late);
    },
    async close() {
      const opened = await transporter?.catch(() => undefined);
      transporter = undefined;
      if (!isReadyMade(transport)) opened?.close();
    },
  };
}

/** Mail servers quote what they refuse, and with it a link or a code: nobody who reads a log is to have it. */
function rethrowWithoutWords(error: unknown): never {
  const { code, responseCode, errno, timeoutType } = Object(error) as Record<string, unknown>;
  const system = typeof errno === 'number' && errno < 0 ? getSystemErrorName(errno) : undefined;
  const told = [code, responseCode, system].filter((each) => each !== undefined).join(', ');
  throw new MailNotSent(`the mail server or transport failed${told && `: ${told}`}`, {
    code,
    responseCode,
    // Silent in the middle, perhaps when it had all of it; not before it was greeted.
    mayHaveCome: timeoutType === 'SOCKET_TIMEOUT',
  });
}

/** Loads nodemailer with the first mail: a tenth of a second that no start waits for. */
async function createTransporter(transport: MailTransport): Promise<Transporter> {
  const { default: nodemailer } = await import('nodemailer');
  if (typeof transport === 'string') return nodemailer.createTransport(withTimeouts(transport));
  if ('sendMail' in transport) return transport as Transporter;
  if (isReadyMade(transport)) return nodemailer.createTransport(transport as never);
  return nodemailer.createTransport({ ...TIMEOUTS, ...transport } as never);
}

/** A transporter or a plugin, and not the address or the options of a mail server. */
function isReadyMade(transport: MailTransport): boolean {
  return typeof transport !== 'string' && ('sendMail' in transport || 'send' in transport);
}

/** nodemailer reads options from the query of an SMTP URL; those that are there stay. */
function withTimeouts(smtpUrl: string): string {
  const url = new URL(smtpUrl);
  for (const [name, value] of Object.entries(TIMEOUTS)) {
    if (!url.searchParams.has(name)) url.searchParams.set(name, String(value));
  }
  return url.href;
}
