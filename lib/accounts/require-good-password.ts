import type { Core } from '../core/core.js';
import { type Fault, ValidationFailed } from '../errors.js';
import { withoutCredentials } from '../models/conceal-credentials.js';
import type { UserDocument } from '../models/user.js';
import { normalizePassword } from '../security/normalize-password.js';
import type { PasswordOwner } from '../security/password-policy.js';

declare const good: unique symbol;

/** A password that the policy has let pass. What stores a password takes no other. */
export type GoodPassword = string & { readonly [good]: true };

/**
 * The one way to a password that may be stored: the kit's rules, then the app's own (option `password.check`).
 *
 * @param password a string, which callers in JavaScript may forget
 * @param owner whose it will be; need not be stored yet, and is otherwise valid
 * @param field the body's field that the password came in
 * @throws ValidationFailed (`validation_failed`, 422) when a rule refuses the password; what the app's rule throws
 *
 * @example
 * const password = await requireGoodPassword(kit, input.password, user, 'password');
 * await replacePassword(kit, user._id, { password, reason: 'reset', context });
 */
export async function requireGoodPassword(
  core: Pick<Core, 'policy' | 'settings'>,
  password: unknown,
  owner: UserDocument,
  field: string,
): Promise<GoodPassword> {
  const normalized = await requirePossiblePassword(core, password, field, owner);
  const fault = await askApp(core, normalized, owner);
  if (fault) throw new ValidationFailed([{ ...fault, pointer: `#/${field}` }]);
  return normalized as GoodPassword;
}

/**
 * What can be asked of a new password before all is known of whose it will be, so that nothing is looked up for one that
 * nobody may have. It may still be refused then.
 *
 * @param owner what is known
 * @returns the password in the form in which it is hashed
 * @throws ValidationFailed (`validation_failed`, 422)
 */
export async function requirePossiblePassword(
  { policy }: Pick<Core, 'policy'>,
  password: unknown,
  field: string,
  owner?: PasswordOwner,
): Promise<string> {
  const refuse = (fault: Fault): never => {
    throw new ValidationFailed([{ ...fault, pointer: `#/${field}` }]);
  };
  if (typeof password !== 'string') {
    return refuse({ code: 'invalid_type', detail: 'The password must be a string.' });
  }
  const normalized = normalizePassword(password);
  const fault = await policy.check(normalized, owner);
  return fault ? refuse(fault) : normalized;
}

/** The rule of the app's own, where it has one. */
async function askApp(
  { settings: { password: rules } }: Pick<Core, 'settings'>,
  password: string,
  owner: UserDocument,
): Promise<Fault | undefined> {
  if (!rules.check) return undefined;
  const given: unknown = (await rules.check(password, withoutCredentials(owner) as never)) ?? undefined;
  if (given === undefined) return undefined;
  const { code = 'refused', detail } = typeof given === 'string' ? { detail: given } : Object(given);
  // `true` may have been meant as "fine" and as "breached": neither is guessed.
  if (typeof detail !== 'string' || detail === '' || typeof code !== 'string') {
    throw new TypeError('password.check: return nothing, a sentence, or an object with detail and code');
  }
  return { code, detail };
}
