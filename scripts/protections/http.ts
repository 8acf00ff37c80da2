import { cut, type Protection } from './protection.js';

const NO_SECRETS = [
  'conformance/no-secrets/routes.spec.ts',
  'conformance/no-secrets/mistakes.spec.ts',
  'conformance/no-secrets/service.spec.ts',
];
const CONCEAL = ['mail/conceal-secret.spec.ts'];

/** HTTP, cookies, logs. */
export const HTTP: readonly Protection[] = [
  {
    name: 'JSON that is sent as text/plain is read',
    holds: [60],
    cuts: [
      cut(
        'http/body.ts',
        "  if (hasBody(req))\n    throw new UnsupportedMediaType(accepted.map((accepts) => MEDIA_TYPES[accepts]).join(' or '));\n",
      ),
      cut(
        'http/body.ts',
        'express.json({ limit: BODY_LIMIT, type: JSON_TYPE });',
        'express.json({ limit: BODY_LIMIT, type: () => true });',
      ),
    ],
  },
  {
    name: 'malformed JSON is a fault of the app’s',
    holds: [62],
    cuts: [
      cut(
        'http/problem.ts',
        'return PARSER_ERRORS[type]?.({ message:',
        'return PARSER_ERRORS[`no ${type}`]?.({ message:',
      ),
    ],
    specs: ['http/body.spec.ts', 'http/auth-error-handler.spec.ts'],
  },
  {
    name: 'a body that is no object is taken',
    holds: [62],
    cuts: [
      cut(
        'http/body.ts',
        "  if (typeof body !== 'object' || body === null || Array.isArray(body) || Buffer.isBuffer(body)) {\n    throw new MalformedBody();\n  }\n",
      ),
    ],
    specs: ['http/body.spec.ts', 'conformance/bad-input.spec.ts'],
  },
  {
    name: 'no body at all is a fault',
    holds: [62],
    cuts: [cut('http/body.ts', '  if (!hasBody(req)) return {};\n')],
    specs: ['http/body.spec.ts', 'conformance/bad-input.spec.ts'],
  },
  {
    name: 'a password is logged for debugging',
    holds: [63],
    cuts: [
      cut(
        'accounts/check-password.ts',
        '  return withinLimits(core.limits, attempt,',
        "  core.logger.debug?.('a password was typed', { password });\n  return withinLimits(core.limits, attempt,",
      ),
    ],
    specs: NO_SECRETS,
  },
  {
    name: 'a stored hash is in a refusal',
    holds: [63],
    cuts: [
      cut(
        'accounts/check-password.ts',
        'throw new WrongPassword({ message: verdict.refused });',
        'throw new WrongPassword({ message: `${verdict.refused} ${user?.password}` });',
      ),
    ],
    specs: NO_SECRETS,
  },
  {
    name: 'a token is in the message of its refusal',
    holds: [63],
    cuts: [
      cut(
        'http/token-reader.ts',
        'throw new InvalidToken({ message: reasonOf(outcome) });',
        'throw new InvalidToken({ message: `${reasonOf(outcome)} ${from.headers.authorization}` });',
      ),
    ],
    specs: ['http/token-reader.spec.ts'],
  },
  {
    name: 'a refresh token is in the message of its refusal',
    holds: [63],
    cuts: [
      cut(
        'http/token-reader.ts',
        'throw new InvalidRefreshToken({ message: reasonOf(outcome) });',
        'throw new InvalidRefreshToken({ message: `${reasonOf(outcome)} ${token}` });',
      ),
    ],
    specs: NO_SECRETS,
  },
  {
    name: 'the handle of a sign-in is shown by loggers',
    holds: [63],
    cuts: [
      cut(
        'errors.ts',
        "Object.defineProperty(this, 'extensions', { value: parts.extensions ?? {}, writable: true });",
        'Object.assign(this, { extensions: parts.extensions ?? {} });',
      ),
    ],
    specs: ['errors.spec.ts'],
  },
  {
    name: 'what a database quotes is shown by loggers',
    holds: [63],
    cuts: [cut('models/database.ts', '    hideQuotes(error);\n', '    void hideQuotes;\n')],
    specs: ['models/database.spec.ts'],
  },
  {
    name: 'the words of a mail server are told',
    holds: [63],
    cuts: [cut('mail/mailer.ts', 'sending.catch(rethrowWithoutWords)', '(sending as Promise<unknown>)')],
    specs: CONCEAL,
  },
  {
    name: 'the words of a template that fails are told',
    holds: [63],
    cuts: [
      cut(
        'mail/outbox-worker.ts',
        'const told = concealSecret(error, secret);',
        'const told = concealSecret && secret ? error : secret;',
      ),
    ],
    specs: CONCEAL,
  },
  {
    name: 'the words of a body parser are told',
    holds: [63],
    cuts: [
      cut(
        'http/problem.ts',
        'message: `the body parser refused the body: ${type}`',
        'message: String((error as Error).message)',
      ),
    ],
    specs: ['conformance/no-secrets/mistakes.spec.ts'],
  },
  {
    name: 'the words of a verifier of hashes are logged',
    holds: [63],
    cuts: [cut('security/password-hash.ts', '{ error: (error as Error | undefined)?.name }', '{ error }')],
    specs: ['conformance/users-from-elsewhere.spec.ts'],
  },
  {
    name: 'an SMTP URL is repeated in the message about it',
    holds: [63],
    cuts: [
      cut(
        'config/checks.ts',
        '`${name}: not an SMTP URL; allowed:',
        '`${name}: ${value} given, not an SMTP URL; allowed:',
      ),
    ],
    specs: ['config/options-from-env.spec.ts', 'config/resolve-options.spec.ts'],
  },
  {
    name: 'a secret key is repeated in the message about it',
    holds: [63],
    cuts: [
      cut(
        'config/signing-key.ts',
        '`${name}: ${predictable} given; allowed',
        '`${name}: ${value}: ${predictable} given; allowed',
      ),
    ],
    specs: ['config/options-from-env.spec.ts', 'config/resolve-options.spec.ts'],
  },
  {
    name: 'the audit trail keeps addresses',
    holds: [63],
    cuts: [cut('features/audit.ts', '    email: _address,\n')],
    specs: ['features/audit.spec.ts'],
  },
  {
    name: 'the client is told what is for the log',
    holds: [63],
    cuts: [
      cut(
        'http/problem.ts',
        'const { title, status, detail, code, extensions } = error;',
        'const { title, status, message: detail, code, extensions } = error;',
      ),
    ],
    specs: ['http/auth-error-handler.spec.ts'],
  },
  {
    name: 'keys of a body that mean something to JavaScript are stored',
    holds: [65],
    cuts: [
      cut('models/own-fields.ts', '!NOT_A_KEY.test(key) && isStorable', '(NOT_A_KEY || key) && isStorable'),
    ],
    specs: ['models/own-fields.spec.ts'],
  },
  {
    name: 'a body may have __proto__ as a key',
    holds: [65],
    cuts: [
      cut(
        'http/body.ts',
        "  if (!Object.hasOwn(body, '__proto__')) return body as Record<string, unknown>;",
        '  if (body) return body as Record<string, unknown>;',
      ),
    ],
    specs: ['conformance/bad-input.spec.ts', 'features/register/index.spec.ts'],
  },
];
