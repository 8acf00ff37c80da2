import { expect } from 'chai';
import { requireGoodPassword } from '../../lib/accounts/require-good-password.js';
import { ValidationFailed } from '../../lib/errors.js';
import { createPasswordPolicy } from '../../lib/security/password-policy.js';
import { failureOf } from '../support/failure.js';

describe('requireGoodPassword', () => {
  const policy = createPasswordPolicy({ minLength: 8, maxLength: 64, blocklist: true });
  const owner = { email: 'jean@example.com', name: 'Jean Dupont' };
  const check = (password: unknown) => requireGoodPassword({ policy }, password, owner, 'new_password');

  it('lets a good password pass', async () => {
    await check('zqxj kvbw');
  });

  const refused: [what: string, password: unknown, detail: string][] = [
    ['a short one', 'zqxj', 'The password must have at least 8 characters.'],
    ['a common one', 'password123', 'This password is too common.'],
    ['the name', 'Jean Dupont', 'The password must not be your email address or name.'],
    ['none', undefined, 'The password must be a string.'],
    ['null', null, 'The password must be a string.'],
    ['a number', 12345678, 'The password must be a string.'],
    ['an array', ['zqxj kvbw'], 'The password must be a string.'],
    ['an object', { length: 10 }, 'The password must be a string.'],
  ];
  for (const [what, password, detail] of refused) {
    it(`refuses ${what}, and points at the field it came in (hold 30)`, async () => {
      const error = await failureOf<ValidationFailed>(() => check(password));
      expect(error).to.be.an.instanceOf(ValidationFailed);
      expect(error).to.include({ status: 422, code: 'validation_failed', detail });
      expect(error.errors).to.deep.equal([{ detail, pointer: '#/new_password' }]);
    });
  }
});
