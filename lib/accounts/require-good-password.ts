import { ValidationFailed } from '../errors.js';
import type { Kit } from '../kit.js';
import type { PasswordOwner } from '../security/password-policy.js';

/**
 * @param password a string, which callers in JavaScript may forget
 * @param field the body's field that the password came in
 * @throws ValidationFailed (`validation_failed`, 422) when the policy refuses the password
 */
export async function requireGoodPassword(
  kit: Pick<Kit, 'policy'>,
  password: unknown,
  owner: PasswordOwner,
  field: string,
): Promise<void> {
  const detail =
    typeof password === 'string' ? await kit.policy.check(password, owner) : 'The password must be a string.';
  if (detail) throw new ValidationFailed([{ detail, pointer: `#/${field}` }]);
}
