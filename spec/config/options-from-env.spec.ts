import { randomBytes } from 'node:crypto';
import { expect } from 'chai';
import { ENV_VARIABLES, optionsFromEnv } from '../../lib/config/options-from-env.js';
import { expectStartRefused } from '../support/failure.js';

const secret = randomBytes(32).toString('base64');
const previous = [randomBytes(32).toString('hex'), randomBytes(32).toString('base64url')];
const allowedSecret =
  'allowed: a random secret of at least 32 bytes for HS256, e.g. from `openssl rand -base64 32`';
const decimal = 'a decimal number';

/** Every variable that an option comes from, with a good value. */
const GOOD: [variable: (typeof ENV_VARIABLES)[number], text: string, options: object][] = [
  ['AUTH_SECRET_KEY', secret, { secretKey: secret }],
  ['AUTH_PREVIOUS_SECRET_KEYS', previous.join(','), { previousSecretKeys: previous }],
  ['AUTH_ALGORITHM', 'HS512', { algorithm: 'HS512' }],
  ['AUTH_ACCESS_TOKEN_EXPIRE_MINUTES', '5', { accessTokenExpireMinutes: 5 }],
  ['AUTH_REFRESH_TOKEN_EXPIRE_DAYS', '0.5', { refreshTokenExpireDays: 0.5 }],
  ['AUTH_SESSION_IDLE_DAYS', '14', { sessionIdleDays: 14 }],
  ['AUTH_SESSIONS_PER_USER', '1', { sessionsPerUser: 1 }],
  ['AUTH_REFRESH_GRACE_SECONDS', '0', { refreshGraceSeconds: 0 }],
  ['AUTH_REFRESH_ROTATION', 'off', { refreshRotation: 'off' }],
  ['AUTH_ISSUER', 'https://auth.example.com', { issuer: 'https://auth.example.com' }],
  ['AUTH_AUDIENCE', 'api', { audience: 'api' }],
  ['AUTH_APP_URL', 'https://app.example.com/', { appUrl: 'https://app.example.com' }],
  [
    'SMTP_URL',
    'smtp://user:pass@mail.example.com',
    { mail: { transport: 'smtp://user:pass@mail.example.com' } },
  ],
  ['MAIL_FROM', 'App <app@example.com>', { mail: { from: 'App <app@example.com>' } }],
  ['AUTH_REGISTRATION', 'closed', { registration: 'closed' }],
  ['AUTH_EMAIL_VERIFICATION', 'required', { emailVerification: 'required' }],
  ['AUTH_AUDIT_DAYS', '90', { audit: 90 }],
  ['AUTH_NEW_SIGN_IN_MAIL', 'on', { newSignInMail: 'on' }],
  ['AUTH_PASSWORD_MIN_LENGTH', '12', { password: { minLength: 12 } }],
  ['AUTH_BCRYPT_COST', '11', { password: { bcryptCost: 11 } }],
  ['AUTH_THROTTLE', 'off', { throttle: 'off' }],
  ['AUTH_COOKIES', 'off', { cookies: 'off' }],
  [
    'AUTH_ALLOWED_ORIGINS',
    'https://a.example, https://b.example',
    { allowedOrigins: ['https://a.example', 'https://b.example'] },
  ],
];

const BAD: [variable: string, text: string, message: string][] = [
  ['AUTH_SECRET_KEY', 'short', `a secret of 5 bytes given; ${allowedSecret}`],
  ['AUTH_SECRET_KEY', '   ', `required and not given; ${allowedSecret}`],
  ['AUTH_PREVIOUS_SECRET_KEYS', `${previous[0]},short`, `a secret of 5 bytes given; ${allowedSecret}`],
  ['AUTH_PREVIOUS_SECRET_KEYS', `${previous[0]},`, `required and not given; ${allowedSecret}`],
  ['AUTH_ALGORITHM', 'none', '"none" given; allowed: HS256, HS384, HS512, RS256, ES256'],
  [
    'AUTH_ALGORITHM',
    'hs256',
    '"hs256" given; allowed: HS256, HS384, HS512, RS256, ES256 (did you mean HS256?)',
  ],
  [
    'AUTH_ALGORITHM',
    'RS257',
    '"RS257" given; allowed: HS256, HS384, HS512, RS256, ES256 (did you mean RS256?)',
  ],
  ['AUTH_ISSUER', ' ', '" " given; allowed: a string that is not empty'],
  ['AUTH_AUDIENCE', '\t', '"\\t" given; allowed: a string that is not empty'],
  [
    'AUTH_APP_URL',
    'app.example.com',
    '"app.example.com" given; allowed: an absolute http(s) URL without query and fragment, e.g. https://app.example.com',
  ],
  ['SMTP_URL', 'mail.example.com', 'not an SMTP URL; allowed: smtp://user:password@host:port or smtps://...'],
  ['MAIL_FROM', 'The app', '"The app" given; allowed: one address, Name <address> or the address alone'],
  ['AUTH_REGISTRATION', 'Closed', '"Closed" given; allowed: open, closed (did you mean closed?)'],
  ['AUTH_EMAIL_VERIFICATION', 'on', '"on" given; allowed: off, optional, required'],
  ['AUTH_NEW_SIGN_IN_MAIL', 'true', '"true" given; allowed: on, off'],
  ['AUTH_THROTTLE', 'no', '"no" given; allowed: on, off'],
  ['AUTH_COOKIES', 'true', '"true" given; allowed: on, off'],
];

describe('the options of the environment', () => {
  it('are none where no variable is set', () => {
    expect(optionsFromEnv({})).to.deep.equal({});
    expect(optionsFromEnv({ PATH: '/bin', NODE_ENV: 'test' })).to.deep.equal({});
  });

  it('have a row here for each variable', () => {
    expect(GOOD.map(([variable]) => variable)).to.deep.equal([...ENV_VARIABLES]);
  });

  for (const [variable, text, options] of GOOD) {
    it(`take ${variable}, and an empty one for absent`, () => {
      expect(optionsFromEnv({ [variable]: text })).to.deep.equal(options);
      expect(optionsFromEnv({ [variable]: '' })).to.deep.equal({});
      expect(optionsFromEnv({ [variable]: undefined })).to.deep.equal({});
    });
  }

  it('come together', () => {
    const env = Object.fromEntries(GOOD.filter(([name]) => name !== 'AUTH_ALGORITHM'));
    expect(optionsFromEnv(env)).to.deep.include({
      secretKey: secret,
      mail: { transport: 'smtp://user:pass@mail.example.com', from: 'App <app@example.com>' },
      password: { minLength: 12, bcryptCost: 11 },
    });
  });

  it('come from process.env when no other is given', () => {
    const before = process.env.AUTH_ISSUER;
    process.env.AUTH_ISSUER = 'https://issuer.example.com';
    try {
      expect(optionsFromEnv()).to.include({ issuer: 'https://issuer.example.com' });
    } finally {
      if (before === undefined) delete process.env.AUTH_ISSUER;
      else process.env.AUTH_ISSUER = before;
    }
  });

  it('take spaces after the commas between earlier secrets', () => {
    const { previousSecretKeys } = optionsFromEnv({ AUTH_PREVIOUS_SECRET_KEYS: previous.join(', ') });
    expect(previousSecretKeys).to.deep.equal(previous);
  });

  it('refuse a secret that would become two as a previous one, without repeating it', () => {
    const secret = previous.join(',');
    expect(expectStartRefused(() => optionsFromEnv({ AUTH_SECRET_KEY: secret }))).to.equal(
      'AUTH_SECRET_KEY: a secret with a comma given; allowed: one that fits into AUTH_PREVIOUS_SECRET_KEYS',
    );
  });

  for (const [variable, text, message] of BAD) {
    it(`refuse ${variable}=${text.length > 30 ? '...' : text} in one line`, () => {
      expect(expectStartRefused(() => optionsFromEnv({ [variable]: text }))).to.equal(
        `${variable}: ${message}`,
      );
    });
  }

  for (const variable of [
    'AUTH_ACCESS_TOKEN_EXPIRE_MINUTES',
    'AUTH_REFRESH_TOKEN_EXPIRE_DAYS',
    'AUTH_REFRESH_GRACE_SECONDS',
    'AUTH_PASSWORD_MIN_LENGTH',
    'AUTH_BCRYPT_COST',
  ]) {
    it(`refuse a ${variable} that is no decimal number (hold 3)`, () => {
      for (const text of [
        'abc',
        '15x',
        '1e3',
        '0x10',
        ' 15',
        '15 ',
        '+15',
        '1,5',
        '.5',
        '5.',
        'Infinity',
        'NaN',
      ]) {
        expect(expectStartRefused(() => optionsFromEnv({ [variable]: text }))).to.equal(
          `${variable}: ${JSON.stringify(text)} given; allowed: ${decimal}`,
        );
      }
    });
  }

  it('leave a secret to the algorithm of the options when the environment names none', () => {
    expect(optionsFromEnv({ AUTH_SECRET_KEY: secret })).to.deep.equal({ secretKey: secret });
  });

  it('need the length of the algorithm that the environment names (hold 1)', () => {
    expect(
      expectStartRefused(() => optionsFromEnv({ AUTH_ALGORITHM: 'HS512', AUTH_SECRET_KEY: secret })),
    ).to.equal(
      `AUTH_SECRET_KEY: a secret of ${secret.length} bytes given; ` +
        'allowed: a random secret of at least 64 bytes for HS512, e.g. from `openssl rand -base64 64`',
    );
  });

  for (const [slip, meant] of [
    ['AUTH_SECRETKEY', 'AUTH_SECRET_KEY'],
    ['AUTH_SECRET_KEYS', 'AUTH_SECRET_KEY'],
    ['AUTH_PREVIOUS_SECRET_KEY', 'AUTH_PREVIOUS_SECRET_KEYS'],
    ['AUTH_ISUER', 'AUTH_ISSUER'],
    ['AUTH_BCRYPT_COSTS', 'AUTH_BCRYPT_COST'],
    ['AUTH_ACCESS_TOKEN_EXPIRES_MINUTES', 'AUTH_ACCESS_TOKEN_EXPIRE_MINUTES'],
    ['AUTH_REFRESH_TOKEN_EXPIRE_HOURS', 'AUTH_REFRESH_TOKEN_EXPIRE_DAYS'],
  ] as const) {
    it(`refuse ${slip}, a slip away from ${meant}`, () => {
      expect(expectStartRefused(() => optionsFromEnv({ [slip]: 'value' }))).to.equal(
        `${slip}: unknown variable; did you mean ${meant}?`,
      );
    });
  }

  it('leave variables of the app’s own alone', () => {
    expect(
      optionsFromEnv({ AUTH_PROVIDER: 'ldap', AUTH_TOKEN: 'x', AUTH_DB_URL: 'x', AUTH_USER: 'x' }),
    ).to.deep.equal({});
  });

  it('never repeat a secret in a message (hold 63)', () => {
    const env = {
      AUTH_SECRET_KEY: 'hunter2hunter2',
      AUTH_PREVIOUS_SECRET_KEYS: `${secret},hunter2hunter2`,
      SMTP_URL: 'http://user:hunter2@mail.example.com',
    };
    for (const [variable, text] of Object.entries(env)) {
      const message = expectStartRefused(() => optionsFromEnv({ [variable]: text }));
      expect(message).to.include(variable).and.not.include('hunter2').and.not.include(secret);
    }
  });
});
