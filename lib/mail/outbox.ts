import { checkKnown } from '../config/checks.js';
import type { MailContent, MailOptions } from '../config/mail.js';
import { concealCredentials } from '../models/conceal-credentials.js';
import type { Stores } from '../models/stores.js';
import type { UserDocument, UserId } from '../models/user.js';
import type { Background } from '../runtime/background.js';
import type { Logger } from '../runtime/logger.js';
import { createOneTimeSecret } from '../security/one-time-secret.js';
import { concealSecret } from './conceal-secret.js';
import type { LinkKind, MailData, MailKind } from './mail-kind.js';
import { createMailer } from './mailer.js';

/**
 * Whom a mail is for: an enabled user, by the stored address and never by the one typed. Two that look alike need not be
 * the same mailbox (GHSA-7rqj-j65f-68wh).
 */
export interface Recipient {
  id: UserId;
  email: string;
}

/** A mail that could not be sent. The secret of its link is in none of it. */
export interface MailFailure {
  userId: string;
  to: string;
  mail: string;
  error: unknown;
}

export interface Outbox {
  /**
   * Sends a mail, off the request's path. What fails is logged, and told as `mail.failed`.
   *
   * @param mail the name that a feature gave it in its `mails`
   * @param data what the template gets beside the user and the link
   */
  send(recipient: Recipient, mail: string, data?: Readonly<Record<string, unknown>>): void;
  /** What a link is bound to, and how long it lives. @throws Error for a mail that has none */
  link(mail: string): LinkKind;
  /** What is missing for mails with links to go out: an operator is told at the start. */
  missing(): string[];
}

interface OutboxParts extends Pick<Stores, 'users' | 'oneTimeTokens'> {
  kinds: ReadonlyMap<string, MailKind>;
  mail: MailOptions | undefined;
  appUrl: string | undefined;
  links: Readonly<Record<string, string>>;
  templates: Readonly<Record<string, (data: never) => unknown>>;
  background: Background;
  logger: Logger;
  now(): Date;
  /** Never rejects. */
  onFailure(failure: MailFailure): Promise<void>;
}

/** What a link is made of. */
interface LinkParts {
  secret: { secret: string; hash: string };
  /** Where it is mailed to. */
  address: string;
  data: Readonly<Record<string, unknown>>;
}

/** @throws TypeError for a template or a link of a mail that no feature sends */
export function createOutbox(parts: OutboxParts): Outbox {
  const { kinds, appUrl, links, templates, background, logger } = parts;
  const mailer = parts.mail && createMailer(parts.mail);
  const names = [...kinds.keys()];
  checkKnown(templates, names, 'templates');
  checkKnown(
    links,
    names.filter((mail) => kinds.get(mail)?.link),
    'links',
  );

  const linkOf = (mail: string): LinkKind => {
    const link = kinds.get(mail)?.link;
    if (!link) throw new Error(`no feature sends a mail ${mail} with a link`);
    return link;
  };

  const baseOf = (mail: string) => links[mail] ?? (appUrl && `${appUrl}${linkOf(mail).path}`);

  const report = async ({ id, email }: Recipient, mail: string, error: unknown) => {
    logger.error?.(`the mail ${mail} could not be sent`, { error });
    await parts.onFailure({ userId: String(id), to: email, mail, error });
  };

  /** Whether the mail's turn has come again: of many at once it has for one. */
  const isDue = (user: UserDocument, mail: string, hash: string, minutes: number) => {
    const expiresAt = new Date(parts.now().getTime() + minutes * 60_000);
    const token = { purpose: mail, user: user._id, email: user.email, stamp: '', hash, expiresAt };
    return parts.oneTimeTokens.add(token, parts.now(), { atMost: 1 });
  };

  /** The link as it will be in the mail, valid from now on; undefined where as many are live as may be. */
  const makeLink = async (user: UserDocument, mail: string, { secret, address, data }: LinkParts) => {
    const { expiresInMinutes, boundTo } = linkOf(mail);
    const expiresAt = new Date(parts.now().getTime() + expiresInMinutes * 60_000);
    const bound = { email: address, stamp: boundTo(user, data), hash: secret.hash, expiresAt };
    const row = { purpose: mail, user: user._id, ...bound };
    const isLive = await parts.oneTimeTokens.add(row, parts.now(), {
      sideBySide: kinds.get(mail)?.toGivenAddress,
    });
    if (!isLive) return undefined;
    return { url: withToken(baseOf(mail) as string, secret.secret), expiresInMinutes };
  };

  const deliver = async (
    recipient: Recipient,
    mail: string,
    data: Readonly<Record<string, unknown>>,
  ): Promise<void> => {
    const kind = kinds.get(mail);
    const secret = createOneTimeSecret();
    try {
      if (!kind) throw new Error(`no feature sends a mail ${mail}`);
      if (!mailer || (kind.link && !baseOf(mail)))
        throw new Error('no mail is configured: set mail and appUrl (SMTP_URL, MAIL_FROM, AUTH_APP_URL)');
      const user = await parts.users.findById(recipient.id);
      if (!user || user.disabledAt) return;
      const address = kind.toGivenAddress ? recipient.email : user.email;
      const link = kind.link && (await makeLink(user, mail, { secret, address, data }));
      if (kind.link && !link) return;
      if (kind.onceInMinutes && !(await isDue(user, mail, secret.hash, kind.onceInMinutes))) return;
      concealCredentials(user);
      const template = (templates[mail] ?? kind.template) as (data: MailData) => MailContent;
      const content = await template({ ...data, ...link, user });
      await mailer.send(address, content);
    } catch (error) {
      await report(recipient, mail, concealSecret(error, secret.secret));
      // The mail may have come all the same; if not, it takes no place from the next one.
      if (kind?.link || kind?.onceInMinutes) await parts.oneTimeTokens.giveWay(secret.hash);
    }
  };

  return {
    send(recipient, mail, data = {}) {
      const begun = background.run(() => deliver(recipient, mail, data));
      if (!begun) void report(recipient, mail, new Error('too many mails are waiting'));
    },
    link: linkOf,
    missing() {
      const withLink = [...kinds].filter(([, { link, isOff }]) => link && !isOff).map(([mail]) => mail);
      return [
        !mailer && 'mail (SMTP_URL, MAIL_FROM)',
        !withLink.every(baseOf) && 'appUrl (AUTH_APP_URL)',
      ].filter((name) => name !== false);
    },
  };
}

function withToken(link: string, token: string): string {
  const url = new URL(link);
  url.searchParams.set('token', token);
  return url.href;
}
