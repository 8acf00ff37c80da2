import type { Transport, Transporter, TransportOptions } from 'nodemailer';
import type { Algorithm } from './signing-key.js';

/** Where the kit writes what an operator may want to read. Never a password, a token or a hash. */
export interface Logger {
  debug?(message: string, details?: object): void;
  info?(message: string, details?: object): void;
  warn?(message: string, details?: object): void;
  error?(message: string, details?: object): void;
}

/** The time source of everything the kit stores and compares. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
}

/** What a template may say about the user. */
export interface MailedUser {
  email: string;
  name: string | null;
  displayName: string;
}

/** What a template returns. Both bodies are sent: the text for readers, the HTML for eyes. */
export interface MailContent {
  subject: string;
  text: string;
  html: string;
}

/** What the template of the recovery mail is given. */
export interface PasswordResetMail {
  user: MailedUser;
  /** The link, token included. */
  url: string;
  /** How long the link works, in minutes. */
  expiresInMinutes: number;
}

/** The mails' templates; each is replaced on its own, and may be async (a translation loaded, a file read). */
export interface MailTemplates {
  passwordReset(mail: PasswordResetMail): MailContent | Promise<MailContent>;
}

/** A nodemailer transporter, transport, transport options, or an SMTP URL. */
export type MailTransport = string | Transporter | Transport | TransportOptions;

export interface MailOptions {
  /** Default: `SMTP_URL`. */
  transport: MailTransport;
  /** The sender, `Name <address>`. Default: `MAIL_FROM`. */
  from: string;
}

export interface PasswordOptions {
  /** In Unicode code points; 8 by default, at least 1. */
  minLength?: number;
  /** In Unicode code points; 256 by default, at least 64 (OWASP ASVS 5.0 6.2.9). */
  maxLength?: number;
  /** bcrypt's cost, 10 to 15; 12 by default. 4 to 9 only here, never by the environment: for tests. */
  bcryptCost?: number;
  /** `false` accepts common passwords too. The length and the account's own email and name stay checked. */
  blocklist?: boolean;
}

/** Where the links in mails lead: an absolute URL (deep links too); `token` is added to its query. */
export interface LinkOptions {
  /** Default: `<appUrl>/password/reset`. */
  passwordReset?: string;
}

/** How a sign-in came about. */
export interface SignInContext {
  /** The address Express's `req.ip` gave. */
  ip: string | null;
  userAgent: string | null;
}

/**
 * Steps of the app's own inside the kit's, each awaited. What one throws is the answer (throw an `AuthError` to choose
 * status, code and detail). A `before...` refuses the operation by that; when an `after...` is asked, it has been done,
 * and stays done.
 */
export interface AuthHooks<User = object> {
  /** Before a session is made for a user whose credentials were right. */
  beforeSignIn?(event: { user: User; context: SignInContext }): void | Promise<void>;
  /** After a user was stored. */
  afterRegister?(event: { user: User }): void | Promise<void>;
  /**
   * Before a user is deleted, who has given the right password or whom the service names. It may run and the deletion
   * fail: what it does must bear being done again.
   */
  beforeDelete?(event: { user: User }): void | Promise<void>;
  /** After a password was changed or reset. */
  afterPasswordChange?(event: { user: User; reason: 'change' | 'reset' | 'service' }): void | Promise<void>;
}

/** The names of all hooks. */
export const HOOKS = Object.keys({
  beforeSignIn: true,
  afterRegister: true,
  beforeDelete: true,
  afterPasswordChange: true,
} satisfies Record<keyof AuthHooks, true>) as readonly (keyof AuthHooks)[];

/**
 * The options of `createAuthRouter`. Explicit option > environment variable > default.
 *
 * `Model` is the app's user model, `User` its documents.
 */
export interface AuthOptions<Model = unknown, User = object> {
  /**
   * Signs and verifies tokens. `AUTH_SECRET_KEY`; required: for HS256 at least 32 bytes, HS384 48, HS512 64; for RS256 and
   * ES256 a private key in PEM.
   */
  secretKey?: string;
  /**
   * Keys of the same algorithm that verify and never sign: those before this one, or the one to come.
   * `AUTH_PREVIOUS_SECRET_KEYS`, comma-separated.
   */
  previousSecretKeys?: readonly string[];
  /** `AUTH_ALGORITHM`; HS256 by default. */
  algorithm?: Algorithm;
  /** How long an access token is valid, in minutes. `AUTH_ACCESS_TOKEN_EXPIRE_MINUTES`; 15 by default. */
  accessTokenExpireMinutes?: number;
  /** How long a session lives, in days, rotations included. `AUTH_REFRESH_TOKEN_EXPIRE_DAYS`; 30 by default. */
  refreshTokenExpireDays?: number;
  /**
   * How long the predecessor of the current refresh token still answers with the current one, in seconds, 0 to 60.
   * `AUTH_REFRESH_GRACE_SECONDS`; 10 by default, 0 = never.
   */
  refreshGraceSeconds?: number;
  /** The `iss` of every token. `AUTH_ISSUER`; by default neither set nor checked. */
  issuer?: string;
  /** The `aud` of every token. `AUTH_AUDIENCE`; by default neither set nor checked. */
  audience?: string;
  /** Where the app's pages are. Links in mails are made from it, never from a request. `AUTH_APP_URL`. */
  appUrl?: string;
  links?: LinkOptions;
  /** By default from `SMTP_URL` and `MAIL_FROM`; without them no mail is sent, and a warning says so at start. */
  mail?: Partial<MailOptions>;
  templates?: Partial<MailTemplates>;
  /** A Mongoose model with the base fields: a discriminator of `BaseUser`, or a schema with `baseUserPlugin`. */
  User?: Model;
  /** The app's own fields that `POST /register` accepts, validated by the app's schema. */
  registerFields?: readonly string[];
  /** The app's own fields that a user may change, validated by the app's schema. */
  profileFields?: readonly string[];
  /** `AUTH_REGISTRATION`; `open` by default. */
  registration?: 'open' | 'closed';
  /** `AUTH_EMAIL_VERIFICATION`; this version knows `off` alone. */
  emailVerification?: 'off';
  /** `AUTH_PASSWORD_MIN_LENGTH`, `AUTH_BCRYPT_COST`. */
  password?: PasswordOptions;
  /** `AUTH_THROTTLE`; this version knows `off` alone. */
  throttle?: 'off' | false;
  /** `AUTH_COOKIES`; this version knows `off` alone. */
  cookies?: 'off' | false;
  hooks?: AuthHooks<User>;
  /** Silent by default. */
  logger?: Logger;
  /** The system's by default. */
  clock?: Clock;
}

/** The options, resolved: every default in place, every value checked. What the kit works with. */
export interface Settings {
  secretKey: string;
  previousSecretKeys: readonly string[];
  algorithm: Algorithm;
  accessTokenSeconds: number;
  refreshTokenSeconds: number;
  refreshGraceMs: number;
  issuer: string | undefined;
  audience: string | undefined;
  /** Absent where neither `appUrl` nor a link of its own is set. */
  links: { passwordReset: string | undefined };
  mail: MailOptions | undefined;
  templates: Partial<MailTemplates>;
  registerFields: readonly string[];
  profileFields: readonly string[];
  registration: 'open' | 'closed';
  password: Required<PasswordOptions>;
  hooks: AuthHooks<never>;
  logger: Logger;
  clock: Clock;
}
