import type { MailContent, MailWords, WriteMail } from '../config/mail.js';
import type { Stores } from '../models/stores.js';
import type { UserDocument } from '../models/user.js';

/**
 * What every template is given. A mail with a link also gets `url` and `expiresInMinutes`, a function `language`; the rest is
 * the sender's.
 */
export interface MailData {
  /** The user's document, without hash and stamps. */
  user: UserDocument;
  url?: string;
  expiresInMinutes?: number;
  [more: string]: unknown;
}

/** A template that is a function. */
export type MailTemplate = (data: MailData, write: WriteMail) => MailContent | Promise<MailContent>;

/** A mail that a feature sends. Those of the kit's features an app changes by the options `templates` and `links`. */
export interface MailKind {
  /**
   * The mail as it is without a template of the app's own: in words of English, which the option `mail.texts` may have in
   * other languages, or by a function. `write` makes a mail in the kit's layout.
   */
  template: MailWords | ((data: never, write: WriteMail) => MailContent | Promise<MailContent>);
  /** For a mail with a link that works once. */
  link?: LinkKind;
  /** Sent to the address that the sender gives, which need not be the user's, and its link is bound to that one. */
  toGivenAddress?: boolean;
  /** For a mail without a link: of one user's, at most one in so many minutes is sent. */
  onceInMinutes?: number;
  /** That each is sent, to a disabled user too. Of other mails one waits per recipient, and few links are live: three, or five with `throttle` off. */
  isNotice?: boolean;
  /**
   * Called when the mail goes out, once an attempt: makes what must not wait in the database, a code above all.
   *
   * @returns what the template gets beside the rest; undefined when there is nothing to be said any more, and no mail goes out
   *
   * @example
   * async atSending(user, { collections, now }) {
   *   const code = String(randomInt(1_000_000)).padStart(6, '0');
   *   await collections.get(CODES).upsert({ user: user._id }, { $set: { hash: hashOf(code), at: now } });
   *   return { code };
   * }
   */
  atSending?(
    user: UserDocument,
    at: Pick<Stores, 'collections'> & { now: Date },
  ): Promise<Readonly<Record<string, unknown>> | undefined>;
  /** That nothing sends it, as the router is configured: what it would need need not be there. */
  isOff?: boolean;
}

export interface LinkKind {
  /** Where it leads, below `appUrl`: `/password/reset`. */
  path: string;
  expiresInMinutes: number;
  /**
   * What the link is bound to, beside the address: when it has changed, the link is void. When it has changed before the
   * mail goes out, none does.
   *
   * @param data what the sender gave with the mail
   */
  boundTo(user: UserDocument, data: Readonly<Record<string, unknown>>): string;
}
