import type { RequestContext } from '../config/hooks.js';
import type { Core } from '../core/core.js';
import { originOf } from '../core/events.js';
import { InvalidOneTimeToken } from '../errors.js';
import type { UserDocument } from '../models/user.js';
import type { Circumstances } from './circumstances.js';
import { requireLinkOwner } from './link-owner.js';
import { mailWithinLimits } from './mail-within-limits.js';
import { replacePassword } from './replace-password.js';
import { requireGoodPassword, requirePossiblePassword } from './require-good-password.js';
import { tidyUp } from './tidy-up.js';
import { VERIFY_EMAIL } from './verify-email.js';

/** The name of the mail that carries the link. */
export const PASSWORD_RESET = 'passwordReset';

/**
 * Mails a recovery link to whoever has this address, if somebody has it. The same look-up and the same write for every
 * address; all else is off the request's path, and its time tells nothing.
 *
 * @throws Unavailable (`unavailable`, 503); what a limit throws
 */
export async function mailRecoveryLink(core: Core, email: string, context: RequestContext): Promise<void> {
  const recipient = await core.users.findRecipient(email);
  await mailWithinLimits(core, 'forgot-password', recipient, { mail: PASSWORD_RESET, context });
  const { user, address } = recipient;
  const userId = user ? String(user._id) : null;
  await core.events.emit('password.resetRequested', { userId, email: address, ...originOf(context) });
}

/**
 * Whose recovery link this is. Does not use it up.
 *
 * @throws InvalidOneTimeToken (`invalid_one_time_token`, 400), Unavailable (`unavailable`, 503)
 */
export async function findRecoverable(core: Core, token: string): Promise<UserDocument> {
  return (await requireLinkOwner(core, PASSWORD_RESET, token)).user;
}

/** A new password, by a recovery link. */
interface Reset extends Circumstances {
  token: string;
  password: string;
}

/**
 * Sets a password by a recovery link, and ends the user's sessions.
 *
 * The write of the new password is what uses the token up: it brings a new password stamp, and the token is bound to
 * the old one. Of many at once one succeeds, and there is no moment at which the token is gone and the password not yet
 * there.
 *
 * @throws InvalidOneTimeToken (`invalid_one_time_token`, 400); ValidationFailed (`validation_failed`, 422), which does not
 * use the token up; Unavailable (`unavailable`, 503); what an `afterPasswordChange` hook throws, when all is done
 */
export async function resetPassword(
  core: Core,
  { token, password: given, ...circumstances }: Reset,
): Promise<void> {
  await requirePossiblePassword(core, given, 'password');
  const { user, hash } = await requireLinkOwner(core, PASSWORD_RESET, token);
  const password = await requireGoodPassword(core, given, user, 'password');
  const changed = await replacePassword(core, user._id, {
    ...circumstances,
    password,
    reason: 'reset',
    ifRecoverableAs: user,
    // The link was read in the mailbox: the address is the user's own.
    emailVerifiedAt: user.emailVerifiedAt ?? core.now(),
  });
  if (!changed) throw new InvalidOneTimeToken({ message: 'the credentials were changed meanwhile' });
  core.background.run(() => tidyUp(core, ...forgetLinks(core, user, hash)));
}

/** The one that was used, and those of a verification that has come by it. */
function forgetLinks(
  { settings, oneTimeTokens }: Core,
  { _id }: UserDocument,
  hash: string,
): Promise<unknown>[] {
  const used = oneTimeTokens.remove(hash);
  return settings.emailVerification === 'off' ? [used] : [used, oneTimeTokens.removeAll(VERIFY_EMAIL, _id)];
}
