import { type FieldFault, ValidationFailed } from '../errors.js';
import { byId } from './by-id.js';
import { onDatabase, WRITE } from './database.js';
import type { UserDocument, UserId, UserModel } from './user.js';
import { type UserWrite, unchanged, underStamp, type Written } from './user-write.js';
import { rethrowValidation } from './validation-faults.js';

/** Whether a user may sign in and in which roles, what ends all that was signed in to, and the end of a user. */
export interface UserStanding {
  /**
   * Ends what was made under the old stamp.
   *
   * @param ifStamp only if that is the old one
   * @returns undefined when there is no such user, or the old one is another
   */
  setStamp(id: UserId, stamp: string, ifStamp?: string): Promise<Written | undefined>;
  /** Lets the user sign in no more, and ends what was made under the old stamp. @returns undefined as above */
  disable(id: UserId, at: Date, stamp: string): Promise<Written | undefined>;
  /** Lets the user sign in again. @returns whether the user exists */
  enable(id: UserId): Promise<boolean>;
  /**
   * Replaces a user's roles, by the rules of the schema.
   *
   * @returns whether the user exists
   * @throws ValidationFailed (`validation_failed`) for roles that the schema refuses
   */
  setRoles(user: UserDocument, roles: readonly string[]): Promise<boolean>;
  /** @param options.ifUnchangedSince only if these are the user's credentials still. @returns whether one was deleted */
  remove(id: UserId, options?: { ifUnchangedSince?: UserDocument | undefined }): Promise<boolean>;
}

const NO_LIST: FieldFault = {
  code: 'invalid_type',
  detail: 'The roles must be a list.',
  pointer: '#/roles',
};

export function createUserStanding(model: UserModel, write: UserWrite): UserStanding {
  const set = (id: UserId, values: object) => write(id, { $set: values });

  return {
    setStamp: (id, stamp, ifStamp) => write(id, { $set: { securityStamp: stamp } }, underStamp(ifStamp)),
    disable: (id, at, stamp) => set(id, { disabledAt: at, securityStamp: stamp }),
    enable: async (id) => (await set(id, { disabledAt: null })) !== undefined,

    async setRoles(user, roles) {
      // Callers in JavaScript may give none at all: undefined would be no change, which is said to be done.
      if (!Array.isArray(roles)) throw new ValidationFailed([NO_LIST]);
      user.set('roles', roles);
      await user.validate(['roles']).catch(rethrowValidation);
      return (await set(user._id, { roles: user.roles })) !== undefined;
    },

    async remove(id, { ifUnchangedSince } = {}) {
      const filter = { ...byId(id), ...(ifUnchangedSince && unchanged(ifUnchangedSince)) };
      const { deletedCount } = await onDatabase<{ deletedCount: number }>(() =>
        model.deleteOne(filter, WRITE).exec(),
      );
      return deletedCount === 1;
    },
  };
}
