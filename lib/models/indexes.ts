import type { Connection } from 'mongoose';
import { BaseUser } from './base-user.js';
import { onDatabase } from './database.js';
import type { UserModel } from './user-store.js';

/** The indexes of everything the kit stores. */
export interface Indexes {
  /** Resolves when those that the kit rests on stand: created, or with `autoIndex: false` found. */
  ready(): Promise<void>;
  /** Creates all of them whatever `autoIndex` says: for a deployment step of the app's. */
  create(): Promise<void>;
}

/**
 * @param user the app's user model: its index on `email` is the kit's business, its others are the app's
 * @param own the models of the kit's own collections
 * @param onFailure is told of an index of the app's own that cannot be created
 */
export function createIndexes(
  user: UserModel,
  own: readonly UserModel[],
  onFailure: (error: Error) => void,
): Indexes {
  const users = withBase(user);
  const models = [...users, ...own];
  const create = async () => {
    await Promise.all(models.map((each) => each.createIndexes()));
  };
  const findMissing = async () => {
    const missing = await Promise.all(models.map((each) => missingIndexes(each, users.includes(each))));
    return [...new Set(missing.flat())];
  };
  const tryToCreate = () => create().catch((error: Error) => error);
  const createNeeded = async () => {
    let failure = await tryToCreate();
    // Mongoose may have been making the same index at that moment: who joins a build is not told how it ended.
    if ((await findMissing()).length > 0) failure = await tryToCreate();
    if (!failure) return;
    // An index of the app's own that cannot be made, for doubles that are stored, keeps nobody from logging in.
    if ((await findMissing()).length > 0) throw failure;
    onFailure(failure);
  };
  const prepare = async () => {
    await user.db.asPromise();
    if (!createsIndexes(user)) {
      const missing = await findMissing();
      if (missing.length === 0) return;
      throw new Error(
        `autoIndex is off and indexes are missing: ${missing.join(', ')}. ` +
          'Create them, e.g. by router.service.createIndexes() in a deployment step.',
      );
    }
    await createNeeded();
  };
  return { ready: onceAtATime(prepare), create };
}

/** One attempt for all who ask; a failed one is tried again by the next who asks. */
function onceAtATime(prepare: () => Promise<void>): () => Promise<void> {
  let attempt: Promise<void> | undefined;
  return () => {
    attempt ??= prepare().catch((error) => {
      attempt = undefined;
      throw error;
    });
    return onDatabase(() => attempt as Promise<void>);
  };
}

/** A discriminator leaves the indexes of the base schema, the one on `email` among them, to its base model. */
function withBase(model: UserModel): [UserModel, ...UserModel[]] {
  return model.baseModelName ? [model.db.model(model.baseModelName) as UserModel, model] : [model];
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

async function missingIndexes(model: UserModel, isUsers: boolean): Promise<string[]> {
  const { toCreate } = await model.diffIndexes();
  const names = toCreate.map((keys) => Object.keys(keys as object).join('+'));
  const needed = isUsers ? names.filter((name) => name === 'email') : names;
  return needed.map((name) => `${model.collection.collectionName}.${name}`);
}
