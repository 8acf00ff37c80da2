import type { PasswordVerifier } from '../config/password.js';
import { type Collections, createCollections } from './collections.js';
import { createHashFields } from './hash-fields.js';
import { createIndexes, type Indexes } from './indexes.js';
import { createOneTimeTokenStore, ONE_TIME_TOKENS, type OneTimeTokenStore } from './one-time-token-store.js';
import { createOutboxStore, OUTBOX, type OutboxStore } from './outbox-store.js';
import {
  createSessionStore,
  SESSIONS,
  type SessionStore,
  type SessionStoreOptions,
} from './session-store.js';
import { createSignInLoader, type SignInLoader } from './sign-in-loader.js';
import type { UserModel } from './user.js';
import { createUserStore, type UserStore } from './user-store.js';

/** Everything the kit stores, on the connection of the app's user model. */
export interface Stores {
  /** The collection of the users: two kinds of users may have the same ids. */
  kind: string;
  users: UserStore;
  sessions: SessionStore;
  oneTimeTokens: OneTimeTokenStore;
  waitingMails: OutboxStore;
  collections: Collections;
  loadSignIn: SignInLoader;
  indexes: Indexes;
  /** Calls back when the connection is open: now, if it is. */
  onConnected(listener: () => void): void;
  isConnected(): boolean;
}

interface StoresOptions extends SessionStoreOptions {
  /** The fields by which a user logs in. */
  loginFields?: readonly string[];
  /** Those of hashes that are stored in fields of their own count here. */
  verifiers?: readonly PasswordVerifier[];
  /** Is told of an index of the app's own that cannot be created. */
  onIndexFailure(error: Error): void;
}

/** @param model checked by `checkUserModel` */
export function createStores(
  model: UserModel,
  { loginFields = ['email'], verifiers = [], onIndexFailure, ...ofSessions }: StoresOptions,
): Stores {
  const ready = () => indexes.ready();
  const kind = model.collection.collectionName;
  const collections = createCollections({ connection: model.db, kind, ready });
  const indexes = createIndexes(model, { loginFields, own: collections.models, onFailure: onIndexFailure });
  const users = createUserStore(model, { ready, loginFields, hashFields: createHashFields(verifiers) });
  const sessions = createSessionStore(collections.open(SESSIONS), ofSessions);
  const isConnected = () => model.db.readyState === 1;
  return {
    kind,
    users,
    sessions,
    oneTimeTokens: createOneTimeTokenStore(collections.open(ONE_TIME_TOKENS)),
    waitingMails: createOutboxStore(collections.open(OUTBOX)),
    collections,
    loadSignIn: createSignInLoader(users, sessions),
    indexes,
    isConnected,
    onConnected: (listener) => {
      if (isConnected()) listener();
      else model.db.once('open', listener);
    },
  };
}
