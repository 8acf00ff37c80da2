import {
  checkAppUrl,
  checkFunctions,
  checkKnown,
  checkNames,
  checkNumber,
  checkOneOf,
  checkSender,
  checkSmtpUrl,
  checkText,
  refuse,
} from './checks.js';
import { LIMITS } from './limits.js';
import {
  type AuthOptions,
  type Clock,
  HOOKS,
  type Logger,
  type MailOptions,
  type Settings,
} from './options.js';
import { optionsFromEnv } from './options-from-env.js';
import { ALGORITHMS, checkSigningKey, checkVerifyingKey } from './signing-key.js';

const OPTION_NAMES = [
  'secretKey',
  'previousSecretKeys',
  'algorithm',
  'accessTokenExpireMinutes',
  'refreshTokenExpireDays',
  'refreshGraceSeconds',
  'issuer',
  'audience',
  'appUrl',
  'links',
  'mail',
  'templates',
  'User',
  'registerFields',
  'profileFields',
  'registration',
  'emailVerification',
  'password',
  'throttle',
  'cookies',
  'hooks',
  'logger',
  'clock',
] as const satisfies readonly (keyof AuthOptions)[];

export const SYSTEM_CLOCK: Clock = { now: () => Date.now() };
const SILENT: Logger = {};

type Plain = AuthOptions<unknown, never>;

/**
 * Explicit option > environment > default, each checked.
 *
 * @throws TypeError that names the option or variable, what was given and what is allowed
 */
export function resolveOptions(
  explicit: Plain,
  env?: Readonly<Record<string, string | undefined>>,
): Settings {
  checkKnown(explicit, OPTION_NAMES);
  const fromEnv = optionsFromEnv(env);
  const options: Plain = { ...fromEnv, ...definedMembers(explicit) };
  const password = checkPassword({ ...fromEnv.password, ...checkedObject('password', explicit.password) });
  refuseWhatIsNotThere(options);

  return {
    ...checkKeys(options, explicit),
    accessTokenSeconds: Math.round(60 * number('accessTokenExpireMinutes', options, 15)),
    refreshTokenSeconds: Math.round(86_400 * number('refreshTokenExpireDays', options, 30)),
    refreshGraceMs: 1000 * number('refreshGraceSeconds', options, 10),
    issuer: optional('issuer', options.issuer, checkText),
    audience: optional('audience', options.audience, checkText),
    links: checkLinks(options),
    mail: checkMail({ ...fromEnv.mail, ...checkedObject('mail', explicit.mail) }),
    templates: checkTemplates(options.templates),
    registerFields: optional('registerFields', options.registerFields, checkNames) ?? [],
    profileFields: optional('profileFields', options.profileFields, checkNames) ?? [],
    registration: checkOneOf('registration', given(options.registration, 'open'), ['open', 'closed']),
    password,
    hooks: checkHooks(options.hooks),
    logger: checkLogger(options.logger),
    clock: checkClock(options.clock),
  };
}

function definedMembers<T extends object>(members: T): Partial<T> {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as Partial<T>;
}

function checkedObject<T extends object>(name: string, value: T | undefined): Partial<T> {
  if (value === undefined) return {};
  if (typeof value !== 'object' || value === null || Array.isArray(value)) refuse(name, value, 'an object');
  return definedMembers(value);
}

/** The default stands for an absent value alone: `null` is a value, and no good one. */
function given<T>(value: T | undefined, fallback: T): T {
  return value === undefined ? fallback : value;
}

function optional<T>(
  name: string,
  value: unknown,
  check: (name: string, value: unknown) => T,
): T | undefined {
  return value === undefined ? undefined : check(name, value);
}

type Duration = 'accessTokenExpireMinutes' | 'refreshTokenExpireDays' | 'refreshGraceSeconds';

function number(name: Duration, options: Plain, fallback: number): number {
  return checkNumber(name, given(options[name], fallback), LIMITS[name]);
}

function checkKeys(
  options: Plain,
  explicit: Plain,
): Pick<Settings, 'secretKey' | 'previousSecretKeys' | 'algorithm'> {
  const algorithm = checkOneOf('algorithm', given(options.algorithm, 'HS256'), ALGORITHMS);
  // A missing key is told by the name most installations set it by.
  const name = explicit.secretKey === undefined ? 'AUTH_SECRET_KEY (or the option secretKey)' : 'secretKey';
  const previous = given(options.previousSecretKeys, []);
  if (!Array.isArray(previous)) {
    throw new TypeError(
      `previousSecretKeys: a value of type ${typeof previous} given; allowed: an array of secrets`,
    );
  }
  const previousName = explicit.previousSecretKeys ? 'previousSecretKeys' : 'AUTH_PREVIOUS_SECRET_KEYS';
  return {
    algorithm,
    secretKey: checkSigningKey(name, options.secretKey, algorithm),
    previousSecretKeys: previous.map((key) => checkVerifyingKey(previousName, key, algorithm)),
  };
}

/** What the contract foresees and this version does not do is refused, never silently left out. */
function refuseWhatIsNotThere(options: Plain): void {
  const off = "'off' (this version has nothing else)";
  if (![undefined, 'off'].includes(options.emailVerification)) {
    refuse('emailVerification', options.emailVerification, off);
  }
  for (const name of ['throttle', 'cookies'] as const) {
    if (![undefined, 'off', false].includes(options[name])) refuse(name, options[name], off);
  }
}

function checkPassword(given: AuthOptions['password'] & object): Settings['password'] {
  checkKnown(given, ['minLength', 'maxLength', 'bcryptCost', 'blocklist'], 'password');
  const { minLength = 8, maxLength = 256, bcryptCost = 12, blocklist = true } = given;
  if (typeof blocklist !== 'boolean') refuse('password.blocklist', blocklist, 'true or false');
  return {
    minLength: checkNumber('password.minLength', minLength, LIMITS.minLength),
    maxLength: checkNumber('password.maxLength', maxLength, LIMITS.maxLength),
    bcryptCost: checkNumber('password.bcryptCost', bcryptCost, LIMITS.bcryptCostOption),
    blocklist,
  };
}

function checkLinks({ appUrl, links = {} }: Plain): Settings['links'] {
  checkKnown(links, ['passwordReset'], 'links');
  const base = optional('appUrl', appUrl, checkAppUrl);
  if (links.passwordReset !== undefined && !URL.canParse(links.passwordReset)) {
    refuse('links.passwordReset', links.passwordReset, 'an absolute URL');
  }
  return { passwordReset: links.passwordReset ?? (base && `${base}/password/reset`) };
}

/** Half a configuration is a mistake; `MAIL_FROM` alone is not: an app may set it in every environment. */
function checkMail(given: Partial<MailOptions>): MailOptions | undefined {
  checkKnown(given, ['transport', 'from'], 'mail');
  const { transport, from } = given;
  if (transport === undefined) return undefined;
  if (typeof transport !== 'string' && (typeof transport !== 'object' || transport === null)) {
    refuse('mail.transport', transport, 'a nodemailer transport, its options or an SMTP URL');
  }
  if (typeof transport === 'string') checkSmtpUrl('mail.transport', transport);
  if (from === undefined) {
    throw new TypeError('mail.from (or MAIL_FROM): required with a mail transport; allowed: Name <address>');
  }
  return { transport, from: checkSender('mail.from', from) };
}

function checkTemplates(templates: Plain['templates']): Settings['templates'] {
  if (templates === undefined) return {};
  checkFunctions('templates', templates, ['passwordReset']);
  return templates;
}

function checkHooks(hooks: Plain['hooks']): Settings['hooks'] {
  if (hooks === undefined) return {};
  checkFunctions('hooks', hooks, HOOKS);
  return hooks;
}

function checkLogger(logger: unknown): Logger {
  if (logger === undefined) return SILENT;
  if (typeof logger !== 'object' || logger === null) {
    refuse('logger', logger, 'an object with debug, info, warn and error, e.g. console');
  }
  for (const level of ['debug', 'info', 'warn', 'error'] as const) {
    const write = (logger as Record<string, unknown>)[level];
    if (write !== undefined && typeof write !== 'function') refuse(`logger.${level}`, write, 'a function');
  }
  return logger;
}

function checkClock(clock: unknown): Clock {
  if (clock === undefined) return SYSTEM_CLOCK;
  const candidate = clock as Partial<Clock> | null;
  if (typeof candidate?.now !== 'function') refuse('clock', clock, 'an object with now(): milliseconds');
  return candidate as Clock;
}
