import type { UpdateQuery } from 'mongoose';
import { byId } from './by-id.js';
import { concealCredentials } from './conceal-credentials.js';
import { onDatabase, WRITE } from './database.js';
import { stampOf } from './security-stamp.js';
import type { UserDocument, UserId, UserModel } from './user.js';

/** What came of a write that brings a new security stamp. */
export interface Written {
  /** As stored now. */
  user: UserDocument;
  /** The stamp of before. */
  replacedStamp: string;
}

/**
 * One write to one user, if the conditions hold: whatever is at stake is compared and written at once.
 *
 * @param change operators, such as `$set`
 * @param conditions beside the id, for the same document
 * @returns undefined when there is no such user or a condition did not hold, and nothing was written
 * @throws Unavailable (`unavailable`, 503)
 */
export type UserWrite = (
  id: UserId,
  change: UpdateQuery<unknown>,
  conditions?: object,
) => Promise<Written | undefined>;

export function createUserWrite(model: UserModel): UserWrite {
  return async (id, change, conditions = {}) => {
    const options = { returnDocument: 'before', ...WRITE } as const;
    const filter = { ...byId(id), ...conditions };
    const query = model.findOneAndUpdate(filter, change, options).select('+securityStamp');
    const user = (await onDatabase(() => query.exec())) as UserDocument | null;
    if (!user) return undefined;
    const replacedStamp = stampOf(user);
    // As it is stored now: what was there, and on it what was written, the time of it included.
    const written = (query.getUpdate() as { $set?: object } | null)?.$set ?? {};
    for (const [path, value] of Object.entries(written)) {
      user.set(path, value);
      user.unmarkModified(path);
    }
    concealCredentials(user);
    return { user, replacedStamp };
  };
}

/**
 * The condition that no session-ending change was made since the user was read. By the stamp and not by the hash: filters
 * end up in the database's logs. Null also finds a user without one.
 */
export function unchanged(user: UserDocument): object {
  return { securityStamp: user.securityStamp ?? null };
}

/** The condition that the security stamp is this one; none where none is given. */
export function underStamp(stamp: string | undefined): object {
  return stamp === undefined ? {} : { securityStamp: stamp || null };
}

/** The condition that password and address are those that were read, and the user is not disabled. */
export function recoverable(user: UserDocument): object {
  return { passwordStamp: user.passwordStamp ?? null, email: user.email, disabledAt: null };
}
