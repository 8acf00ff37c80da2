import type { HashFields } from './hash-fields.js';
import { createStamp } from './security-stamp.js';
import type { UserDocument } from './user.js';
import { recoverable, type UserWrite, unchanged, type Written } from './user-write.js';
import { rethrowEmailTaken } from './validation-faults.js';

/** How an address is verified, replaced, and put back. */
export interface UserAddresses {
  /**
   * Notes that the address is verified. Ends nothing.
   *
   * @param user only if the address is still this one, is not verified yet, and the user is not disabled
   * @returns whether it was noted: of many at once one is told so
   */
  verifyEmail(user: UserDocument, at: Date): Promise<boolean>;
  /**
   * Puts another address in force, which is verified by that. Ends nothing.
   *
   * @param user only if password and address are those that were read, and the user is not disabled
   * @returns whether it was done
   * @throws EmailTaken (`email_taken`)
   */
  changeEmail(user: UserDocument, change: { email: string; at: Date }): Promise<boolean>;
  /**
   * Puts an earlier address in force again, which is verified by that. The password goes, and what was set up since.
   *
   * @param user only if the credentials are those that were read
   * @returns undefined when they are not, and nothing was written
   * @throws EmailTaken (`email_taken`)
   */
  restoreEmail(
    user: UserDocument,
    change: { email: string; at: Date; since: Date; securityStamp: string },
  ): Promise<Written | undefined>;
}

interface AddressParts {
  write: UserWrite;
  hashFields: HashFields;
}

export function createUserAddresses({ write, hashFields }: AddressParts): UserAddresses {
  return {
    async verifyEmail({ _id, email }, at) {
      const conditions = { email, emailVerifiedAt: null, disabledAt: null };
      return (await write(_id, { $set: { emailVerifiedAt: at } }, conditions)) !== undefined;
    },

    async changeEmail(user, { email, at }) {
      const change = { $set: { email, emailVerifiedAt: at } };
      return (await write(user._id, change, recoverable(user)).catch(rethrowEmailTaken)) !== undefined;
    },

    async restoreEmail(user, { email, at, since, securityStamp }) {
      const stamps = { securityStamp, passwordStamp: createStamp() };
      const { $unset = {} } = hashFields.removal as { $unset?: object };
      const change = {
        $set: { email, emailVerifiedAt: at, ...stamps },
        $unset: { ...$unset, password: 1 },
        $pull: { waysIn: { addedAt: { $gte: since } } },
      };
      return write(user._id, change, unchanged(user)).catch(rethrowEmailTaken);
    },
  };
}
