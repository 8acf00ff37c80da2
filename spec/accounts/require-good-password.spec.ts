import { expect } from 'chai';
import { requireGoodPassword, requirePossiblePassword } from '../../lib/accounts/require-good-password.js';
import type { PasswordOptions } from '../../lib/config/password.js';
import type { Core } from '../../lib/core/core.js';
import { AuthError, ValidationFailed } from '../../lib/errors.js';
import type { UserDocument } from '../../lib/models/user.js';
import { createPasswordPolicy } from '../../lib/security/password-policy.js';
import { failureOf } from '../support/failure.js';
import { createTestStores, type TestStores } from '../support/test-stores.js';

const GOOD = 'zqxj kvbw';

describe('requireGoodPassword', () => {
  let stores: TestStores;
  let owner: UserDocument;

  before(async () => {
    stores = await createTestStores();
    owner = stores.users.build({ email: 'jean@example.com', name: 'Jean Dupont' });
  });
  after(() => stores.database.drop());

  const rules = { minLength: 8, maxLength: 64, blocklist: true };
  const check = (password: unknown, rule?: PasswordOptions<UserDocument>['check']) => {
    const core = { policy: createPasswordPolicy(rules), settings: { password: { check: rule } } };
    return requireGoodPassword(core as unknown as Core, password, owner, 'new_password');
  };

  it('lets a good password pass, in the form in which it is hashed (hold 80)', async () => {
    expect(await check(GOOD)).to.equal(GOOD);
    expect(await check('zqxj kvbe\u0301')).to.equal('zqxj kvb\u00e9');
  });

  it('counts its length in that form (hold 80)', async () => {
    const error = await failureOf<ValidationFailed>(() => check('zqxje\u0301'.padEnd(8, 'e\u0301')));
    expect(error.detail).to.equal('The password must have at least 8 characters.');
  });

  const refused: [what: string, password: unknown, code: string, detail: string][] = [
    ['a short one', 'zqxj', 'too_short', 'The password must have at least 8 characters.'],
    ['a common one', 'password123', 'too_common', 'This password is too common.'],
    ['the name', 'Jean Dupont', 'too_personal', 'The password must not be your email address or name.'],
    ['none', undefined, 'invalid_type', 'The password must be a string.'],
    ['null', null, 'invalid_type', 'The password must be a string.'],
    ['a number', 12345678, 'invalid_type', 'The password must be a string.'],
    ['an array', ['zqxj kvbw'], 'invalid_type', 'The password must be a string.'],
    ['an object', { length: 10 }, 'invalid_type', 'The password must be a string.'],
  ];
  for (const [what, password, code, detail] of refused) {
    it(`refuses ${what}, and points at the field it came in (hold 30)`, async () => {
      const error = await failureOf<ValidationFailed>(() => check(password));
      expect(error).to.be.an.instanceOf(ValidationFailed);
      expect(error).to.include({ status: 422, code: 'validation_failed', detail });
      expect(error.errors).to.deep.equal([{ code, detail, pointer: '#/new_password' }]);
    });
  }

  describe('with a rule of the app’s own', () => {
    it('asks it after the kit’s rules, with the password in NFC and the user without credentials', async () => {
      const asked: unknown[] = [];
      const rule = (password: string, user: UserDocument) => {
        asked.push([password, user.email, user.isNew, user.securityStamp]);
        return undefined;
      };
      await failureOf(() => check('short', rule));
      await check('zqxj kvbe\u0301', rule);
      expect(asked).to.deep.equal([['zqxj kvb\u00e9', 'jean@example.com', true, undefined]]);
      expect(owner.securityStamp).to.be.a('string');
    });

    const rulings: [what: string, ruling: unknown, fault: { detail: string; code: string }][] = [
      ['a sentence', 'Not here.', { detail: 'Not here.', code: 'refused' }],
      ['a sentence and a code', { detail: 'Seen.', code: 'breached' }, { detail: 'Seen.', code: 'breached' }],
      ['an object without a code', { detail: 'Seen.' }, { detail: 'Seen.', code: 'refused' }],
    ];
    for (const [what, ruling, fault] of rulings) {
      it(`refuses for ${what}, at once or later`, async () => {
        for (const rule of [() => ruling as string, async () => ruling as string]) {
          const error = await failureOf<ValidationFailed>(() => check(GOOD, rule));
          expect(error).to.include({ status: 422, code: 'validation_failed', detail: fault.detail });
          expect(error.errors).to.deep.equal([{ ...fault, pointer: '#/new_password' }]);
        }
      });
    }

    it('lets pass what it has nothing to say about', async () => {
      for (const ruling of [undefined, null]) expect(await check(GOOD, async () => ruling)).to.equal(GOOD);
    });

    it('takes anything else that it returns for a fault of the app’s, not for a yes or a no', async () => {
      for (const ruling of [true, false, 0, '', [], {}, { detail: 5 }, { detail: 'Seen.', code: 5 }]) {
        const error = await failureOf(() => check(GOOD, () => ruling as never));
        expect(error).to.be.an.instanceOf(TypeError);
        expect(error.message).to.match(/^password\.check: /);
      }
    });

    it('passes on what it throws', async () => {
      for (const thrown of [
        new Error('the service is away'),
        new AuthError({ status: 503, code: 'away', detail: 'Away.' }),
      ]) {
        const rule = async () => Promise.reject(thrown);
        expect(await failureOf(() => check(GOOD, rule))).to.equal(thrown);
      }
    });
  });
});

describe('requirePossiblePassword', () => {
  const policy = createPasswordPolicy({ minLength: 8, maxLength: 64, blocklist: true });
  const check = (password: unknown) => requirePossiblePassword({ policy }, password, 'password');

  it('refuses what nobody may have', async () => {
    for (const [password, code] of [
      ['zqxj', 'too_short'],
      ['password123', 'too_common'],
      [5, 'invalid_type'],
    ] as const) {
      const { errors } = await failureOf<ValidationFailed>(() => check(password));
      expect(errors.map((fault) => [fault.code, fault.pointer])).to.deep.equal([[code, '#/password']]);
    }
  });

  it('leaves it open whether it is somebody’s own name', async () => {
    await check('jean@example.com');
  });
});
