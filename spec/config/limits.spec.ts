import { randomBytes } from 'node:crypto';
import { expect } from 'chai';
import { LIMITS } from '../../lib/config/limits.js';
import { resolveOptions } from '../../lib/config/resolve-options.js';
import { expectStartRefused } from '../support/failure.js';

const secretKey = randomBytes(32).toString('base64');

interface Row {
  option: string;
  variable?: string;
  limit: keyof typeof LIMITS;
  /** The option, holding a value. */
  with(value: number): object;
  good: number[];
  bad: number[];
}

const inPassword = (name: string) => (value: number) => ({ password: { [name]: value } });

const ROWS: Row[] = [
  {
    option: 'accessTokenExpireMinutes',
    variable: 'AUTH_ACCESS_TOKEN_EXPIRE_MINUTES',
    limit: 'accessTokenExpireMinutes',
    with: (value) => ({ accessTokenExpireMinutes: value }),
    good: [0.5, 1, 15, 43_200],
    bad: [0, -5, 0.01, 43_201],
  },
  {
    option: 'refreshTokenExpireDays',
    variable: 'AUTH_REFRESH_TOKEN_EXPIRE_DAYS',
    limit: 'refreshTokenExpireDays',
    with: (value) => ({ refreshTokenExpireDays: value }),
    good: [0.5, 1, 30, 3650],
    bad: [0, -5, 0.000001, 3651],
  },
  {
    option: 'sessionIdleDays',
    variable: 'AUTH_SESSION_IDLE_DAYS',
    limit: 'sessionIdleDays',
    with: (value) => ({ sessionIdleDays: value }),
    good: [0.5, 1, 14, 3650],
    bad: [0, -5, 0.000001, 3651],
  },
  {
    option: 'audit',
    variable: 'AUTH_AUDIT_DAYS',
    limit: 'auditDays',
    with: (value) => ({ audit: value }),
    good: [0.5, 1, 365, 3650],
    bad: [0, -5, 0.000001, 3651],
  },
  {
    option: 'sessionsPerUser',
    variable: 'AUTH_SESSIONS_PER_USER',
    limit: 'sessionsPerUser',
    with: (value) => ({ sessionsPerUser: value }),
    good: [1, 50, 1000],
    bad: [0, -1, 1.5, 1001],
  },
  {
    option: 'refreshGraceSeconds',
    variable: 'AUTH_REFRESH_GRACE_SECONDS',
    limit: 'refreshGraceSeconds',
    with: (value) => ({ refreshGraceSeconds: value }),
    good: [0, 0.5, 30, 3600],
    bad: [-1, 3601],
  },
  {
    option: 'password.minLength',
    variable: 'AUTH_PASSWORD_MIN_LENGTH',
    limit: 'minLength',
    with: inPassword('minLength'),
    good: [1, 8, 64],
    bad: [0, -1, 65, 8.5],
  },
  {
    option: 'password.maxLength',
    limit: 'maxLength',
    with: inPassword('maxLength'),
    good: [64, 256, 1024],
    bad: [63, 0, 1025, 256.5],
  },
  {
    option: 'password.bcryptCost',
    limit: 'bcryptCostOption',
    with: inPassword('bcryptCost'),
    good: [4, 10, 15],
    bad: [3, 0, 16, 12.5],
  },
];

describe('the limits of numbers', () => {
  for (const { option, variable, limit, with: give, good, bad } of ROWS) {
    const { allowed } = LIMITS[limit];

    it(`of ${option}: ${allowed}`, () => {
      for (const value of good) {
        expect(() => resolveOptions({ secretKey, ...give(value) }, {})).to.not.throw();
      }
      for (const value of [...bad, Number.NaN, Number.POSITIVE_INFINITY]) {
        expect(expectStartRefused(() => resolveOptions({ secretKey, ...give(value) }, {}))).to.equal(
          `${option}: ${value} given; allowed: ${allowed}`,
        );
      }
    });

    if (variable) {
      it(`of ${variable}, the same`, () => {
        for (const value of good) {
          expect(() => resolveOptions({ secretKey }, { [variable]: String(value) })).to.not.throw();
        }
        // What `String` writes as 1e-6 is no decimal number.
        for (const value of bad.filter((each) => /^[-.\d]+$/.test(String(each)))) {
          const start = () => resolveOptions({ secretKey }, { [variable]: String(value) });
          expect(expectStartRefused(start)).to.equal(`${variable}: ${value} given; allowed: ${allowed}`);
        }
      });
    }
  }

  it('of AUTH_BCRYPT_COST: a cost under 10 by the option alone, for tests', () => {
    for (const cost of ['10', '12', '15']) {
      const { password } = resolveOptions({ secretKey }, { AUTH_BCRYPT_COST: cost });
      expect(password.bcryptCost).to.equal(Number(cost));
    }
    for (const cost of ['4', '9', '16', '12.5']) {
      const start = () => resolveOptions({ secretKey }, { AUTH_BCRYPT_COST: cost });
      expect(expectStartRefused(start)).to.equal(
        `AUTH_BCRYPT_COST: ${cost} given; allowed: a whole number from 10 to 15`,
      );
    }
  });
});
