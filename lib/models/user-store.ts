import type { HashFields } from './hash-fields.js';
import type { UserModel } from './user.js';
import { createUserAddresses, type UserAddresses } from './user-addresses.js';
import { createUserDocuments, type UserDocuments } from './user-documents.js';
import { createUserLookUps, type UserLookUps } from './user-look-ups.js';
import { createUserPasswords, type UserPasswords } from './user-passwords.js';
import { createUserStanding, type UserStanding } from './user-standing.js';
import { createUserWaysIn, type UserWaysIn } from './user-ways-in.js';
import { createUserWrite } from './user-write.js';

/** Everything that is read and written of users. */
export interface UserStore
  extends UserLookUps,
    UserDocuments,
    UserPasswords,
    UserAddresses,
    UserWaysIn,
    UserStanding {}

interface UserStoreParts {
  /** Resolves when the indexes stand. */
  ready(): Promise<void>;
  /** The fields by which a user logs in. */
  loginFields: readonly string[];
  hashFields: HashFields;
}

export function createUserStore(
  model: UserModel,
  { ready, loginFields, hashFields }: UserStoreParts,
): UserStore {
  const write = createUserWrite(model);
  return {
    ...createUserLookUps(model, { loginFields, hashFields }),
    ...createUserDocuments(model, ready),
    ...createUserPasswords(model, { write, hashFields }),
    ...createUserAddresses({ write, hashFields }),
    ...createUserWaysIn({ write, hashFields }),
    ...createUserStanding(model, write),
  };
}
