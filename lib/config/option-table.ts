import { type Clock, SYSTEM_CLOCK } from '../runtime/clock.js';
import { LOG_LEVELS, type Logger } from '../runtime/logger.js';
import {
  checkAppUrl,
  checkFunction,
  checkFunctions,
  checkKnown,
  checkNames,
  checkOneOf,
  checkSender,
  checkSmtpUrl,
  checkSwitch,
  checkUrl,
  isObject,
  refuse,
} from './checks.js';
import { type AuthHooks, HOOKS } from './hooks.js';
import { LIMITS } from './limits.js';
import type { MailOptions, MailTexts, MailTransport } from './mail.js';
import { checkMailTexts } from './mail-texts.js';
import { checkMessages } from './messages.js';
import {
  checked,
  type Env,
  group,
  number,
  numberOrOff,
  oneOf,
  orAbsent,
  type Row,
  text,
} from './option-row.js';
import type { AnyFeature, AuthOptions } from './options.js';
import type { PasswordOptions, PasswordVerifier } from './password.js';
import type { SessionInfo } from './session-info.js';
import {
  ALGORITHMS,
  type Algorithm,
  checkSigningKey,
  checkVerifyingKey,
  likelyAlgorithm,
} from './signing-key.js';
import { STORE_METHODS, type ThrottleOptions, type ThrottleStore } from './throttle.js';
import { checkCookies, checkOrigins } from './web-mode.js';

/**
 * Every option once: its variable, its default, its check. `AuthOptions` says beside it what each means. From this table
 * come `optionsFromEnv`, the resolved `Settings`, and the refusal of misspelt names.
 */
export const OPTIONS = {
  secretKey: {
    env: {
      name: 'AUTH_SECRET_KEY',
      // Without an algorithm here, whether they fit is decided where it is known.
      read: (name, key, env) =>
        checkSigningKey(name, withoutComma(name, key.trim()), algorithmIn(env) ?? likelyAlgorithm(key)),
    },
    check: (name, key, all) => checkSigningKey(name, key, algorithmOf(all)),
  },
  previousSecretKeys: {
    env: {
      name: 'AUTH_PREVIOUS_SECRET_KEYS',
      read: (name, list, env) =>
        list
          .split(',')
          .map((key) => checkVerifyingKey(name, key.trim(), algorithmIn(env) ?? likelyAlgorithm(key))),
    },
    check: (name, keys = [], all) =>
      checkSecrets(name, keys).map((key) => checkVerifyingKey(name, key, algorithmOf(all))),
  },
  algorithm: oneOf('AUTH_ALGORITHM', ALGORITHMS, 'HS256'),
  accessTokenExpireMinutes: number('AUTH_ACCESS_TOKEN_EXPIRE_MINUTES', LIMITS.accessTokenExpireMinutes, 15),
  refreshTokenExpireDays: number('AUTH_REFRESH_TOKEN_EXPIRE_DAYS', LIMITS.refreshTokenExpireDays, 30),
  sessionIdleDays: numberOrOff('AUTH_SESSION_IDLE_DAYS', LIMITS.sessionIdleDays),
  sessionsPerUser: number('AUTH_SESSIONS_PER_USER', LIMITS.sessionsPerUser, 50),
  refreshGraceSeconds: number('AUTH_REFRESH_GRACE_SECONDS', LIMITS.refreshGraceSeconds, 30),
  refreshRotation: oneOf('AUTH_REFRESH_ROTATION', ['on', 'off'], 'on'),
  claims: { check: orAbsent(checkClaims) },
  issuer: text('AUTH_ISSUER'),
  audience: text('AUTH_AUDIENCE'),
  appUrl: { env: { name: 'AUTH_APP_URL', read: checkAppUrl }, check: orAbsent(checkAppUrl) },
  // The names of the mails are the features': who sends them knows them.
  links: { check: (name, given = {}) => checkEach(name, given, checkUrl) },
  mail: checked(
    group({
      transport: { env: { name: 'SMTP_URL', read: checkSmtpUrl }, check: orAbsent(checkTransport) },
      from: { env: { name: 'MAIL_FROM', read: checkSender }, check: orAbsent(checkSender) },
      texts: { check: checkMailTexts },
    }),
    requireSender,
  ),
  templates: { check: (name, given = {}) => checkEach(name, given, checkFunction) },
  User: { check: (_, given) => given },
  loginFields: { check: checkLoginFields },
  registerFields: { check: (name, given = []) => checkNames(name, given) },
  profileFields: { check: (name, given = []) => checkNames(name, given) },
  registration: oneOf('AUTH_REGISTRATION', ['open', 'closed'], 'open'),
  emailVerification: oneOf('AUTH_EMAIL_VERIFICATION', ['off', 'optional', 'required'], 'off'),
  audit: numberOrOff('AUTH_AUDIT_DAYS', LIMITS.auditDays),
  newSignInMail: oneOf('AUTH_NEW_SIGN_IN_MAIL', ['on', 'off'], 'off'),
  password: group({
    minLength: number('AUTH_PASSWORD_MIN_LENGTH', LIMITS.minLength, 8),
    maxLength: number(undefined, LIMITS.maxLength, 256),
    bcryptCost: number('AUTH_BCRYPT_COST', LIMITS.bcryptCostOption, 12, LIMITS.bcryptCost),
    blocklist: { check: checkBlocklist },
    check: { check: orAbsent(checkRule) },
    verifiers: { check: checkVerifiers },
  }),
  throttle: { env: { name: 'AUTH_THROTTLE', read: checkOnOff }, check: checkThrottle },
  cookies: { env: { name: 'AUTH_COOKIES', read: checkOnOff }, check: checkCookies },
  allowedOrigins: {
    env: {
      name: 'AUTH_ALLOWED_ORIGINS',
      read: (name, list) =>
        checkOrigins(
          name,
          list.split(',').map((origin) => origin.trim()),
        ),
    },
    check: checkOrigins,
  },
  features: { check: checkFeatures },
  onError: { check: orAbsent(checkFunction) },
  messages: { check: checkMessages },
  hooks: { check: checkHooks },
  logger: { check: checkLogger },
  clock: { check: checkClock },
} as const satisfies Record<keyof AuthOptions, Row>;

/** The options, resolved: every default in place, every value checked. What the kit works with. */
export type Settings = { [Name in keyof typeof OPTIONS]: ReturnType<(typeof OPTIONS)[Name]['check']> };

function checkOnOff(name: string, word: unknown): 'on' | 'off' {
  return checkOneOf(name, word, ['on', 'off']);
}

/** @returns undefined where it is off */
function checkThrottle(name: string, given: unknown = 'on'): ThrottleOptions | undefined {
  if (isObject(given)) {
    checkKnown(given, ['store'], name);
    const { store } = given as ThrottleOptions;
    if (store === undefined) return {};
    // A limiter has more methods than the kit calls.
    const missing = STORE_METHODS.filter(
      (method) => typeof store[method as keyof ThrottleStore] !== 'function',
    );
    if (missing.length > 0) refuse(`${name}.store`, store, 'a limiter of rate-limiter-flexible');
    return { store };
  }
  return checkSwitch(name, given) ? {} : undefined;
}

function algorithmOf({ algorithm = 'HS256' }: Readonly<Record<string, unknown>>): Algorithm {
  return checkOneOf('algorithm', algorithm, ALGORITHMS);
}

function algorithmIn({ AUTH_ALGORITHM: algorithm }: Env): Algorithm | undefined {
  return algorithm ? checkOneOf('AUTH_ALGORITHM', algorithm, ALGORITHMS) : undefined;
}

/** The day it is a previous key, a comma would make two of it. Its value is not repeated. */
function withoutComma(name: string, secret: string): string {
  if (secret.includes(',')) {
    throw new TypeError(
      `${name}: a secret with a comma given; allowed: one that fits into AUTH_PREVIOUS_SECRET_KEYS`,
    );
  }
  return secret;
}

type PasswordRule = NonNullable<PasswordOptions<never>['check']>;

/** A secret that was given in place of the list is not repeated. */
function checkSecrets(name: string, given: unknown): readonly unknown[] {
  if (Array.isArray(given)) return given;
  throw new TypeError(`${name}: a value of type ${typeof given} given; allowed: an array of secrets`);
}

function checkEach<Value>(
  name: string,
  given: unknown,
  check: (name: string, value: unknown) => Value,
): Readonly<Record<string, Value>> {
  if (!isObject(given)) refuse(name, given, 'an object');
  const present = Object.entries(given).filter(([, value]) => value !== undefined);
  return Object.fromEntries(present.map(([member, value]) => [member, check(`${name}.${member}`, value)]));
}

function checkTransport(name: string, given: unknown): MailTransport {
  if (typeof given === 'string') return checkSmtpUrl(name, given);
  if (typeof given === 'object' && given !== null) return given as MailTransport;
  return refuse(name, given, 'a nodemailer transport, its options or an SMTP URL');
}

interface MailSettings extends Partial<Pick<MailOptions, 'transport' | 'from'>> {
  texts: MailTexts;
}

/** Half a configuration is a mistake; `MAIL_FROM` alone is not: an app may set it in every environment, and the texts in code. */
function requireSender(mail: MailSettings): MailSettings {
  if (mail.transport !== undefined && mail.from === undefined) {
    throw new TypeError('mail.from (or MAIL_FROM): required with a mail transport; allowed: Name <address>');
  }
  return mail;
}

function checkBlocklist(name: string, given: unknown = true): boolean {
  return typeof given === 'boolean' ? given : refuse(name, given, 'true or false');
}

function checkRule(name: string, given: unknown): PasswordRule {
  return checkFunction(name, given) as PasswordRule;
}

function checkVerifiers(name: string, given: unknown = []): readonly PasswordVerifier[] {
  if (!Array.isArray(given)) refuse(name, given, 'an array of verifiers');
  return given.map((verifier, index) => checkVerifier(`${name}[${index}]`, verifier));
}

function checkVerifier(name: string, given: unknown): PasswordVerifier {
  const allowed =
    'an object with matches(stored) and verify(password, stored); fields and join(values) both or neither';
  // `django` for `django()`.
  if (typeof given === 'function') refuse(name, given, `${allowed}: what ${given.name || 'it'}() returns`);
  const { matches, verify, fields, join } = (isObject(given) ? given : {}) as Partial<PasswordVerifier>;
  const isVerifier = typeof matches === 'function' && typeof verify === 'function';
  if (!isVerifier || (fields === undefined) !== (join === undefined)) refuse(name, given, allowed);
  if (fields) checkNames(`${name}.fields`, fields);
  if (join) checkFunction(`${name}.join`, join);
  return given as PasswordVerifier;
}

function checkLoginFields(name: string, given: unknown = ['email']): readonly string[] {
  const names = checkNames(name, given);
  if (names.length === 0 || new Set(names).size < names.length) {
    refuse(name, given, 'one field name or more, each once');
  }
  return names;
}

const FEATURE_MEMBERS = Object.keys({
  name: true,
  collections: true,
  mails: true,
  setup: true,
} satisfies Record<keyof AnyFeature, true>);

function checkFeatures(name: string, given: unknown = []): readonly AnyFeature[] {
  if (!Array.isArray(given)) refuse(name, given, 'an array of features');
  given.forEach((feature, index) => {
    const { name: ownName, setup, collections = [] } = (feature ?? {}) as Partial<AnyFeature>;
    const path = `${name}[${index}]`;
    if (typeof ownName !== 'string' || typeof setup !== 'function')
      refuse(path, feature, 'a feature: an object with name and setup(kit)');
    checkKnown(feature, FEATURE_MEMBERS, path);
    const isCollection = (each: unknown) => isObject(each) && 'name' in each && 'fields' in each;
    const wrong = collections.find((each) => !isCollection(each));
    if (wrong !== undefined) refuse(`a collection of ${path}`, wrong, 'an object with name and fields');
  });
  return given;
}

function checkHooks(name: string, given: unknown = {}): AuthHooks<never> {
  checkFunctions(name, given, HOOKS);
  return given as AuthHooks<never>;
}

function checkLogger(name: string, given: unknown = {}): Logger {
  if (typeof given !== 'object' || given === null) {
    refuse(name, given, 'an object with debug, info, warn and error, e.g. console');
  }
  for (const level of LOG_LEVELS) {
    const write = (given as Record<string, unknown>)[level];
    if (write !== undefined) checkFunction(`${name}.${level}`, write);
  }
  return given;
}

function checkClaims(name: string, given: unknown): (user: never, session: SessionInfo) => unknown {
  return checkFunction(name, given) as (user: never, session: SessionInfo) => unknown;
}

function checkClock(name: string, given: unknown = SYSTEM_CLOCK): Clock {
  const candidate = given as Partial<Clock> | null;
  if (typeof candidate?.now !== 'function') refuse(name, given, 'an object with now(): milliseconds');
  return candidate as Clock;
}
