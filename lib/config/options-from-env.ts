import {
  checkAppUrl,
  checkNumber,
  checkOneOf,
  checkSender,
  checkSmtpUrl,
  checkText,
  nearMiss,
  refuse,
} from './checks.js';
import { LIMITS, type Limit } from './limits.js';
import type { AuthOptions, MailOptions, PasswordOptions } from './options.js';
import { ALGORITHMS, checkSigningKey, checkVerifyingKey, likelyAlgorithm } from './signing-key.js';

type Env = Readonly<Record<string, string | undefined>>;
type FromEnv = Omit<AuthOptions, 'User' | 'hooks' | 'logger' | 'clock' | 'templates' | 'links'>;

/** Every variable the kit reads. `.env.example` lists the same, which a spec holds. */
export const ENV_VARIABLES = [
  'AUTH_SECRET_KEY',
  'AUTH_PREVIOUS_SECRET_KEYS',
  'AUTH_ALGORITHM',
  'AUTH_ACCESS_TOKEN_EXPIRE_MINUTES',
  'AUTH_REFRESH_TOKEN_EXPIRE_DAYS',
  'AUTH_REFRESH_GRACE_SECONDS',
  'AUTH_ISSUER',
  'AUTH_AUDIENCE',
  'AUTH_APP_URL',
  'SMTP_URL',
  'MAIL_FROM',
  'AUTH_REGISTRATION',
  'AUTH_EMAIL_VERIFICATION',
  'AUTH_PASSWORD_MIN_LENGTH',
  'AUTH_BCRYPT_COST',
  'AUTH_THROTTLE',
  'AUTH_COOKIES',
  'AUTH_ALLOWED_ORIGINS',
] as const;

type Variable = (typeof ENV_VARIABLES)[number];

/** A decimal number and nothing else: `Number` alone would take `''`, `' 1 '`, `0x10` and `1e3`. */
function parseNumber(name: string, text: string): number {
  if (!/^-?\d+(\.\d+)?$/.test(text)) refuse(name, text, 'a decimal number');
  return Number(text);
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

/** An unknown `AUTH_` variable may be the app's own; one that is a slip away from the kit's is not. */
function refuseMisspelt(env: Env): void {
  for (const name of Object.keys(env)) {
    if (!name.startsWith('AUTH_') || (ENV_VARIABLES as readonly string[]).includes(name)) continue;
    const meant = ENV_VARIABLES.find(
      (known) => nearMiss(name, [known]) && Math.abs(known.length - name.length) <= 2,
    );
    if (meant) throw new TypeError(`${name}: unknown variable; did you mean ${meant}?`);
  }
}

/**
 * The options that the environment gives, read and checked: what `createAuthRouter` applies under its explicit
 * options. An empty variable counts as absent.
 *
 * @param env the variables, `process.env` by default
 * @returns the options that are set, nothing for those that are not
 * @throws TypeError that names the variable, what was given and what is allowed
 */
export function optionsFromEnv(env: Env = process.env): FromEnv {
  refuseMisspelt(env);
  const read = <T>(name: Variable, parse: (name: string, text: string) => T): T | undefined => {
    const text = env[name];
    return text === undefined || text === '' ? undefined : parse(name, text);
  };
  const number = (name: Variable, limit: Limit) =>
    read(name, (_, text) => checkNumber(name, parseNumber(name, text), limit));
  const oneOf = <const T extends string>(name: Variable, allowed: readonly T[]) =>
    read(name, (_, text) => checkOneOf(name, text, allowed));

  const algorithm = oneOf('AUTH_ALGORITHM', ALGORITHMS);
  const options: FromEnv = {
    algorithm,
    // Without an algorithm here, whether they fit is decided where it is known.
    secretKey: read('AUTH_SECRET_KEY', (name, text) =>
      checkSigningKey(name, withoutComma(name, text.trim()), algorithm ?? likelyAlgorithm(text)),
    ),
    previousSecretKeys: read('AUTH_PREVIOUS_SECRET_KEYS', (name, list) =>
      list.split(',').map((key) => checkVerifyingKey(name, key.trim(), algorithm ?? likelyAlgorithm(key))),
    ),
    accessTokenExpireMinutes: number('AUTH_ACCESS_TOKEN_EXPIRE_MINUTES', LIMITS.accessTokenExpireMinutes),
    refreshTokenExpireDays: number('AUTH_REFRESH_TOKEN_EXPIRE_DAYS', LIMITS.refreshTokenExpireDays),
    refreshGraceSeconds: number('AUTH_REFRESH_GRACE_SECONDS', LIMITS.refreshGraceSeconds),
    issuer: read('AUTH_ISSUER', checkText),
    audience: read('AUTH_AUDIENCE', checkText),
    appUrl: read('AUTH_APP_URL', checkAppUrl),
    mail: definedOnly<Partial<MailOptions>>({
      transport: read('SMTP_URL', checkSmtpUrl),
      from: read('MAIL_FROM', checkSender),
    }),
    registration: oneOf('AUTH_REGISTRATION', ['open', 'closed']),
    emailVerification: oneOf('AUTH_EMAIL_VERIFICATION', ['off']),
    password: definedOnly<PasswordOptions>({
      minLength: number('AUTH_PASSWORD_MIN_LENGTH', LIMITS.minLength),
      bcryptCost: number('AUTH_BCRYPT_COST', LIMITS.bcryptCost),
    }),
    throttle: oneOf('AUTH_THROTTLE', ['off']),
    cookies: oneOf('AUTH_COOKIES', ['off']),
  };
  return definedOnly<FromEnv>(options) ?? {};
}

function definedOnly<T extends object>(members: { [K in keyof T]: T[K] | undefined }): T | undefined {
  const entries = Object.entries(members).filter(([, value]) => value !== undefined);
  return entries.length > 0 ? (Object.fromEntries(entries) as T) : undefined;
}
