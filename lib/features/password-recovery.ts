import { type LinkMail, mailLink } from '../accounts/mail-link.js';
import { replacePassword } from '../accounts/replace-password.js';
import { requireGoodPassword } from '../accounts/require-good-password.js';
import { tidyUp } from '../accounts/tidy-up.js';
import { InvalidOneTimeToken } from '../errors.js';
import { defineRoute } from '../http/route.js';
import { emailAddress, requiredString } from '../http/validation.js';
import type { Feature, Kit } from '../kit.js';
import { passwordStampOf } from '../models/security-stamp.js';
import type { UserDocument } from '../models/user-store.js';
import { hashOneTimeSecret } from '../security/one-time-secret.js';

const RECOVERY: LinkMail = {
  mail: 'passwordReset',
  purpose: 'password-reset',
  expiresInMinutes: 30,
  stampOf: passwordStampOf,
};

/**
 * A forgotten password: `POST /forgot-password` mails a link, `/forgot-password/validate` asks whether one still works,
 * `/reset-password` uses it. OWASP Forgot Password Cheat Sheet.
 */
export const passwordRecovery: Feature = {
  name: 'password-recovery',
  routes: (kit) => [
    defineRoute<{ email: string }>({
      method: 'post',
      path: '/forgot-password',
      aliases: ['/password/forgot'],
      accepts: 'json',
      rules: { email: emailAddress('The email') },
      success: 202,
      async handle({ input }) {
        // The same look-up for every address; all else is off the request's path, and its time tells nothing.
        const recipient = await kit.users.findRecipient(input.email);
        if (recipient) mailLink(kit, recipient, RECOVERY);
        return { message: 'Password reset email sent' };
      },
    }),
    defineRoute<{ token: string }>({
      method: 'post',
      path: '/forgot-password/validate',
      aliases: ['/password/validate'],
      accepts: 'json',
      rules: { token: requiredString('The token') },
      success: 200,
      async handle({ input }) {
        const user = await findOwner(kit, hashOneTimeSecret(input.token));
        return { email: user.email, valid: true };
      },
    }),
    defineRoute<{ token: string; password: string }>({
      method: 'post',
      path: '/reset-password',
      aliases: ['/password/reset'],
      accepts: 'json',
      rules: { token: requiredString('The token'), password: requiredString('The password') },
      success: 200,
      async handle({ input, signal }) {
        await resetPassword(kit, { ...input, signal });
        return { message: 'Password updated' };
      },
    }),
  ],
};

/**
 * Whose password a token may reset: of an enabled user who still has the address and the password it was mailed for.
 *
 * @param hash of the token
 * @throws InvalidOneTimeToken (`invalid_one_time_token`)
 */
async function findOwner(kit: Kit, hash: string): Promise<UserDocument> {
  const token = await kit.oneTimeTokens.find(RECOVERY.purpose, hash, kit.now());
  const user = token && (await kit.users.findById(token.user));
  const fits =
    user && !user.disabledAt && user.email === token.email && RECOVERY.stampOf(user) === token.stamp;
  if (!fits) throw new InvalidOneTimeToken();
  return user;
}

/**
 * The write of the new password is what uses the token up: it brings a new password stamp, and the token is bound to
 * the old one. Of many at once one succeeds, and there is no moment at which the token is gone and the password not yet
 * there.
 */
async function resetPassword(
  kit: Kit,
  { token, password, signal }: { token: string; password: string; signal: AbortSignal },
): Promise<void> {
  const hash = hashOneTimeSecret(token);
  const user = await findOwner(kit, hash);
  await requireGoodPassword(kit, password, user, 'password');
  const changed = await replacePassword(kit, user._id, {
    passwordHash: await kit.hasher.hash(password, signal),
    reason: 'reset',
    ifRecoverableAs: user,
    // The link was read in the mailbox: the address is the user's own.
    emailVerifiedAt: user.emailVerifiedAt ?? kit.now(),
  });
  if (!changed) throw new InvalidOneTimeToken({ message: 'the credentials were changed meanwhile' });
  kit.background.run(() => tidyUp(kit, kit.oneTimeTokens.remove(hash)));
}
