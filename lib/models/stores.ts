import { createIndexes, type Indexes } from './indexes.js';
import {
  createOneTimeTokenStore,
  type OneTimeTokenStore,
  oneTimeTokenModel,
} from './one-time-token-store.js';
import { createSessionStore, type RotationClock, type SessionStore, sessionModel } from './session-store.js';
import { createSignInLoader, type SignInLoader } from './sign-in-loader.js';
import { createUserStore, type UserModel, type UserStore } from './user-store.js';

/** Everything the kit stores, on the connection of the app's user model. */
export interface Stores {
  users: UserStore;
  sessions: SessionStore;
  oneTimeTokens: OneTimeTokenStore;
  loadSignIn: SignInLoader;
  indexes: Indexes;
  /** Calls back when the connection is open: now, if it is. */
  onConnected(listener: () => void): void;
}

interface StoresOptions {
  clock: RotationClock;
  /** Is told of an index of the app's own that cannot be created. */
  onIndexFailure(error: Error): void;
}

/** @param model checked by `checkUserModel` */
export function createStores(model: UserModel, { clock, onIndexFailure }: StoresOptions): Stores {
  const kind = model.collection.collectionName;
  const [sessionsModel, tokensModel] = [sessionModel(model.db), oneTimeTokenModel(model.db)];
  const indexes = createIndexes(model, [sessionsModel, tokensModel], onIndexFailure);
  const { ready } = indexes;
  const users = createUserStore(model, ready);
  const sessions = createSessionStore({ model: sessionsModel, kind, ready, clock });
  return {
    users,
    sessions,
    oneTimeTokens: createOneTimeTokenStore(tokensModel, kind, ready),
    loadSignIn: createSignInLoader(users, sessions),
    indexes,
    onConnected: (listener) => {
      if (model.db.readyState === 1) listener();
      else model.db.once('open', listener);
    },
  };
}
