import type { NewAccount } from './accounts/create-user.js';
import { checkKnown, isObject } from './config/checks.js';
import type { RequestContext } from './config/hooks.js';
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

/** @throws TypeError unless these members are strings, and there are no others */
export function requireTexts<Given extends object>(
  method: string,
  given: Given,
  required: readonly (keyof Given & string)[],
): Given {
  checkKnown(given, required, method);
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

/** Where it comes from. */
export function contextOf({ ip, userAgent, acceptLanguage }: Partial<RequestContext> = {}): RequestContext {
  return { ip: toIpAddress(ip), userAgent: userAgent ?? null, acceptLanguage: acceptLanguage ?? null };
}
