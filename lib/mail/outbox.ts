import { randomUUID } from 'node:crypto';
import { checkKnown } from '../config/checks.js';
import type { MailOptions } from '../config/mail.js';
import { hasStamps } from '../models/conceal-credentials.js';
import type { Stores } from '../models/stores.js';
import type { UserDocument } from '../models/user.js';
import type { Background } from '../runtime/background.js';
import type { Logger } from '../runtime/logger.js';
import { createCompose } from './compose.js';
import { createDelivery } from './delivery.js';
import type { LinkKind, MailKind } from './mail-kind.js';
import { createMailer } from './mailer.js';
import { createOutboxWorker, type MailFailure } from './outbox-worker.js';

/** Whom a mail is for, where that is not simply a user. */
export interface Recipient {
  /** Undefined where nobody has the address: the same is done before the answer, and no mail goes out. */
  user: UserDocument | undefined;
  /**
   * What was typed, normalised. A mail goes to the stored address (GHSA-7rqj-j65f-68wh), unless its kind says
   * `toGivenAddress`.
   */
  address: string;
}

type MailDetails = Readonly<Record<string, unknown>>;

export interface Outbox {
  /**
   * Lets a mail to a user wait for its turn, which comes a moment later and has nothing to do with the request: a row is
   * written, and whichever process looks next makes the link and sends it. What fails for good is logged, and told as
   * `mail.failed`.
   *
   * @param mail the name that a feature gave it in its `mails`
   * @param data what the template gets beside the user and the link: it waits in the database, so no secret
   * @throws Unavailable (`unavailable`, 503)
   *
   * @example
   * await kit.outbox.send(user, 'deviceAdded', { device: 'Firefox on Windows' });
   */
  send(user: UserDocument, mail: string, data?: MailDetails): Promise<void>;
  /** The same to another address, or to one that may be nobody's. */
  sendTo(recipient: Recipient, mail: string, data?: MailDetails): Promise<void>;
  /** What a link is bound to, and how long it lives. @throws Error for a mail that has none */
  link(mail: string): LinkKind;
  /** What is missing for mails with links to go out: an operator is told at the start. */
  missing(): string[];
  /** Looks for mails to be sent from now on, every second or so, whichever process wrote them. */
  start(): void;
  /** Sends those of this router that are due. */
  settled(): Promise<void>;
  /** Looks no more. Resolves when what is being sent is done, and its connections are let go of. */
  close(): Promise<void>;
}

interface OutboxParts extends Pick<Stores, 'users' | 'oneTimeTokens' | 'collections' | 'waitingMails'> {
  kinds: ReadonlyMap<string, MailKind>;
  mail: Partial<MailOptions>;
  appUrl: string | undefined;
  links: Readonly<Record<string, string>>;
  templates: Readonly<Record<string, (data: never) => unknown>>;
  /** How many links of a mail that is no notice an account has at most. */
  liveLinks: number;
  background: Background;
  logger: Logger;
  now(): Date;
  /** Whether the database can be asked. */
  isConnected(): boolean;
  /** Never rejects. */
  onFailure(failure: MailFailure): Promise<void>;
}

/** How long a mail without a link is tried, in minutes. */
const DAY = 24 * 60;

/** @throws TypeError for a template, a link or texts of a mail that no feature sends */
export function createOutbox(parts: OutboxParts): Outbox {
  const { kinds, appUrl, links, templates, background, waitingMails, logger, now } = parts;
  const { transport, from, texts } = parts.mail;
  const mailer = transport && from ? createMailer({ transport, from }) : undefined;
  const names = [...kinds.keys()];
  checkKnown(templates, names, 'templates');
  checkKnown(
    links,
    names.filter((mail) => kinds.get(mail)?.link),
    'links',
  );
  const compose = createCompose({ kinds, templates, texts, from, appUrl });
  const writer = randomUUID();

  const linkOf = (mail: string): LinkKind => {
    const link = kinds.get(mail)?.link;
    if (!link) throw new Error(`no feature sends a mail ${mail} with a link`);
    return link;
  };
  const baseOf = (mail: string) => links[mail] ?? (appUrl && `${appUrl}${linkOf(mail).path}`);

  const report = async ({ mail, error, ...failure }: MailFailure) => {
    logger.error?.(`the mail ${mail} could not be sent`, { error });
    await parts.onFailure({ ...failure, mail, error });
  };

  /** What stands in the way of a mail, whomever it is for. */
  const obstacle = (mail: string): Error | undefined => {
    const kind = kinds.get(mail);
    if (!kind) return new Error(`no feature sends a mail ${mail}`);
    if (mailer && (!kind.link || baseOf(mail))) return undefined;
    return new Error('no mail is configured: set mail and appUrl (SMTP_URL, MAIL_FROM, AUTH_APP_URL)');
  };

  /** What the link is bound to now. Whoever was handed to the app has lost what tells it. */
  const boundNow = async (link: LinkKind, user: UserDocument, data: MailDetails) => {
    const loaded = hasStamps(user) ? user : await parts.users.findById(user._id);
    return loaded ? link.boundTo(loaded, data) : '';
  };

  // Other routers on the model may have the mail server or the links that are missing here.
  const mails = names.filter((mail) => !obstacle(mail));
  const worker =
    mailer &&
    createOutboxWorker({
      ...parts,
      mails,
      writer,
      deliver: createDelivery({ ...parts, linkOf, baseOf, mailer, compose }),
      report,
    });
  const sendTo: Outbox['sendTo'] = async ({ user, address: given }, mail, data = {}) => {
    const error = obstacle(mail);
    if (error) {
      if (user) background.run(() => report({ userId: String(user._id), to: user.email, mail, error }));
      return;
    }
    const { link, toGivenAddress, isNotice } = kinds.get(mail) as MailKind;
    const address = toGivenAddress ? given : (user?.email ?? given);
    const minutes = link?.expiresInMinutes ?? DAY;
    const row = {
      mail,
      key: isNotice ? randomUUID() : JSON.stringify([mail, address, toGivenAddress ? user?._id : undefined]),
      user: user?._id ?? null,
      address,
      data,
      boundTo: link && user ? await boundNow(link, user, data) : '',
      writer,
      lastAt: new Date(now().getTime() + minutes * 60_000),
    };
    await waitingMails.add(row, now());
  };

  return {
    send: (user, mail, data) => sendTo({ user, address: user.email }, mail, data),
    sendTo,
    link: linkOf,
    missing() {
      const withLink = [...kinds].filter(([, { link, isOff }]) => link && !isOff).map(([mail]) => mail);
      return [
        !mailer && 'mail (SMTP_URL, MAIL_FROM)',
        !withLink.every(baseOf) && 'appUrl (AUTH_APP_URL)',
      ].filter((name) => name !== false);
    },
    start: () => worker?.start(),
    settled: async () => worker?.settled(),
    async close() {
      await worker?.close();
      await mailer?.close();
    },
  };
}
