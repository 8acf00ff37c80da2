import { AuthError } from 'express-auth-kit';
import { User } from '../models/user.js';

export const ADMIN = 'admin';

/** 409 `last_admin`: without this one nobody could do what admins do. */
class LastAdmin extends AuthError {
  constructor() {
    super({ status: 409, code: 'last_admin', detail: 'This is the last admin' });
  }
}

/**
 * Carries out what lets an admin be none any more, unless it is the last.
 *
 * One write is one document, and other admins may go at the same moment: so they are looked for before the write, and once
 * more after it. Of several who go at once, the last to be written finds nobody, and is put back; two may both be.
 *
 * @param write what is done
 * @param putBack takes it back
 * @throws LastAdmin (`last_admin`, 409)
 */
export async function keepAnAdmin(
  user: InstanceType<typeof User>,
  write: () => Promise<void>,
  putBack: () => Promise<void>,
): Promise<void> {
  if (!isAdmin(user)) return write();
  if (!(await isAnotherAdmin(user))) throw new LastAdmin();
  await write();
  if (await isAnotherAdmin(user)) return;
  await putBack();
  throw new LastAdmin();
}

/** A disabled one can do nothing. */
function isAdmin({ roles, disabledAt }: InstanceType<typeof User>): boolean {
  return roles.includes(ADMIN) && !disabledAt;
}

async function isAnotherAdmin({ _id }: InstanceType<typeof User>): Promise<boolean> {
  const others = { _id: { $ne: _id }, roles: ADMIN, disabledAt: null };
  // What another process has written, a secondary may not have yet.
  return (await User.exists(others).read('primary')) !== null;
}
