import { concealCredentials } from '../models/conceal-credentials.js';
import type { ClaimedMail } from '../models/outbox-store.js';
import type { Stores } from '../models/stores.js';
import type { UserDocument } from '../models/user.js';
import { withDeadline } from '../runtime/deadline.js';
import type { OneTimeSecret } from '../security/one-time-secret.js';
import type { Compose } from './compose.js';
import type { LinkKind, MailKind } from './mail-kind.js';
import { type Mailer, MailNotSent } from './mailer.js';

interface DeliveryParts extends Pick<Stores, 'users' | 'oneTimeTokens' | 'collections'> {
  kinds: ReadonlyMap<string, MailKind>;
  compose: Compose;
  mailer: Mailer;
  linkOf(mail: string): LinkKind;
  /** Where a link leads, without its token. */
  baseOf(mail: string): string | undefined;
  /** How many links of a mail that is no notice an account has at most. */
  liveLinks: number;
  now(): Date;
}

/** How long a mail may be written, in milliseconds: templates are the app's, and may ask what does not answer. */
const WRITING = 4000;

/** How many links of notices are live at once. Of others there are few, so that nobody fills a mailbox; a notice is sent each time. */
const NOTICES = 100;

/**
 * Sends one mail that has waited, or drops it: nobody has the address, the link would be void, enough are live.
 *
 * @throws MailNotSent where it was not written or taken, or not in time; Unavailable (`unavailable`, 503), before anything is
 * sent; what a template throws
 */
export type Delivery = (row: ClaimedMail, secret: OneTimeSecret) => Promise<void>;

export function createDelivery(parts: DeliveryParts): Delivery {
  const { kinds, compose, oneTimeTokens, now } = parts;

  const inMinutes = (minutes: number) => new Date(now().getTime() + minutes * 60_000);

  /** Whom it is for still: an enabled user, unless it is a notice, with the address of then where the mail has a link. */
  const recipientOf = async ({ user: id, address, boundTo, data }: ClaimedMail, kind: MailKind) => {
    const user = id === null ? undefined : await parts.users.findById(id);
    if (!user || (user.disabledAt && !kind.isNotice)) return undefined;
    if (!kind.link) return user;
    const hasMoved = !kind.toGivenAddress && user.email !== address;
    return hasMoved || kind.link.boundTo(user, data) !== boundTo ? undefined : user;
  };

  /** Whether the mail's turn has come again: of many at once it has for one. */
  const isDue = (user: UserDocument, mail: string, hash: string, minutes: number) => {
    const expiresAt = inMinutes(minutes);
    const token = { purpose: mail, user: user._id, email: user.email, stamp: '', hash, expiresAt };
    return oneTimeTokens.add(token, now(), { atMost: 1 });
  };

  /** The link as it will be in the mail, valid from now on; undefined where as many are live as may be. */
  const makeLink = async (
    user: UserDocument,
    { mail, boundTo }: ClaimedMail,
    { secret, hash, address }: OneTimeSecret & { address: string },
  ) => {
    const { expiresInMinutes } = parts.linkOf(mail);
    const bound = { email: address, stamp: boundTo, hash, expiresAt: inMinutes(expiresInMinutes) };
    const row = { purpose: mail, user: user._id, ...bound };
    const { toGivenAddress: sideBySide, isNotice } = kinds.get(mail) as MailKind;
    const places = { sideBySide, atMost: isNotice ? NOTICES : parts.liveLinks };
    if (!(await oneTimeTokens.add(row, now(), places))) return undefined;
    return { url: withToken(parts.baseOf(mail) as string, secret), expiresInMinutes };
  };

  /** What only this attempt knows; undefined where nothing is to be sent. */
  const makeSecrets = async (
    user: UserDocument,
    row: ClaimedMail,
    { secret, kind, address }: { secret: OneTimeSecret; kind: MailKind; address: string },
  ): Promise<object | undefined> => {
    const { mail, formerHash } = row;
    // Of an attempt that may have been made: it works, if the mail has come, and takes no place from this one.
    if (formerHash) await oneTimeTokens.giveWay(formerHash);
    const link = kind.link ? await makeLink(user, row, { ...secret, address }) : {};
    if (!link) return undefined;
    if (kind.onceInMinutes && !(await isDue(user, mail, secret.hash, kind.onceInMinutes))) return undefined;
    const more = kind.atSending
      ? await kind.atSending(user, { collections: parts.collections, now: now() })
      : {};
    return more && { ...more, ...link };
  };

  /** The mail and its address; undefined where nothing is to be sent. */
  const write = async (row: ClaimedMail, secret: OneTimeSecret) => {
    const { mail, data } = row;
    const kind = kinds.get(mail) as MailKind;
    const user = await recipientOf(row, kind);
    if (!user) return undefined;
    const address = kind.toGivenAddress ? row.address : user.email;
    const secrets = await makeSecrets(user, row, { secret, kind, address });
    if (!secrets) return undefined;
    concealCredentials(user);
    return { address, content: await compose(mail, { ...data, ...secrets, user }) };
  };

  return async (row, secret) => {
    const late = () => new MailNotSent(`the mail was not written within ${WRITING} ms`);
    const written = await withDeadline(write(row, secret), WRITING, late);
    if (written) await parts.mailer.send(written.address, written.content);
  };
}

function withToken(link: string, token: string): string {
  const url = new URL(link);
  url.searchParams.set('token', token);
  return url.href;
}
