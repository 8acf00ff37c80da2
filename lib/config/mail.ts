import type { Transport, TransportConfig, Transporter, TransportOptions } from 'nodemailer';

/** What a template may say about every user. */
export interface MailedUser {
  email: string;
  name?: string | null;
  displayName: string;
}

/** What a template returns. Both bodies are sent: the text for readers, the HTML for eyes. */
export interface MailContent {
  subject: string;
  text: string;
  html: string;
}

/** What the one layout of the mails makes a mail of. Whatever is in it is escaped: it is text. */
export interface Letter {
  /** Also the heading. */
  subject: string;
  /** What has happened, in a sentence or two. It is also what lists of mails show beside the subject. */
  what: string;
  /** The one button. The link is below it too, to be copied. */
  link?: {
    url: string;
    /** What is on the button. */
    button: string;
    /** Before the link in the text: "To choose a new password, open this link:". */
    purpose?: string | undefined;
  };
  /** A code to be typed, and the sentence before it. */
  code?: { value: string; says: string };
  /** In small print, a line each. */
  notes?: readonly string[];
}

/** Writes a mail in the kit's layout: with the app's name, in the language chosen, as text and as HTML, light and dark. */
export type WriteMail = (letter: Letter) => MailContent;

/** A mail in words. Values are in braces: `{email}`. */
export interface MailWords {
  /** Also the heading. */
  subject: string;
  /** What has happened, in a sentence or two. */
  what: string;
  /** What is on the button. */
  button?: string;
  /** Before the link in the text. */
  purpose?: string;
  /** Before a code to be typed, which is the value `code`. */
  code?: string;
  /** In small print, a line each. One with a value that is not known is left out. */
  notes?: readonly string[];
}

/** The words that are the same in every mail. */
export interface EveryMailWords {
  /** Before the link below the button. */
  copy: string;
}

/**
 * Words of an app's own: by language tag (BCP 47), then by mail. What is missing is taken from a wider tag (`pt` for
 * `pt-BR`), then from the kit's English.
 */
export type MailTexts = Readonly<
  Record<
    string,
    {
      readonly [Mail in keyof MailTemplates | 'everyMail' | (string & {})]?: Partial<
        MailWords & EveryMailWords
      >;
    }
  >
>;

/** What the template of the recovery mail is given. */
export interface PasswordResetMail<User = object> {
  /** The user's document: its own fields may say in which language to write. Without hash and stamps. */
  user: User & MailedUser;
  /** `Accept-Language` of the request that asked for the mail: what the page was read in. */
  acceptLanguage: string | null;
  /** Of the languages in `mail.texts`, and English, the one that the user reads: by `locale` or `language` of the user, else by `acceptLanguage`. */
  language: string;
  /** The link, token included. */
  url: string;
  /** How long the link works, in minutes. */
  expiresInMinutes: number;
}

/** What the template of the mail with a verification link is given. */
export type VerifyEmailMail<User = object> = PasswordResetMail<User>;

/** What the template of the mail about a second registration is given: it has no link. */
export type AlreadyRegisteredMail<User = object> = Omit<PasswordResetMail<User>, 'url' | 'expiresInMinutes'>;

/** What the templates of the mails about another address are given: `wanted` is the new one. */
export type ChangeEmailMail<User = object> = PasswordResetMail<User> & { wanted: string };

/** What the template of the mail to the holder of an address that another account wants is given. */
export type EmailInUseMail<User = object> = AlreadyRegisteredMail<User>;

/** What the template of a notice is given, which tells what has happened to the account. It has no link. */
export type NoticeMail<User = object> = AlreadyRegisteredMail<User> & {
  when: Date;
  /** `Firefox on Windows`; null where it is not known. What somebody has made up is never in it. */
  device: string | null;
  ip: string | null;
};

/** What the template of the notice of a new password is given. */
export type PasswordChangedMail<User = object> = NoticeMail<User> & {
  reason: 'change' | 'reset' | 'service';
};

/** What the templates of the notices of another address are given. */
export type EmailChangedMail<User = object> = NoticeMail<User> & {
  former: string;
  /** The one that is in force. */
  wanted: string;
  /** For how many days after it was asked for the change can be undone. */
  days: number;
};

/** The mails' templates; each is replaced on its own, and may be async (a translation loaded, a file read). `write` makes a mail in the kit's layout. */
export interface MailTemplates<User = object> {
  passwordReset(mail: PasswordResetMail<User>, write: WriteMail): MailContent | Promise<MailContent>;
  verifyEmail(mail: VerifyEmailMail<User>, write: WriteMail): MailContent | Promise<MailContent>;
  alreadyRegistered(mail: AlreadyRegisteredMail<User>, write: WriteMail): MailContent | Promise<MailContent>;
  changeEmail(mail: ChangeEmailMail<User>, write: WriteMail): MailContent | Promise<MailContent>;
  undoEmailChange(mail: ChangeEmailMail<User>, write: WriteMail): MailContent | Promise<MailContent>;
  emailInUse(mail: EmailInUseMail<User>, write: WriteMail): MailContent | Promise<MailContent>;
  passwordChanged(mail: PasswordChangedMail<User>, write: WriteMail): MailContent | Promise<MailContent>;
  emailChanged(mail: EmailChangedMail<User>, write: WriteMail): MailContent | Promise<MailContent>;
  newEmail(mail: EmailChangedMail<User>, write: WriteMail): MailContent | Promise<MailContent>;
  passwordGuessed(mail: NoticeMail<User>, write: WriteMail): MailContent | Promise<MailContent>;
  newSignIn(mail: NoticeMail<User>, write: WriteMail): MailContent | Promise<MailContent>;
}

/** A nodemailer transporter, transport, transport options (`{ host, port, auth }`), or an SMTP URL. */
export type MailTransport = string | Transporter | Transport | TransportConfig | TransportOptions;

export interface MailOptions {
  /** Default: `SMTP_URL`. */
  transport: MailTransport;
  /** The sender, `Name <address>`. Default: `MAIL_FROM`. */
  from: string;
  /** The mails in other languages, or in other words. Nothing by default: they are in the kit's English. */
  texts?: MailTexts;
}
