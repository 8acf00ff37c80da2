import type { Core } from '../core/core.js';
import { originOf } from '../core/events.js';
import { EmailNotVerified, Unavailable } from '../errors.js';
import type { UserDocument } from '../models/user.js';
import { isEmailAddress, normalizeEmail } from '../security/email-address.js';
import { passwordProof, type SignIn, signIn, type TokenPair } from '../sign-in.js';
import { checkPassword, type TypedPassword } from './check-password.js';
import { type Circumstances, turnOf } from './circumstances.js';

/** What somebody types to log in. */
export interface Credentials {
  /** The email, or what else is a user's by the option `loginFields`. */
  username: string;
  password: string;
  /** What the list of sessions calls the device, at most 100 characters: for clients whose user agent says nothing. */
  deviceName?: string | null | undefined;
}

/**
 * Whose name and password these are. The same look-ups and one check, whatever is wrong: the answer and its time are the same
 * for every refusal, and `login.failed` tells the app alone which it was.
 *
 * @returns the user with the credentials; undefined when they are nobody's
 * @throws Unavailable (`unavailable`, 503); what a limit throws
 */
export async function checkLogin(
  core: Core,
  { username, password }: Credentials,
  { context, signal }: Circumstances,
): Promise<UserDocument | undefined> {
  const named = await core.users.findByLogin(username);
  const claimed = { operation: 'login', name: username };
  const verdict = await checkPassword(core, named, claimed, { password, context, signal });
  if (verdict.user) {
    await upgradeHash(core, verdict.user, { password, context });
    return verdict.user;
  }
  const who = named
    ? { userId: String(named._id), email: null }
    : { userId: null, email: addressOf(username) };
  await core.events.emit('login.failed', { ...who, reason: verdict.refused, ...originOf(context) });
  return undefined;
}

/**
 * Signs a user in whose password was found right.
 *
 * @throws what `signIn` throws
 */
export async function signInByPassword(
  core: Core,
  user: UserDocument,
  where: Pick<SignIn, 'context' | 'deviceName' | 'remember'>,
): Promise<TokenPair> {
  try {
    return await signIn(core, user, { proofs: [passwordProof(core.now())], ...where });
  } catch (error) {
    if (!(error instanceof EmailNotVerified)) throw error;
    const who = { userId: String(user._id), email: null, ...originOf(where.context) };
    await core.events.emit('login.failed', { ...who, reason: 'not_verified' });
    throw error;
  }
}

/** A hash that is cheaper than configured, or was made elsewhere, is replaced when the password is at hand: now. */
async function upgradeHash(
  core: Core,
  user: UserDocument,
  { password, context }: Pick<TypedPassword, 'password' | 'context'>,
): Promise<void> {
  if (!user.password || !core.hasher.isOutdated(user.password)) return;
  try {
    await core.users.upgradeHash(user, await core.hasher.hash(password, turnOf({ context })));
  } catch (error) {
    // The login is right all the same; the next one tries again.
    if (!(error instanceof Unavailable)) throw error;
  }
}

function addressOf(typed: string): string | null {
  return isEmailAddress(normalizeEmail(typed)) ? typed : null;
}
