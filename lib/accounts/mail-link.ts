import { inspect } from 'node:util';
import type { MailTemplates } from '../config/options.js';
import type { Kit } from '../kit.js';
import type { UserDocument, UserId } from '../models/user-store.js';
import { createOneTimeSecret } from '../security/one-time-secret.js';

/** A mail with a link that works once. */
export interface LinkMail {
  /** The name of its template and of its link. */
  mail: keyof MailTemplates;
  /** What the token in the link is for. */
  purpose: string;
  expiresInMinutes: number;
  /** What the token is bound to, beside the address. */
  stampOf(user: UserDocument): string;
}

/**
 * Whom it is for: an enabled user, by the stored address and never by the one typed. Two that look alike need not be the
 * same mailbox (GHSA-7rqj-j65f-68wh).
 */
export interface Recipient {
  id: UserId;
  email: string;
}

/** Makes the link and mails it, off the request's path. What fails is logged, and told as `mail.failed`. */
export function mailLink(kit: Kit, recipient: Recipient, link: LinkMail): void {
  const begun = kit.background.run(() => deliver(kit, recipient, link));
  if (!begun) reportFailure(kit, recipient, link, new Error('too many mails are waiting'));
}

async function deliver(kit: Kit, recipient: Recipient, { stampOf, ...link }: LinkMail): Promise<void> {
  const { secret, hash } = createOneTimeSecret();
  try {
    const base = kit.settings.links[link.mail];
    if (!kit.mailer || !base)
      throw new Error('no mail is configured: set mail and appUrl (SMTP_URL, MAIL_FROM, AUTH_APP_URL)');
    const user = await kit.users.findById(recipient.id);
    if (!user || user.disabledAt) return;
    const { email, displayName } = user;
    // A schema may have a name of another type.
    const name = typeof user.name === 'string' ? user.name : null;
    const expiresAt = new Date(kit.now().getTime() + link.expiresInMinutes * 60_000);
    const { purpose } = link;
    await kit.oneTimeTokens.replace({
      purpose,
      user: user._id,
      email,
      stamp: stampOf(user),
      hash,
      expiresAt,
    });
    const content = await kit.templates[link.mail]({
      user: { email, name, displayName },
      url: withToken(base, secret),
      expiresInMinutes: link.expiresInMinutes,
    });
    // Asked for twice at once, the later token has replaced this one: a mail with it could come last and not work.
    if (await kit.oneTimeTokens.find(purpose, hash, kit.now())) await kit.mailer.send(email, content);
  } catch (error) {
    reportFailure(kit, recipient, link, withoutSecret(error, secret));
  }
}

function reportFailure(
  kit: Kit,
  { id, email }: Recipient,
  { mail }: Pick<LinkMail, 'mail'>,
  error: unknown,
): void {
  kit.logger.error?.(`the mail ${mail} could not be sent`, { error });
  kit.events.emit('mail.failed', { userId: String(id), to: email, mail, error });
}

/** Mail servers quote what they refuse, and with it the link: who reads a log is not to have it. */
function withoutSecret(error: unknown, secret: string): unknown {
  // Half of it too: a server may quote a line of the mail, which ends where a line ends.
  const parts = [secret, secret.slice(0, secret.length / 2), secret.slice(secret.length / 2)];
  const told = inspect(error, { depth: null, showHidden: true, maxStringLength: null });
  if (!parts.some((part) => told.includes(part))) return error;
  const { message = told, code, responseCode, command } = Object(error);
  const redacted = parts.reduce((text, part) => text.replaceAll(part, '[link]'), String(message));
  return Object.assign(new Error(redacted), { code, responseCode, command });
}

function withToken(link: string, token: string): string {
  const url = new URL(link);
  url.searchParams.set('token', token);
  return url.href;
}
