import type { Clock } from '../runtime/clock.js';
import type { Logger } from '../runtime/logger.js';
import type { AuthHooks } from './hooks.js';
import type { MailOptions, MailTemplates } from './mail.js';
import type { AuthMessages } from './messages.js';
import type { PasswordOptions } from './password.js';
import type { SessionInfo } from './session-info.js';
import type { Algorithm } from './signing-key.js';
import type { ThrottleOptions } from './throttle.js';

/** Where the links in mails lead: an absolute URL (deep links too); `token` is added to its query. */
export interface LinkOptions {
  /** Default: `<appUrl>/password/reset`. */
  passwordReset?: string;
  /** Default: `<appUrl>/verify-email`. */
  verifyEmail?: string;
  /** Default: `<appUrl>/change-email/confirm`. */
  changeEmail?: string;
  /** Default: `<appUrl>/change-email/undo`. */
  undoEmailChange?: string;
}

/** A feature by its form alone: `config/` must not know the kit. */
export interface AnyFeature {
  name: string;
  collections?: readonly unknown[];
  mails?: object;
  setup(kit: never): unknown;
}

/** Likewise the form of a refusal: `config/` must not know Express. */
export type AnyOnError = (...given: never[]) => unknown;

/**
 * The options of `createAuthRouter`. Explicit option > environment variable > default.
 *
 * `Model` is the app's user model, `User` its documents, `Field` a name of a field of its own, `Claims` its own claims,
 * `OwnFeature` what the app adds, `OnError` how it answers.
 */
export interface AuthOptions<
  Model = unknown,
  User = object,
  Field = string,
  Claims extends object = object,
  OwnFeature = AnyFeature,
  OnError = AnyOnError,
> {
  /**
   * Signs and verifies tokens. `AUTH_SECRET_KEY`; required: for HS256 at least 32 bytes, HS384 48, HS512 64; for RS256 and
   * ES256 a private key in PEM. A secret of words, sequences or repetitions, and one that was published, is refused.
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
   * A session not refreshed for so many days is over. `AUTH_SESSION_IDLE_DAYS`; `off` by default (OWASP ASVS 5.0 7.3.1).
   */
  sessionIdleDays?: number | 'off';
  /**
   * How many sessions a user may have at once, 1 to 1000; a login beyond that ends the one that was used least recently.
   * `AUTH_SESSIONS_PER_USER`; 50 by default; 1 = a login ends the one before (OWASP ASVS 5.0 7.1.2).
   */
  sessionsPerUser?: number;
  /**
   * How long the predecessor of the current refresh token still answers with the current one, in seconds, 0 to 3600, from
   * when the current one or an access token of its generation was first shown; until then it answers however late.
   * `AUTH_REFRESH_GRACE_SECONDS`; 30 by default; 0 = never, so that a lost answer logs out.
   */
  refreshGraceSeconds?: number;
  /**
   * `off`: a refresh token works until its session ends, and nobody notices a stolen one; for clients that do not store
   * the new one. `AUTH_REFRESH_ROTATION`; `on` by default (RFC 9700 section 4.14.2).
   */
  refreshRotation?: 'on' | 'off';
  /**
   * Further claims of the access token, asked for at each login and refresh; `auth.handler` types `req.auth` by them. They
   * can be read by whoever has the token. A name of the kit's own is an error.
   *
   * @example
   * claims: (user) => ({ plan: user.plan })
   */
  claims?: (user: User, session: SessionInfo) => Claims | Promise<Claims>;
  /** The `iss` of every token. `AUTH_ISSUER`; by default neither set nor checked. */
  issuer?: string;
  /** The `aud` of every token. `AUTH_AUDIENCE`; by default neither set nor checked. */
  audience?: string;
  /** Where the app's pages are. Links in mails are made from it, never from a request. `AUTH_APP_URL`. */
  appUrl?: string;
  links?: LinkOptions;
  /** By default from `SMTP_URL` and `MAIL_FROM`; without them no mail is sent, and a warning says so at start. Words and languages by `texts`. */
  mail?: Partial<MailOptions>;
  templates?: Partial<MailTemplates<User>>;
  /** A Mongoose model with the base fields: a discriminator of `BaseUser`, or a schema with `baseUserPlugin`. */
  User?: Model;
  /**
   * The fields by which a user logs in, `['email']` by default; others are texts of the model with a unique index, such as
   * `username`. Whose first field, in this order, is what was typed is meant.
   */
  loginFields?: readonly ('email' | Field)[];
  /** The app's own fields that `POST /register` accepts, validated by the app's schema. */
  registerFields?: readonly Field[];
  /** The app's own fields that a user may change, validated by the app's schema. */
  profileFields?: readonly Field[];
  /** `AUTH_REGISTRATION`; `open` by default. */
  registration?: 'open' | 'closed';
  /**
   * Whether who registers is mailed a link that proves the address. `optional`: signing in works without it; `required`: it
   * does not, and a registration is answered alike for a free and a taken address. Both need `mail` and `appUrl`.
   * `AUTH_EMAIL_VERIFICATION`; `off` by default.
   */
  emailVerification?: 'off' | 'optional' | 'required';
  /**
   * For how many days it is kept what happens to accounts, for `service.auditTrail`. `AUTH_AUDIT_DAYS`; `off` by default.
   */
  audit?: number | 'off';
  /** Whether users are mailed when they sign in from a device that is not known yet. `AUTH_NEW_SIGN_IN_MAIL`; `off` by default. */
  newSignInMail?: 'on' | 'off';
  /** `AUTH_PASSWORD_MIN_LENGTH`, `AUTH_BCRYPT_COST`. */
  password?: PasswordOptions<User>;
  /**
   * `AUTH_THROTTLE`; `on`, counted in the app's database, or in a store of its own. `off` for tests, and where something in
   * front does it.
   */
  throttle?: 'on' | 'off' | boolean | ThrottleOptions;
  /**
   * Web mode: tokens also travel in cookies, for pages in a browser. `AUTH_COOKIES`; `off` by default. Needs `appUrl`, on https or
   * a loopback address.
   */
  cookies?: 'on' | 'off' | boolean;
  /**
   * Origins of pages, beside that of `appUrl`, that may use cookies: others of the same site, `https://admin.example.com` say.
   * `AUTH_ALLOWED_ORIGINS`, comma-separated.
   */
  allowedOrigins?: readonly string[];
  /** Features of the app's own, by the same contract as the kit's. */
  features?: readonly OwnFeature[];
  /**
   * An app's own form of a refusal, by the router's endpoints and by its guards. It returns the body, or answers by itself.
   * By default problem+json (RFC 9457).
   */
  onError?: OnError;
  /** Own words by language and code, chosen by `Accept-Language`: `{ fr: { required: 'Ce champ est obligatoire.' } }`. */
  messages?: AuthMessages;
  hooks?: AuthHooks<User>;
  /** Silent by default. */
  logger?: Logger;
  /** The system's by default. */
  clock?: Clock;
}
