import { once } from 'node:events';
import type { AddressInfo, Server } from 'node:net';
import { simpleParser } from 'mailparser';
import { SMTPServer } from 'smtp-server';

/** A mail server that outlives the processes which send by it. */
export interface Mailbox {
  /** For the option `mail.transport`. */
  transport: string;
  close(): void;
}

const LINKS = [
  { kind: 'reset', path: '/password/reset' },
  { kind: 'confirmEmail', path: '/change-email/confirm' },
] as const;

/** @param onLink called with each link of the two kinds that comes by mail */
export async function startMailbox(
  onLink: (link: { kind: (typeof LINKS)[number]['kind']; to: string; token: string }) => void,
): Promise<Mailbox> {
  const smtp = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onData(stream, { envelope }, done) {
      simpleParser(stream).then(({ text = '' }) => {
        const to = envelope.rcptTo.map(({ address }) => address).join();
        for (const [, path, token = ''] of text.matchAll(
          /https:\/\/app\.example\.com(\/[\w/-]+)\?token=([\w-]+)/g,
        )) {
          const kind = LINKS.find((each) => each.path === path)?.kind;
          if (kind) onLink({ kind, to, token });
        }
        done();
      }, done);
    },
  });
  // A process that is killed in the middle of a mail.
  smtp.on('error', () => {});
  await once(smtp.listen(0, '127.0.0.1'), 'listening');
  const { port } = (smtp.server as Server).address() as AddressInfo;
  return { transport: `smtp://127.0.0.1:${port}?ignoreTLS=true`, close: () => smtp.close(() => {}) };
}
