import { randomBytes } from 'node:crypto';
import { expect } from 'chai';
import { RateLimiterMemory } from 'rate-limiter-flexible';
import type { Settings } from '../../lib/config/option-table.js';
import type { AuthOptions } from '../../lib/config/options.js';
import { resolveOptions } from '../../lib/config/resolve-options.js';
import { createClock, createMailbox } from '../../lib/testing/index.js';
import { expectStartRefused } from '../support/failure.js';

const secretKey = randomBytes(64).toString('base64');
const fromOption = randomBytes(64).toString('hex');
const { transport } = createMailbox();

function resolve(options: object, env: Record<string, string> = {}): Settings {
  return resolveOptions({ secretKey, ...options } as AuthOptions<unknown, never>, env);
}

describe('the options, resolved', () => {
  it('need nothing but a secret', () => {
    const { clock, ...settings } = resolveOptions({}, { AUTH_SECRET_KEY: secretKey });
    expect(settings).to.deep.equal({
      secretKey,
      previousSecretKeys: [],
      algorithm: 'HS256',
      accessTokenExpireMinutes: 15,
      refreshTokenExpireDays: 30,
      sessionIdleDays: undefined,
      sessionsPerUser: 50,
      refreshGraceSeconds: 30,
      refreshRotation: 'on',
      claims: undefined,
      issuer: undefined,
      audience: undefined,
      appUrl: undefined,
      links: {},
      mail: { transport: undefined, from: undefined, texts: {} },
      templates: {},
      registerFields: [],
      profileFields: [],
      registration: 'open',
      User: undefined,
      features: [],
      emailVerification: 'off',
      audit: undefined,
      newSignInMail: 'off',
      throttle: {},
      cookies: false,
      allowedOrigins: [],
      onError: undefined,
      messages: {},
      loginFields: ['email'],
      password: {
        minLength: 8,
        maxLength: 256,
        bcryptCost: 12,
        blocklist: true,
        check: undefined,
        verifiers: [],
      },
      hooks: {},
      logger: {},
    });
    expect(clock.now()).to.be.closeTo(Date.now(), 1000);
  });

  for (const verifier of [null, {}, { matches() {} }, { matches() {}, verify() {}, fields: ['hash'] }]) {
    it(`take ${JSON.stringify(verifier)} for no verifier of hashes`, () => {
      const given = verifier ? 'a value of type object' : 'null';
      expect(expectStartRefused(() => resolve({ password: { verifiers: [verifier] } }))).to.equal(
        `password.verifiers[0]: ${given} given; allowed: an object with matches(stored) and ` +
          'verify(password, stored); fields and join(values) both or neither',
      );
    });
  }

  it('say that the secret is missing, by the variable and the option (hold 1)', () => {
    expect(expectStartRefused(() => resolveOptions({}, {}))).to.equal(
      'AUTH_SECRET_KEY (or the option secretKey): required and not given; ' +
        'allowed: a random secret of at least 32 bytes for HS256, e.g. from `openssl rand -base64 32`',
    );
  });

  interface Row {
    option: string;
    /** Reads the option's effect. */
    read(settings: Settings): unknown;
    environment: Record<string, string>;
    fromEnvironment: unknown;
    explicit: object;
    fromExplicit: unknown;
    fallback: unknown;
  }

  const PRECEDENCE: Row[] = [
    {
      option: 'secretKey',
      read: (settings) => settings.secretKey,
      environment: { AUTH_SECRET_KEY: secretKey },
      fromEnvironment: secretKey,
      explicit: { secretKey: fromOption },
      fromExplicit: fromOption,
      fallback: undefined,
    },
    {
      option: 'previousSecretKeys',
      read: (settings) => settings.previousSecretKeys,
      environment: { AUTH_PREVIOUS_SECRET_KEYS: secretKey },
      fromEnvironment: [secretKey],
      explicit: { previousSecretKeys: [fromOption] },
      fromExplicit: [fromOption],
      fallback: [],
    },
    {
      option: 'algorithm',
      read: (settings) => settings.algorithm,
      environment: { AUTH_ALGORITHM: 'HS384' },
      fromEnvironment: 'HS384',
      explicit: { algorithm: 'HS512' },
      fromExplicit: 'HS512',
      fallback: 'HS256',
    },
    {
      option: 'accessTokenExpireMinutes',
      read: (settings) => settings.accessTokenExpireMinutes,
      environment: { AUTH_ACCESS_TOKEN_EXPIRE_MINUTES: '5' },
      fromEnvironment: 5,
      explicit: { accessTokenExpireMinutes: 1 },
      fromExplicit: 1,
      fallback: 15,
    },
    {
      option: 'refreshTokenExpireDays',
      read: (settings) => settings.refreshTokenExpireDays,
      environment: { AUTH_REFRESH_TOKEN_EXPIRE_DAYS: '7' },
      fromEnvironment: 7,
      explicit: { refreshTokenExpireDays: 1 },
      fromExplicit: 1,
      fallback: 30,
    },
    {
      option: 'sessionIdleDays',
      read: (settings) => settings.sessionIdleDays,
      environment: { AUTH_SESSION_IDLE_DAYS: '14' },
      fromEnvironment: 14,
      explicit: { sessionIdleDays: 'off' },
      fromExplicit: undefined,
      fallback: undefined,
    },
    {
      option: 'audit',
      read: (settings) => settings.audit,
      environment: { AUTH_AUDIT_DAYS: '90' },
      fromEnvironment: 90,
      explicit: { audit: 'off' },
      fromExplicit: undefined,
      fallback: undefined,
    },
    {
      option: 'newSignInMail',
      read: (settings) => settings.newSignInMail,
      environment: { AUTH_NEW_SIGN_IN_MAIL: 'on' },
      fromEnvironment: 'on',
      explicit: { newSignInMail: 'off' },
      fromExplicit: 'off',
      fallback: 'off',
    },
    {
      option: 'sessionsPerUser',
      read: (settings) => settings.sessionsPerUser,
      environment: { AUTH_SESSIONS_PER_USER: '5' },
      fromEnvironment: 5,
      explicit: { sessionsPerUser: 1 },
      fromExplicit: 1,
      fallback: 50,
    },
    {
      option: 'refreshGraceSeconds',
      read: (settings) => settings.refreshGraceSeconds,
      environment: { AUTH_REFRESH_GRACE_SECONDS: '20' },
      fromEnvironment: 20,
      explicit: { refreshGraceSeconds: 0 },
      fromExplicit: 0,
      fallback: 30,
    },
    {
      option: 'refreshRotation',
      read: (settings) => settings.refreshRotation,
      environment: { AUTH_REFRESH_ROTATION: 'off' },
      fromEnvironment: 'off',
      explicit: { refreshRotation: 'on' },
      fromExplicit: 'on',
      fallback: 'on',
    },
    {
      option: 'issuer',
      read: (settings) => settings.issuer,
      environment: { AUTH_ISSUER: 'environment' },
      fromEnvironment: 'environment',
      explicit: { issuer: 'option' },
      fromExplicit: 'option',
      fallback: undefined,
    },
    {
      option: 'audience',
      read: (settings) => settings.audience,
      environment: { AUTH_AUDIENCE: 'environment' },
      fromEnvironment: 'environment',
      explicit: { audience: 'option' },
      fromExplicit: 'option',
      fallback: undefined,
    },
    {
      option: 'appUrl',
      read: (settings) => settings.appUrl,
      environment: { AUTH_APP_URL: 'https://environment.example.com/' },
      fromEnvironment: 'https://environment.example.com',
      explicit: { appUrl: 'https://option.example.com/app/' },
      fromExplicit: 'https://option.example.com/app',
      fallback: undefined,
    },
    {
      option: 'links.passwordReset',
      read: (settings) => settings.links.passwordReset,
      environment: {},
      fromEnvironment: undefined,
      explicit: { links: { passwordReset: 'app://reset' } },
      fromExplicit: 'app://reset',
      fallback: undefined,
    },
    {
      option: 'mail.transport',
      read: (settings) => settings.mail?.transport,
      environment: { SMTP_URL: 'smtp://environment.example.com', MAIL_FROM: 'environment@example.com' },
      fromEnvironment: 'smtp://environment.example.com',
      explicit: { mail: { transport, from: 'option@example.com' } },
      fromExplicit: transport,
      fallback: undefined,
    },
    {
      option: 'mail.from',
      read: (settings) => settings.mail?.from,
      environment: { SMTP_URL: 'smtp://environment.example.com', MAIL_FROM: 'environment@example.com' },
      fromEnvironment: 'environment@example.com',
      explicit: { mail: { transport, from: 'option@example.com' } },
      fromExplicit: 'option@example.com',
      fallback: undefined,
    },
    {
      option: 'registration',
      read: (settings) => settings.registration,
      environment: { AUTH_REGISTRATION: 'closed' },
      fromEnvironment: 'closed',
      explicit: { registration: 'open' },
      fromExplicit: 'open',
      fallback: 'open',
    },
    {
      option: 'password.minLength',
      read: (settings) => settings.password.minLength,
      environment: { AUTH_PASSWORD_MIN_LENGTH: '12' },
      fromEnvironment: 12,
      explicit: { password: { minLength: 10 } },
      fromExplicit: 10,
      fallback: 8,
    },
    {
      option: 'password.bcryptCost',
      read: (settings) => settings.password.bcryptCost,
      environment: { AUTH_BCRYPT_COST: '13' },
      fromEnvironment: 13,
      explicit: { password: { bcryptCost: 4 } },
      fromExplicit: 4,
      fallback: 12,
    },
  ];

  for (const row of PRECEDENCE) {
    it(`${row.option}: explicit option, then environment, then default`, () => {
      const secretFor = row.option === 'secretKey' ? {} : { secretKey };
      const settings = (options: object, env: Record<string, string>) =>
        row.read(resolveOptions({ ...secretFor, ...options } as AuthOptions<unknown, never>, env));
      expect(settings(row.explicit, row.environment)).to.deep.equal(row.fromExplicit);
      expect(settings(row.explicit, {})).to.deep.equal(row.fromExplicit);
      expect(settings({}, row.environment)).to.deep.equal(row.fromEnvironment);
      // The secret alone has no default.
      if (row.option !== 'secretKey') expect(settings({}, {})).to.deep.equal(row.fallback);
    });
  }

  it('take an explicit undefined for absent', () => {
    const undefineds = Object.fromEntries(PRECEDENCE.map(({ option }) => [option.split('.')[0], undefined]));
    const env = { AUTH_SECRET_KEY: secretKey, AUTH_ISSUER: 'environment', AUTH_BCRYPT_COST: '13' };
    const settings = resolveOptions(undefineds, env);
    expect(settings).to.include({ issuer: 'environment', algorithm: 'HS256', registration: 'open' });
    const password = { minLength: undefined, bcryptCost: undefined };
    expect(resolveOptions({ password }, env).password).to.deep.include({ minLength: 8, bcryptCost: 13 });
  });

  it('combine mail and password, member by member', () => {
    const env = { SMTP_URL: 'smtp://environment.example.com', AUTH_BCRYPT_COST: '13' };
    const { mail, password } = resolve(
      { mail: { from: 'option@example.com' }, password: { minLength: 10 } },
      env,
    );
    expect(mail).to.deep.equal({
      transport: 'smtp://environment.example.com',
      from: 'option@example.com',
      texts: {},
    });
    expect(password).to.deep.include({ minLength: 10, bcryptCost: 13 });
  });

  it('send no mail without a transport, and a sender alone is no mistake', () => {
    const { mail } = resolve({}, { MAIL_FROM: 'App <app@example.com>' });
    expect(mail).to.deep.equal({ transport: undefined, from: 'App <app@example.com>', texts: {} });
  });

  it('take the texts of mails from the option, and the transport from the environment or nowhere', () => {
    const texts = { fr: { passwordReset: { subject: 'Nouveau mot de passe' } } };
    const env = { SMTP_URL: 'smtp://mail.example.com', MAIL_FROM: 'app@example.com' };
    expect(resolve({ mail: { texts } }, env).mail).to.deep.equal({
      transport: 'smtp://mail.example.com',
      from: 'app@example.com',
      texts,
    });
    expect(resolve({ mail: { texts } }).mail).to.deep.include({ transport: undefined, texts });
  });

  it('hand on what the app gives: hooks, templates, logger, clock, fields', () => {
    const hooks = { beforeSignIn: () => {} };
    const templates = { passwordReset: () => ({ subject: '', text: '', html: '' }) };
    const clock = createClock();
    const given = {
      hooks,
      templates,
      logger: console,
      clock,
      registerFields: ['phone'],
      profileFields: ['city'],
    };
    const settings = resolve(given);
    expect(settings.hooks).to.equal(hooks);
    expect(settings.templates).to.deep.equal(templates);
    expect(settings.logger).to.equal(console);
    expect(settings.clock).to.equal(clock);
    expect(settings).to.deep.include({ registerFields: ['phone'], profileFields: ['city'] });
  });

  it('bound what may be tried, unless told otherwise', () => {
    const store = new RateLimiterMemory({ points: 1, duration: 1 });
    for (const [throttle, resolved] of [
      [undefined, {}],
      ['on', {}],
      [true, {}],
      [{}, {}],
      [{ store }, { store }],
      ['off', undefined],
      [false, undefined],
    ])
      expect(resolve({ throttle } as never).throttle, String(throttle)).to.deep.equal(resolved);
  });

  const BAD: [option: string, value: unknown, message: string][] = [
    ['secretKey', 'short', 'secretKey: a secret of 5 bytes given; allowed: a random secret'],
    ['secretKey', '', 'secretKey: required and not given; allowed: a random secret'],
    ['secretKey', null, 'secretKey: a value of type object given; allowed: a random secret'],
    ['secretKey', 'change-me-change-me-change-me-change-me', 'secretKey: a placeholder given; allowed: '],
    [
      'previousSecretKeys',
      ['short'],
      'previousSecretKeys: a secret of 5 bytes given; allowed: a random secret',
    ],
    ['previousSecretKeys', 'a,b', 'previousSecretKeys: a value of type string given; allowed: an array'],
    [
      'previousSecretKeys',
      null,
      'previousSecretKeys: a value of type object given; allowed: an array of secrets',
    ],
    ['algorithm', 'none', 'algorithm: "none" given; allowed: HS256, HS384, HS512, RS256, ES256'],
    [
      'algorithm',
      'HS265',
      'algorithm: "HS265" given; allowed: HS256, HS384, HS512, RS256, ES256 (did you mean HS256?)',
    ],
    ['algorithm', ['HS256'], 'algorithm: an array given; allowed: HS256, HS384, HS512'],
    ['algorithm', null, 'algorithm: null given; allowed: HS256, HS384, HS512'],
    [
      'accessTokenExpireMinutes',
      'abc',
      'accessTokenExpireMinutes: "abc" given; allowed: a number of minutes',
    ],
    ['accessTokenExpireMinutes', '15', 'accessTokenExpireMinutes: "15" given; allowed: a number of minutes'],
    ['accessTokenExpireMinutes', null, 'accessTokenExpireMinutes: null given; allowed: a number of minutes'],
    ['refreshTokenExpireDays', '15x', 'refreshTokenExpireDays: "15x" given; allowed: a number of days'],
    ['refreshTokenExpireDays', null, 'refreshTokenExpireDays: null given; allowed: a number of days'],
    [
      'refreshGraceSeconds',
      '10',
      'refreshGraceSeconds: "10" given; allowed: a number of seconds from 0 to 3600',
    ],
    [
      'refreshGraceSeconds',
      null,
      'refreshGraceSeconds: null given; allowed: a number of seconds from 0 to 3600',
    ],
    ['issuer', '', 'issuer: "" given; allowed: a string that is not empty'],
    ['issuer', ['a'], 'issuer: an array given; allowed: a string that is not empty'],
    ['audience', 5, 'audience: 5 given; allowed: a string that is not empty'],
    ['appUrl', 'app.example.com', 'appUrl: "app.example.com" given; allowed: an absolute http(s) URL'],
    ['links', 'https://app.example.com', 'links: "https://app.example.com" given; allowed: an object'],
    ['links', { passwordReset: '/reset' }, 'links.passwordReset: "/reset" given; allowed: an absolute URL'],
    ['mail', 'smtp://mail.example.com', 'mail: "smtp://mail.example.com" given; allowed: an object'],
    [
      'mail',
      { transport: 5, from: 'a@b.c' },
      'mail.transport: 5 given; allowed: a nodemailer transport, its op',
    ],
    [
      'mail',
      { transport: 'mail.example.com', from: 'a@b.c' },
      'mail.transport: not an SMTP URL; allowed: smtp://',
    ],
    [
      'mail',
      { transport },
      'mail.from (or MAIL_FROM): required with a mail transport; allowed: Name <address>',
    ],
    [
      'mail',
      { transport, from: 'App' },
      'mail.from: "App" given; allowed: one address, Name <address> or the',
    ],
    ['mail', { texts: { fr_FR: {} } }, 'a language of mail.texts: "fr_FR" given; allowed: a language tag,'],
    ['templates', { passwordReset: 'Hello' }, 'templates.passwordReset: "Hello" given; allowed: a function'],
    ['registerFields', 'phone', 'registerFields: "phone" given; allowed: an array of field names'],
    ['profileFields', [5], 'profileFields: an array given; allowed: an array of field names'],
    [
      'sessionIdleDays',
      'on',
      'sessionIdleDays: "on" given; allowed: off, or a number of days above 0, at most 3650',
    ],
    ['refreshRotation', false, 'refreshRotation: false given; allowed: on, off'],
    ['registration', 'close', 'registration: "close" given; allowed: open, closed (did you mean closed?)'],
    ['registration', null, 'registration: null given; allowed: open, closed'],
    ['emailVerification', 'on', 'emailVerification: "on" given; allowed: off, optional, required'],
    ['emailVerification', false, 'emailVerification: false given; allowed: off, optional, required'],
    ['password', [8], 'password: an array given; allowed: an object'],
    ['password', { minLength: '8' }, 'password.minLength: "8" given; allowed: a whole number of code points'],
    ['password', { blocklist: 'off' }, 'password.blocklist: "off" given; allowed: true or false'],
    ['password', { check: 'pwned' }, 'password.check: "pwned" given; allowed: a function'],
    [
      'password',
      { verifiers: {} },
      'password.verifiers: a value of type object given; allowed: an array of verifiers',
    ],
    ['loginFields', 'email', 'loginFields: "email" given; allowed: an array of field names'],
    ['loginFields', [], 'loginFields: an array given; allowed: one field name or more, each once'],
    [
      'loginFields',
      ['email', 'email'],
      'loginFields: an array given; allowed: one field name or more, each once',
    ],
    ['throttle', 'yes', 'throttle: "yes" given; allowed: on, off'],
    ['throttle', { stor: {} }, 'throttle.stor: unknown option; did you mean throttle.store?; allowed: store'],
    [
      'throttle',
      { store: { penalty() {} } },
      'throttle.store: a value of type object given; allowed: a limiter of rate-limiter-flexible',
    ],
    [
      'throttle',
      { store: 'redis' },
      'throttle.store: "redis" given; allowed: a limiter of rate-limiter-flexible',
    ],
    [
      'cookies',
      'on',
      'appUrl (or AUTH_APP_URL): required with cookies; allowed: https, or a loopback address',
    ],
    ['cookies', 'yes', 'cookies: "yes" given; allowed: on, off'],
    [
      'allowedOrigins',
      '*',
      'allowedOrigins: "*" given; allowed: an array of origins as browsers name them, e.g. https://app.example.com',
    ],
    ['onError', {}, 'onError: a value of type object given; allowed: a function'],
    ['messages', 'fr', 'messages: "fr" given; allowed: an object of language tags'],
    [
      'messages',
      { french: {} },
      'a language of messages: "french" given; allowed: a language tag, e.g. fr or pt-BR',
    ],
    [
      'password',
      { verifiers: [function md5() {}] },
      'password.verifiers[0]: a value of type function given; allowed: an object with matches(stored) and ' +
        'verify(password, stored); fields and join(values) both or neither: what md5() returns',
    ],
    [
      'features',
      [{}],
      'features[0]: a value of type object given; allowed: a feature: an object with name and',
    ],
    [
      'features',
      [{ name: 'one', setup() {}, collection: [] }],
      'features[0].collection: unknown option; did you mean features[0].collections?; allowed: name, collec',
    ],
    [
      'features',
      [{ name: 'one', setup() {}, collections: ['devices'] }],
      'a collection of features[0]: "devices" given; allowed: an object with name and fields',
    ],
    [
      'messages',
      { fr: { emial_taken: 'a' } },
      "messages.fr.emial_taken: unknown code; did you mean messages.fr.email_taken?; allowed: the kit's codes, and your own",
    ],
    ['hooks', { beforeSignIn: 'x' }, 'hooks.beforeSignIn: "x" given; allowed: a function'],
    ['hooks', null, 'hooks: null given; allowed: an object'],
    [
      'logger',
      'console',
      'logger: "console" given; allowed: an object with debug, info, warn and error, e.g. co',
    ],
    ['logger', { warn: 'x' }, 'logger.warn: "x" given; allowed: a function'],
    ['clock', 5, 'clock: 5 given; allowed: an object with now(): milliseconds'],
    ['clock', { now: 5 }, 'clock: a value of type object given; allowed: an object with now(): milliseconds'],
    ['clock', null, 'clock: null given; allowed: an object with now(): milliseconds'],
  ];

  for (const [option, value, message] of BAD) {
    const hold = /algorithm/.test(option) ? ' (hold 2)' : /Key/.test(option) ? ' (hold 1)' : '';
    it(`stop the start for ${option}: ${JSON.stringify(value) ?? String(value)}${hold}`, () => {
      const start = () => resolve({ [option]: value });
      const told = expectStartRefused(start);
      expect(told.slice(0, message.length)).to.equal(message);
      expect(told).to.include('; allowed: ');
    });
  }

  for (const [name, value] of [
    ['accessTokenExpireMinutes', ['abc', 0, -5, '15x', Number.NaN, Number.POSITIVE_INFINITY]],
    ['refreshTokenExpireDays', ['abc', 0, -5, '15x', Number.NaN, Number.POSITIVE_INFINITY]],
    ['refreshGraceSeconds', ['abc', -5, '15x', Number.NaN, 3601]],
  ] as const) {
    it(`stop the start for a malformed ${name} (hold 3)`, () => {
      for (const lifetime of value) {
        const told = expectStartRefused(() => resolve({ [name]: lifetime }));
        const given = typeof lifetime === 'string' ? JSON.stringify(lifetime) : lifetime;
        expect(told)
          .to.match(new RegExp(`^${name}: `))
          .and.include(`${given} given; allowed: a number of `);
      }
    });
  }

  it('need a secret as long as the algorithm asks, wherever each comes from (hold 1)', () => {
    const short = randomBytes(32).toString('hex').slice(0, 32);
    for (const [options, env, name] of [
      [{ secretKey: short, algorithm: 'HS384' }, {}, 'secretKey'],
      [{ secretKey: short }, { AUTH_ALGORITHM: 'HS384' }, 'secretKey'],
      [{ algorithm: 'HS384' }, { AUTH_SECRET_KEY: short }, 'AUTH_SECRET_KEY'],
      [{ previousSecretKeys: [short], algorithm: 'HS384', secretKey }, {}, 'previousSecretKeys'],
      [{ algorithm: 'HS384', secretKey }, { AUTH_PREVIOUS_SECRET_KEYS: short }, 'AUTH_PREVIOUS_SECRET_KEYS'],
    ] as [object, Record<string, string>, string][]) {
      expect(expectStartRefused(() => resolveOptions(options as AuthOptions<unknown, never>, env))).to.equal(
        `${name}: a secret of 32 bytes given; ` +
          'allowed: a random secret of at least 48 bytes for HS384, e.g. from `openssl rand -base64 48`',
      );
    }
  });

  it('refuse a secret where a key pair is asked for (hold 2)', () => {
    for (const algorithm of ['RS256', 'ES256']) {
      expect(expectStartRefused(() => resolve({ algorithm }))).to.match(
        /^secretKey: a secret, or no PEM, given; allowed: a private key in PEM: an (RSA|EC) key /,
      );
    }
  });

  it('refuse a PEM key for an HMAC (hold 2)', () => {
    const pem = `-----BEGIN PRIVATE KEY-----\n${secretKey}\n-----END PRIVATE KEY-----`;
    expect(expectStartRefused(() => resolve({ secretKey: pem }))).to.match(
      /^secretKey: a PEM key given, which does not fit HS256; allowed: /,
    );
  });

  for (const [options, beginning] of [
    [
      { accessTokenExpiresMinutes: 15 },
      'accessTokenExpiresMinutes: unknown option; did you mean accessTokenExpireMinutes?',
    ],
    [{ secret: 'hunter2' }, 'secret: unknown option; did you mean secretKey?'],
    [{ SecretKey: 'hunter2' }, 'SecretKey: unknown option; did you mean secretKey?'],
    [{ user: {} }, 'user: unknown option; did you mean User?'],
    [{ hook: {} }, 'hook: unknown option; did you mean hooks?'],
    [{ database: 'x' }, 'database: unknown option; allowed: secretKey, previousSecretKeys, algorithm,'],
    [
      { mail: { transporter: 1 } },
      'mail.transporter: unknown option; did you mean mail.transport?; allowed: transport, from, texts',
    ],
    [{ password: { minlength: 1 } }, 'password.minlength: unknown option; did you mean password.minLength?'],
    [
      { hooks: { afterRegistered: 1 } },
      'hooks.afterRegistered: unknown option; did you mean hooks.afterRegister?',
    ],
  ] as const) {
    it(`stop the start for the unknown option ${beginning.split(':')[0]}`, () => {
      const told = expectStartRefused(() => resolve(options));
      expect(told.slice(0, beginning.length)).to.equal(beginning);
      expect(told).to.include('; allowed: ').and.not.include('hunter2');
    });
  }

  it('stop the start when they are no object', () => {
    for (const options of [null, 'secret', [], 5]) {
      expect(expectStartRefused(() => resolveOptions(options as never, {}))).to.match(
        /^options: .+ given; allowed: an object$/,
      );
    }
  });

  it('stop the start for a malformed variable, also where an option wins over it', () => {
    expect(expectStartRefused(() => resolve({ issuer: 'me' }, { AUTH_ISSUER: ' ' }))).to.equal(
      'AUTH_ISSUER: " " given; allowed: a string that is not empty',
    );
  });

  it('never repeat a secret in a message (hold 63)', () => {
    for (const options of [
      { secretKey: 'hunter2hunter2' },
      { secretKey: 7_777_777_777 },
      { secretKey: ['hunter2'] },
      { secretKey: 'change-me-hunter2-hunter2-hunter2-hunter2' },
      { previousSecretKeys: ['hunter2hunter2'] },
      { previousSecretKeys: 'hunter2hunter2' },
      { previousSecretKeys: [7_777_777_777] },
      { secretKey: '-----BEGIN hunter2' },
      { mail: { transport: 'http://user:hunter2@mail.example.com', from: 'a@b.c' } },
    ]) {
      const told = expectStartRefused(() => resolve(options));
      expect(told).to.not.include('hunter2').and.not.include('7777777777');
    }
  });
});
