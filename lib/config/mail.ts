import type { Transport, Transporter, TransportOptions } from 'nodemailer';

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

/** What the template of the recovery mail is given. */
export interface PasswordResetMail<User = object> {
  /** The user's document: its own fields may say in which language to write. Without hash and stamps. */
  user: User & MailedUser;
  /** `Accept-Language` of the request that asked for the mail: what the page was read in. */
  acceptLanguage: string | null;
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

/** The mails' templates; each is replaced on its own, and may be async (a translation loaded, a file read). */
export interface MailTemplates<User = object> {
  passwordReset(mail: PasswordResetMail<User>): MailContent | Promise<MailContent>;
  verifyEmail(mail: VerifyEmailMail<User>): MailContent | Promise<MailContent>;
  alreadyRegistered(mail: AlreadyRegisteredMail<User>): MailContent | Promise<MailContent>;
  changeEmail(mail: ChangeEmailMail<User>): MailContent | Promise<MailContent>;
  undoEmailChange(mail: ChangeEmailMail<User>): MailContent | Promise<MailContent>;
  emailInUse(mail: EmailInUseMail<User>): MailContent | Promise<MailContent>;
}

/** A nodemailer transporter, transport, transport options, or an SMTP URL. */
export type MailTransport = string | Transporter | Transport | TransportOptions;

export interface MailOptions {
  /** Default: `SMTP_URL`. */
  transport: MailTransport;
  /** The sender, `Name <address>`. Default: `MAIL_FROM`. */
  from: string;
}
