import { createIndexes, type Indexes } from './indexes.js';
import {
  createOneTimeTokenStore,
  type OneTimeTokenStore,
  oneTimeTokenModel,
} from './one-time-token-store.js';
import { createSessionStore, type SessionStore, sessionModel } from './session-store.js';
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

/**
 * @param model checked by `checkUserModel`
 * @param onIndexFailure is told of an index of the app's own that cannot be created
 */
export function createStores(model: UserModel, onIndexFailure: (error: Error) => void): Stores {
  const kind = model.collection.collectionName;
  const [sessionsModel, tokensModel] = [sessionModel(model.db), oneTimeTokenModel(model.db)];
  const indexes = createIndexes(model, [sessionsModel, tokensModel], onIndexFailure);
  const users = createUserStore(model, indexes.ready);
  const sessions = createSessionStore(sessionsModel, kind, indexes.ready);
  return {
    users,
    sessions,
    oneTimeTokens: createOneTimeTokenStore(tokensModel, kind, indexes.ready),
    loadSignIn: createSignInLoader(users, sessions),
    indexes,
    onConnected: (listener) => {
      if (model.db.readyState === 1) listener();
      else model.db.once('open', listener);
    },
  };
}
