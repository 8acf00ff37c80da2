import { trusted } from './collection.js';
import type { HashFields } from './hash-fields.js';
import type { UserId, WayIn } from './user.js';
import { type UserWrite, underStamp, type Written } from './user-write.js';

/** The list of what a user has set up to sign in with, beside the password. */
export interface UserWaysIn {
  /**
   * Notes what a user has set up, once.
   *
   * @param options.ifStamp only if the old stamp is this one
   * @returns undefined when there is no such user, it is noted already, or the old stamp is another
   */
  addWayIn(
    id: UserId,
    wayIn: WayIn,
    stamp: string,
    options?: { ifStamp?: string | undefined },
  ): Promise<Written | undefined>;
  /**
   * Strikes it out.
   *
   * @param options.unlessLastOf the methods that let a user in by themselves: only if one of them or a password remains
   * @param options.ifStamp only if the old stamp is this one
   * @returns undefined when it is not there, or the last, or the old stamp is another
   */
  removeWayIn(
    id: UserId,
    wayIn: Omit<WayIn, 'addedAt'>,
    stamp: string,
    options?: { unlessLastOf?: readonly string[] | undefined; ifStamp?: string | undefined },
  ): Promise<Written | undefined>;
}

interface WaysInParts {
  write: UserWrite;
  hashFields: HashFields;
}

export function createUserWaysIn({ write, hashFields }: WaysInParts): UserWaysIn {
  return {
    addWayIn(id, wayIn, securityStamp, { ifStamp } = {}) {
      const isNew = { waysIn: trusted({ $not: { $elemMatch: exactly(wayIn) } }), ...underStamp(ifStamp) };
      return write(id, { $set: { securityStamp }, $push: { waysIn: wayIn } }, isNew);
    },

    removeWayIn(id, wayIn, securityStamp, { unlessLastOf, ifStamp } = {}) {
      const entry = exactly(wayIn);
      const another = { $elemMatch: { method: { $in: unlessLastOf }, $nor: [entry] } };
      const conditions = {
        waysIn: trusted({ $elemMatch: entry }),
        ...underStamp(ifStamp),
        ...(unlessLastOf && {
          $or: [...hashFields.present, { waysIn: trusted(another) }],
        }),
      };
      return write(id, { $set: { securityStamp }, $pull: { waysIn: entry } }, conditions);
    },
  };
}

/** By value: what a client gave for an id is no operator. */
function exactly({ method, id }: Pick<WayIn, 'method' | 'id'>): object {
  return { method: { $eq: method }, id: { $eq: id } };
}
