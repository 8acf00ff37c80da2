import type { NewAccount } from './accounts/create-user.js';
import { checkKnown, isObject } from './config/checks.js';
import type { RequestContext } from './config/hooks.js';
import { HEADER_MAX_LENGTH } from './config/limits.js';
import { ValidationFailed } from './errors.js';
import { createValidator, deviceName } from './http/validation.js';
import { toIpAddress } from './security/ip-address.js';
import type { CreateUserInput, UserReference } from './service.js';

// A slip of the app's own code is a `TypeError` that names the method: a refusal would be told to the app's clients. Of what
// was given it says the type alone, for it may be a secret.

function refuse(name: string, value: unknown, allowed: string): never {
  const given = value === undefined || value === null ? String(value) : `a value of type ${typeof value}`;
  throw new TypeError(`${name}: ${given} given; allowed: ${allowed}`);
}

/** @throws TypeError for what is no string */
export function requireText(name: string, value: unknown): string {
  return typeof value === 'string' ? value : refuse(name, value, 'a string');
}

/**
 * @param others what there may be beside them, looked at elsewhere
 * @throws TypeError unless these members are strings, and there are no others
 */
export function requireTexts<Given extends object>(
  method: string,
  given: Given,
  required: readonly (keyof Given & string)[],
  others: readonly (keyof Given & string)[] = [],
): Given {
  checkKnown(given, [...required, ...others], method);
  for (const name of required) requireText(`${method}.${name}`, given[name]);
  return given;
}

/**
 * @returns the id of a user who is named by a document or an id
 * @throws TypeError for what is neither
 */
export function readReference(method: string, reference: UserReference): unknown {
  if (typeof reference === 'string') return reference;
  if (isObject(reference) && '_id' in reference) return reference._id;
  return refuse(method, reference, 'a user, or the id of one');
}

/**
 * A password or a hash that was meant and is not there, as of a variable that is not set, is refused: it makes no user
 * without one.
 */
export function readAccount(input: CreateUserInput): Omit<NewAccount, 'context'> {
  const { email, password, passwordHash, emailVerified, name, roles, ...fields } = input;
  const meant = {
    ...('password' in input && { password: password ?? (null as never) }),
    ...('passwordHash' in input && { passwordHash: passwordHash ?? (null as never) }),
  };
  return { email, ...meant, emailVerified, name, roles, fields };
}

const checkDeviceName = createValidator({ device_name: deviceName('The device name') });

/**
 * By the rule of `POST /token`: it is a client's text.
 *
 * @throws ValidationFailed (`validation_failed`)
 */
export async function readDeviceName(given: unknown): Promise<string | null> {
  const { input, faults } = await checkDeviceName({ device_name: given });
  if (faults.length > 0) throw new ValidationFailed(faults);
  return (input['device_name'] as string | null | undefined) ?? null;
}

/** Where it comes from. */
export function contextOf({ ip, userAgent, acceptLanguage }: Partial<RequestContext> = {}): RequestContext {
  const kept = userAgent?.slice(0, HEADER_MAX_LENGTH) ?? null;
  return { ip: toIpAddress(ip), userAgent: kept, acceptLanguage: acceptLanguage ?? null };
}
