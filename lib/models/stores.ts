import type { Connection } from 'mongoose';
import { BASE_PATHS, BaseUser } from './base-user.js';
import { onDatabase } from './database.js';
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
  /** Resolves when the indexes stand: created, or with `autoIndex: false` found. */
  ready(): Promise<void>;
  /** Creates the indexes whatever `autoIndex` says: for a deployment step of the app's. */
  createIndexes(): Promise<void>;
  /** Calls back when the connection is open: now, if it is. */
  onConnected(listener: () => void): void;
}

/**
 * @throws TypeError when `User` is no mongoose model or lacks the base fields
 */
export function createStores(model: UserModel): Stores {
  const sessionsModel = sessionModel(model.db);
  const tokensModel = oneTimeTokenModel(model.db);
  const models: UserModel[] = [...withBase(model), sessionsModel, tokensModel];
  const createIndexes = async () => {
    await Promise.all(models.map((each) => each.createIndexes()));
  };
  const findMissing = () => missingIndexes(models, withBase(model));
  const ready = createReadiness(async () => {
    await model.db.asPromise();
    if (createsIndexes(model)) {
      await createIndexes();
      // Mongoose may have been making the same index at that moment: who joins a build is not told how it ended.
      if ((await findMissing()).length > 0) await createIndexes();
      return;
    }
    const missing = await findMissing();
    if (missing.length === 0) return;
    throw new Error(
      `autoIndex is off and indexes are missing: ${missing.join(', ')}. ` +
        'Create them, e.g. by router.service.createIndexes() in a deployment step.',
    );
  });

  const users = createUserStore(model, ready);
  const sessions = createSessionStore(sessionsModel, ready);
  return {
    users,
    sessions,
    oneTimeTokens: createOneTimeTokenStore(tokensModel, ready),
    loadSignIn: createSignInLoader(users, sessions),
    ready,
    createIndexes,
    onConnected: (listener) => {
      if (model.db.readyState === 1) listener();
      else model.db.once('open', listener);
    },
  };
}

/** A discriminator leaves the indexes of the base schema, the one on `email` among them, to its base model. */
function withBase(model: UserModel): [UserModel, ...UserModel[]] {
  return model.baseModelName ? [model.db.model(model.baseModelName) as UserModel, model] : [model];
}

/** One attempt for all who ask; a failed one is tried again by the next who asks. */
function createReadiness(prepare: () => Promise<void>): () => Promise<void> {
  let attempt: Promise<void> | undefined;
  return () => {
    attempt ??= prepare().catch((error) => {
      attempt = undefined;
      throw error;
    });
    return onDatabase(() => attempt as Promise<void>);
  };
}

function createsIndexes(model: UserModel): boolean {
  const { schema, db, base } = model;
  // That of the kit's own model says nothing about the app's wishes.
  const ofSchema = withBase(model)[0] === BaseUser ? undefined : schema.get('autoIndex');
  // Mongoose turns it off for connections that read from secondaries; nobody asked for that.
  const ofConnection = readsFromPrimary(db) ? db.get('autoIndex') : undefined;
  // Not set is undefined on a connection and null on a schema.
  return (ofSchema ?? ofConnection ?? base.get('autoIndex')) !== false;
}

function readsFromPrimary(connection: Connection): boolean {
  return connection.getClient()?.readPreference.mode.startsWith('primary') ?? true;
}

/** Of the user's indexes, the one on `email` matters here; the others are the app's business. */
async function missingIndexes(models: readonly UserModel[], users: readonly UserModel[]): Promise<string[]> {
  const missing = await Promise.all(
    models.map(async (each) => {
      const { toCreate } = await each.diffIndexes();
      const names = toCreate.map((keys) => Object.keys(keys as object).join('+'));
      const needed = users.includes(each) ? names.filter((name) => name === 'email') : names;
      return needed.map((name) => `${each.collection.collectionName}.${name}`);
    }),
  );
  return [...new Set(missing.flat())];
}

/**
 * Checks the `User`, `registerFields` and `profileFields` options against each other.
 *
 * @throws TypeError that names the option
 */
export function checkUserModel(candidate: unknown, fields: Record<string, readonly string[]>): UserModel {
  const model = candidate as UserModel;
  if (typeof model !== 'function' || typeof model.schema?.path !== 'function') {
    throw new TypeError(
      'User: not a mongoose model; allowed: a discriminator of BaseUser or a model of a schema with baseUserPlugin',
    );
  }
  if (!model.schema.path('securityStamp')) {
    throw new TypeError(
      `User: the model ${model.modelName} lacks the base fields; use BaseUser.discriminator(...) or schema.plugin(baseUserPlugin)`,
    );
  }
  for (const [option, names] of Object.entries(fields)) {
    for (const name of names) checkField(option, name, model);
  }
  return model;
}

function checkField(option: string, name: string, model: UserModel): void {
  if (BASE_PATHS.includes(name) || name.startsWith('_') || name === model.schema.get('discriminatorKey')) {
    throw new TypeError(
      `${option}: ${JSON.stringify(name)} given; allowed: fields of the app's own, not of the base user`,
    );
  }
  if (!/^[A-Za-z]\w*$/.test(name) || model.schema.pathType(name) === 'adhocOrUndefined') {
    const paths = Object.keys(model.schema.paths).map((path) => path.split('.')[0] as string);
    const own = new Set(paths.filter((path) => !BASE_PATHS.includes(path) && !path.startsWith('_')));
    const allowed = [...own].join(', ') || `none, ${model.modelName} has no fields of its own`;
    throw new TypeError(
      `${option}: ${JSON.stringify(name)} is no field of ${model.modelName}; allowed: ${allowed}`,
    );
  }
}
