import type { Core } from '../core/core.js';
import { EmailTaken } from '../errors.js';
import type { UserDocument } from '../models/user.js';
import { createUser, type NewAccount } from './create-user.js';
import { findUser } from './find-user.js';

/**
 * The user of an address as it is stored, or a new one. What is stored is not changed. Of many at once one makes it.
 *
 * @throws as `createUser`, but for `email_taken`
 */
export async function ensureUser(core: Core, account: NewAccount): Promise<UserDocument> {
  const stored = await findUser(core, account);
  if (stored) return stored;
  try {
    return await createUser(core, account);
  } catch (error) {
    const madeMeanwhile = error instanceof EmailTaken && (await findUser(core, account));
    if (madeMeanwhile) return madeMeanwhile;
    throw error;
  }
}
