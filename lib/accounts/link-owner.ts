import type { Core } from '../core/core.js';
import { InvalidOneTimeToken } from '../errors.js';
import type { UserDocument } from '../models/user.js';
import { hashOneTimeSecret } from '../security/one-time-secret.js';

/**
 * Whom the token of a mailed link speaks for: an enabled user who still has the address, and what the link is bound to,
 * as they were when it was mailed. Does not use the token up.
 *
 * @param mail the name of the mail
 * @returns the user, and the hash by which the token is stored
 * @throws InvalidOneTimeToken (`invalid_one_time_token`, 400), Unavailable (`unavailable`, 503); Error for a mail that has
 * no link
 *
 * @example
 * const { user } = await requireLinkOwner(kit, 'invitation', input.token);
 */
export async function requireLinkOwner(
  core: Core,
  mail: string,
  token: string,
): Promise<{ user: UserDocument; hash: string }> {
  const { boundTo } = core.outbox.link(mail);
  const hash = hashOneTimeSecret(token);
  const stored = await core.oneTimeTokens.find(mail, hash, core.now());
  const user = stored && (await core.users.findById(stored.user));
  const fits = user && !user.disabledAt && user.email === stored.email && boundTo(user, {}) === stored.stamp;
  if (!fits) throw new InvalidOneTimeToken();
  return { user, hash };
}
