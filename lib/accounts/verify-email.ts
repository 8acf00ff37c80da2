import type { RequestContext } from '../config/hooks.js';
import type { Core } from '../core/core.js';
import { originOf } from '../core/events.js';
import { InvalidOneTimeToken } from '../errors.js';
import type { UserDocument } from '../models/user.js';
import { requireLinkOwner } from './link-owner.js';
import { mailWithinLimits } from './mail-within-limits.js';
import { tidyUp } from './tidy-up.js';

/** The name of the mail that carries the link. */
export const VERIFY_EMAIL = 'verifyEmail';

/**
 * Mails a verification link to whoever has this address and has not verified it, if somebody has. The same look-up and the
 * same write for every address; all else is off the request's path, and its time tells nothing.
 *
 * @throws Unavailable (`unavailable`, 503); what a limit throws
 */
export async function mailVerificationLink(
  core: Core,
  email: string,
  context: RequestContext,
): Promise<void> {
  const { user: found, address } = await core.users.findRecipient(email);
  const user = found?.emailVerifiedAt ? undefined : found;
  await mailWithinLimits(core, 'resend-verification', { user, address }, { mail: VERIFY_EMAIL, context });
}

/**
 * Verifies an address by the link that was mailed to it. Sessions go on, and nobody is signed in: the link changes nothing
 * but the address's standing.
 *
 * One write decides. It asks whether the address is still the one that the link was mailed to, and not verified yet; it
 * voids the other links with it, which are bound to that.
 *
 * @returns the user as the link found it
 * @throws InvalidOneTimeToken (`invalid_one_time_token`, 400), Unavailable (`unavailable`, 503)
 */
export async function verifyEmail(core: Core, token: string, context: RequestContext): Promise<UserDocument> {
  const { user } = await requireLinkOwner(core, VERIFY_EMAIL, token);
  if (!(await core.users.verifyEmail(user, core.now()))) {
    throw new InvalidOneTimeToken({ message: 'the address was verified or changed meanwhile' });
  }
  core.background.run(() => tidyUp(core, core.oneTimeTokens.removeAll(VERIFY_EMAIL, user._id)));
  await core.events.emit('email.verified', {
    userId: String(user._id),
    email: user.email,
    ...originOf(context),
  });
  return user;
}

/** What a verification link is bound to beside the address: used, all of them are void. */
export function verificationOf({ emailVerifiedAt }: Pick<UserDocument, 'emailVerifiedAt'>): string {
  return emailVerifiedAt ? emailVerifiedAt.toISOString() : '';
}
