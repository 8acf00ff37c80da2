import { byId } from './by-id.js';
import { DEADLINE, onDatabase } from './database.js';
import type { HashFields } from './hash-fields.js';
import { createStamp } from './security-stamp.js';
import type { UserDocument, UserId, UserModel } from './user.js';
import { recoverable, type UserWrite, unchanged, type Written } from './user-write.js';

/** A new password. It brings new stamps, which ends the sessions and voids the links of before. */
export interface PasswordChange {
  passwordHash: string;
  /** The new security stamp, for a session that is to go on. */
  stamp: string;
  emailVerifiedAt?: Date;
  /** Only if no session-ending change was made since the user was read; else nothing is written. */
  ifUnchangedSince?: UserDocument;
  /** Only if password and address are those that were read, and the user is not disabled; else nothing is written. */
  ifRecoverableAs?: UserDocument;
}

/** How a password is replaced, or its hash alone. */
export interface UserPasswords {
  /** @returns undefined when a condition did not hold, and nothing was written */
  changePassword(id: UserId, change: PasswordChange): Promise<Written | undefined>;
  /** Replaces a hash by a stronger one of the same password, unless that has changed since. Ends nothing. */
  upgradeHash(user: UserDocument, passwordHash: string): Promise<void>;
}

interface PasswordParts {
  write: UserWrite;
  hashFields: HashFields;
}

export function createUserPasswords(model: UserModel, { write, hashFields }: PasswordParts): UserPasswords {
  return {
    changePassword(id, { passwordHash, stamp, emailVerifiedAt, ifUnchangedSince, ifRecoverableAs }) {
      const conditions = {
        ...(ifUnchangedSince && unchanged(ifUnchangedSince)),
        ...(ifRecoverableAs && recoverable(ifRecoverableAs)),
      };
      const stamps = { securityStamp: stamp, passwordStamp: createStamp() };
      const set = { password: passwordHash, ...stamps, ...(emailVerifiedAt && { emailVerifiedAt }) };
      return write(id, { $set: set, ...hashFields.removal }, conditions);
    },

    async upgradeHash(user, passwordHash) {
      const filter = { ...byId(user._id), passwordStamp: user.passwordStamp ?? null };
      const change = { $set: { password: passwordHash }, ...hashFields.removal };
      const options = { timestamps: false, maxTimeMS: DEADLINE };
      await onDatabase(() => model.updateOne(filter, change, options).exec());
    },
  };
}
