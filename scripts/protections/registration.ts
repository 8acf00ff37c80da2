import { cut, type Protection } from './protection.js';
import { SESSIONS_STAY } from './sessions-stay.js';

const RECOVERY = ['features/password-recovery.spec.ts'];

/** Registration, reset, verification. */
export const REGISTRATION: readonly Protection[] = [
  {
    name: 'a body sets base fields',
    holds: [44],
    cuts: [
      cut(
        'models/own-fields.ts',
        'const given = names.filter((name) => Object.hasOwn(body, name));',
        "const given = [...names, 'emailVerifiedAt', 'disabledAt', '_id'].filter((name) => Object.hasOwn(body, name));",
      ),
    ],
    specs: ['features/register/index.spec.ts', 'features/me.spec.ts'],
  },
  {
    name: 'an app may let bodies set base fields',
    holds: [44],
    cuts: [cut('models/check-user-model.ts', '    BASE_PATHS.includes(name) ||\n')],
    specs: ['models/check-user-model.spec.ts'],
  },
  {
    name: 'a hash, a stamp and ways in are taken from the fields of the app’s own',
    holds: [44],
    cuts: [
      cut(
        'models/user-documents.ts',
        'for (const path of CREDENTIAL_PATHS) delete given[path];',
        'void CREDENTIAL_PATHS;',
      ),
    ],
    specs: ['models/user-documents.spec.ts'],
  },
  {
    name: 'a registration does not wait for the unique index',
    holds: [45],
    cuts: [cut('models/user-documents.ts', 'await ready();', 'void ready;')],
    specs: ['models/user-documents.spec.ts', 'features/register/index.spec.ts', 'models/indexes.spec.ts'],
  },
  {
    name: 'an address that is taken at the same moment is a fault',
    holds: [45],
    cuts: [
      cut(
        'models/user-documents.ts',
        "if (duplicateKey(error)?.includes('email')) rethrowEmailTaken(error);",
        'void [duplicateKey, rethrowEmailTaken];',
      ),
    ],
    specs: ['models/user-documents.spec.ts', 'features/register/index.spec.ts'],
  },
  {
    name: 'addresses are compared as they are typed',
    holds: [46],
    cuts: [
      cut(
        'security/email-address.ts',
        ".trim().normalize('NFC').toLowerCase().normalize('NFC');",
        '.trim();',
      ),
    ],
    specs: ['security/email-address.spec.ts', 'features/register/index.spec.ts'],
  },
  {
    name: 'an address is checked before it is normalised',
    holds: [46],
    cuts: [
      cut(
        'http/validation.ts',
        '      customSanitizer: { options: (value: string) => normalizeEmail(value) },\n',
      ),
    ],
    specs: ['features/register/index.spec.ts', 'features/token/password-grant.spec.ts', ...RECOVERY],
  },
  {
    name: 'a mail goes to the address that was typed',
    holds: [46],
    cuts: [
      cut('mail/outbox.ts', 'toGivenAddress ? given : (user?.email ?? given);', 'given;'),
      cut('mail/delivery.ts', 'kind.toGivenAddress ? row.address : user.email;', 'row.address;'),
      cut('mail/delivery.ts', '!kind.toGivenAddress && user.email !== address;', 'false;'),
    ],
    specs: ['mail/outbox.spec.ts', ...RECOVERY],
  },
  {
    name: 'a domain may be another one on its way (UTS 46)',
    holds: [46],
    cuts: [
      cut(
        'security/email-address.ts',
        'return ascii === domain || domainToUnicode(ascii) === domain;',
        "return ascii !== '' || domainToUnicode(ascii) === domain;",
      ),
    ],
    specs: ['security/email-address.spec.ts'],
  },
  {
    name: 'addresses and tokens may be anything but texts',
    holds: [47],
    cuts: [
      cut(
        'http/validation.ts',
        "    isString: { errorMessage: fault('invalid_type', `${label} must be a string.`), bail: true },\n    notEmpty",
        '    notEmpty',
      ),
    ],
    specs: ['conformance/bad-input.spec.ts', ...RECOVERY],
  },
  {
    name: 'an empty text is an address or a token',
    holds: [47],
    cuts: [
      cut(
        'http/validation.ts',
        "    notEmpty: { errorMessage: fault('required', `${label} must not be empty.`), bail: true },\n",
      ),
    ],
    specs: ['conformance/bad-input.spec.ts', ...RECOVERY],
  },
  {
    name: 'a link works for ever',
    holds: [50],
    cuts: [
      cut(
        'models/one-time-token-store.ts',
        'tokens.find({ hash, purpose, expiresAt: trusted({ $gt: now }) }),',
        'tokens.find({ hash, purpose, ...(!now && { now }) }),',
      ),
    ],
    specs: ['models/one-time-token-store.spec.ts', ...RECOVERY],
  },
  {
    name: 'a recovery link works for longer than 30 minutes',
    holds: [50],
    cuts: [cut('features/password-recovery.ts', 'expiresInMinutes: 30', 'expiresInMinutes: 31')],
    specs: RECOVERY,
  },
  {
    name: 'a verification link works for longer than a day',
    holds: [50],
    cuts: [cut('features/register/index.ts', 'expiresInMinutes: 24 * HOUR', 'expiresInMinutes: 1441')],
    specs: ['features/register/verification.spec.ts'],
  },
  {
    name: 'a recovery link that was used works again',
    holds: [50],
    cuts: [
      cut('accounts/link-owner.ts', ' && boundTo(user, {}) === stored.stamp;', ' && boundTo !== undefined;'),
      cut(
        'models/user-passwords.ts',
        '        ...(ifRecoverableAs && recoverable(ifRecoverableAs)),\n',
        '        ...(ifRecoverableAs && !recoverable && {}),\n',
      ),
      cut(
        'accounts/recover-password.ts',
        'core.background.run(() => tidyUp(core, ...forgetLinks(core, user, hash)));',
        'void [tidyUp, forgetLinks, hash];',
      ),
    ],
    specs: [...RECOVERY, 'models/user-passwords.spec.ts'],
  },
  {
    name: 'two resets at once by one link both succeed',
    holds: [50],
    cuts: [
      cut(
        'models/user-passwords.ts',
        '        ...(ifRecoverableAs && recoverable(ifRecoverableAs)),\n',
        '        ...(ifRecoverableAs && !recoverable && {}),\n',
      ),
    ],
    specs: [...RECOVERY, 'models/user-passwords.spec.ts'],
  },
  {
    name: 'six links are live',
    holds: [50],
    cuts: [
      cut(
        'core/create-core.ts',
        'const LIVE_LINKS = { most: 5, throttled: 3 };',
        'const LIVE_LINKS = { most: 6, throttled: 6 };',
      ),
    ],
    specs: RECOVERY,
  },
  {
    name: 'a reset ends no session',
    holds: [51],
    cuts: SESSIONS_STAY,
    specs: RECOVERY,
  },
  {
    name: 'a link leads to the host that the request names',
    holds: [52],
    cuts: [
      cut(
        'http/request-context.ts',
        '  return {\n    ...addressOf(req),',
        "  Object.assign(globalThis, { askedHost: req.get('host') });\n  return {\n    ...addressOf(req),",
      ),
      cut(
        'mail/outbox.ts',
        '(appUrl && `${appUrl}${linkOf(mail).path}`);',
        '`https://${(globalThis as { askedHost?: string }).askedHost}${linkOf(mail).path}`;',
      ),
    ],
    specs: RECOVERY,
  },
  {
    name: 'a request for recovery tells that nobody has the address',
    holds: [53],
    cuts: [
      cut(
        'accounts/recover-password.ts',
        'const { user, address } = recipient;',
        'const { user, address } = recipient;\n  if (!user) throw new InvalidOneTimeToken();',
      ),
    ],
    specs: RECOVERY,
  },
  {
    name: 'a request for another verification link tells that nobody has the address',
    holds: [53],
    cuts: [
      cut(
        'accounts/verify-email.ts',
        'const user = found?.emailVerifiedAt ? undefined : found;',
        'const user = found?.emailVerifiedAt ? undefined : found;\n  if (!user) throw new InvalidOneTimeToken();',
      ),
    ],
    specs: ['features/register/verification.spec.ts'],
  },
  {
    name: 'a request for recovery waits for its mail',
    holds: [53],
    cuts: [
      cut(
        'accounts/mail-within-limits.ts',
        'await core.outbox.sendTo(recipient, mail, { acceptLanguage });',
        'await core.outbox.sendTo(recipient, mail, { acceptLanguage });\n    await core.outbox.settled();',
      ),
    ],
    specs: RECOVERY,
  },
  {
    name: 'an address with a comma is two recipients',
    holds: [54],
    cuts: [
      cut('mail/mailer.ts', 'to: recipient,\n', 'to,\n'),
      cut(
        'mail/mailer.ts',
        'envelope: { from, to: [recipient] as unknown as string[] },',
        'envelope: { from, to },',
      ),
    ],
    specs: ['mail/mailer.spec.ts', ...RECOVERY],
  },
  {
    name: 'a verification link verifies whatever address the user has by now',
    holds: [56],
    cuts: [cut('accounts/link-owner.ts', 'user.email === stored.email && ', 'user.email !== undefined && ')],
    specs: ['features/register/verification.spec.ts', ...RECOVERY],
  },
  {
    name: 'an address that is changed at the same moment is verified',
    holds: [56],
    cuts: [
      cut(
        'models/user-addresses.ts',
        'const conditions = { email, emailVerifiedAt: null, disabledAt: null };',
        'const conditions = { ...(!email && { email }), emailVerifiedAt: null, disabledAt: null };',
      ),
    ],
    specs: ['models/user-addresses.spec.ts', 'accounts/verify-email.spec.ts'],
  },
  {
    name: 'who registers an address second, and has the mailbox, gets no link',
    holds: [57],
    cuts: [
      cut(
        'accounts/register-user.ts',
        'return holder?.emailVerifiedAt ? ALREADY_REGISTERED : PASSWORD_RESET;',
        'return holder && PASSWORD_RESET ? ALREADY_REGISTERED : PASSWORD_RESET;',
      ),
    ],
    specs: ['accounts/register-user.spec.ts'],
  },
  {
    name: 'who registered a victim’s address stays signed in when the victim resets',
    holds: [57],
    cuts: SESSIONS_STAY,
    specs: RECOVERY,
  },
];
