import type { RequestContext } from '../config/hooks.js';
import type { Core } from '../core/core.js';
import { admitByLimits, withinLimits } from '../core/limits.js';
import { WrongPassword } from '../errors.js';
import type { UserDocument, UserId } from '../models/user.js';
import { normalizeEmail } from '../security/email-address.js';
import { turnOf } from './circumstances.js';

/** Who a password belongs to, or why it is nobody's. The client is never told which of the reasons it was. */
export type PasswordVerdict =
  | { user: UserDocument }
  | { user?: undefined; refused: 'unknown' | 'wrong_password' | 'disabled' | 'limited' };

/** A password that somebody has typed. */
export interface TypedPassword {
  password: string;
  context: Pick<RequestContext, 'ip'>;
  /** Aborted when nobody waits for the answer any more. */
  signal?: AbortSignal | undefined;
}

/** Whose it is said to be, and what for. */
interface Claimed {
  operation: string;
  /** The address as it was typed, where there may be no such user. */
  name?: string;
}

/**
 * The one place where a password meets a hash, whichever operation asks for it. Costs the work of one hash, whatever is
 * wrong, and the time of every refusal is the same (OWASP ASVS 5.0 6.3.8).
 *
 * @param user with the credentials; undefined where there is no such user
 * @throws Unavailable (`unavailable`, 503) when too many hashes are waiting; what a limit throws
 *
 * @example
 * const user = await kit.users.findByEmail(name);
 * const verdict = await checkPassword(kit, user, { operation: 'login', name }, { password, context, signal });
 */
export async function checkPassword(
  core: Core,
  user: UserDocument | undefined,
  { operation, name }: Claimed,
  { password, ...circumstances }: TypedPassword,
): Promise<PasswordVerdict> {
  const attempt = {
    operation,
    kind: 'password' as const,
    user: user ? String(user._id) : null,
    name: name === undefined ? null : normalizeEmail(name),
    ip: circumstances.context.ip,
  };
  return withinLimits(core.limits, attempt, async (isLimited) => {
    const isRefused = isLimited || Boolean(user?.disabledAt);
    // Many that have come at once wait for their hashes: the failures of the first ones refuse the others.
    const admit = () => admitByLimits(core.limits, attempt);
    const turn = { ...turnOf(circumstances), admit };
    // Whoever is beyond a limit gets no check of the hash, and waits as long as for one.
    const stored = isLimited ? undefined : user?.password;
    const fits = await core.hasher.verify(password, stored, { isRefused, ...turn });
    const result = verdictOf(user, { fits, isLimited });
    return { succeeded: result.user !== undefined, result };
  });
}

function verdictOf(
  user: UserDocument | undefined,
  { fits, isLimited }: { fits: boolean; isLimited: boolean },
): PasswordVerdict {
  if (isLimited) return { refused: 'limited' };
  if (!user) return { refused: 'unknown' };
  if (!fits) return { refused: 'wrong_password' };
  return user.disabledAt ? { refused: 'disabled' } : { user };
}

/**
 * Asks a signed-in user for the password once more: an access token alone is not enough for what cannot be undone
 * (OWASP ASVS 5.0 7.5.1).
 *
 * @returns the user with the credentials that the password was right for, to be written `ifUnchangedSince` them
 * @throws WrongPassword (`wrong_password`, 400), Unavailable (`unavailable`, 503); what a limit throws
 *
 * @example
 * await confirmPassword(kit, user._id, 'export-data', { password: input.password, context, signal });
 */
export async function confirmPassword(
  core: Core,
  id: UserId,
  operation: string,
  typed: TypedPassword,
): Promise<UserDocument> {
  const user = await core.users.findById(id, { withCredentials: true });
  return requireRightPassword(core, user, operation, typed);
}

/**
 * The same for a user who is loaded, or is nobody.
 *
 * @throws as above
 */
export async function requireRightPassword(
  core: Core,
  user: UserDocument | undefined,
  operation: string,
  typed: TypedPassword,
): Promise<UserDocument> {
  const verdict = await checkPassword(core, user, { operation }, typed);
  if (!verdict.user) throw new WrongPassword({ message: verdict.refused });
  return verdict.user;
}
