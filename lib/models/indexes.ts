import type { Connection, IndexOptions } from 'mongoose';
import { BaseUser } from './base-user.js';
import { onDatabase } from './database.js';
import { isUniqueOn, type UniqueOptions } from './login-field.js';
import type { UserModel } from './user.js';

/** The indexes of everything the kit stores. */
export interface Indexes {
  /** Resolves when those that the kit rests on stand: created, or with `autoIndex: false` found. */
  ready(): Promise<void>;
  /** Creates all of them whatever `autoIndex` says: for a deployment step of the app's. */
  create(): Promise<void>;
}

/** How often the indexes are tried, where nothing fails and they are not there. */
const ATTEMPTS = 5;

interface IndexesParts {
  /** The fields by which a user logs in: their indexes are the kit's business, as that on `email` is. */
  loginFields: readonly string[];
  /** Gives the models of the kit's own collections, the features' included. */
  own(): readonly UserModel[];
  /** Is told of an index of the app's own that cannot be created. */
  onFailure(error: Error): void;
}

/** @param user the app's user model, whose other indexes are the app's business */
export function createIndexes(user: UserModel, { loginFields, own, onFailure }: IndexesParts): Indexes {
  const users = withBase(user);
  const needed = [...new Set(['email', ...loginFields])];
  const create = async () => {
    await Promise.all([...users, ...own()].map(createAll));
  };
  const findMissing = async () => {
    const missing = await Promise.all([missingUniqueIndexes(user, needed), ...own().map(missingIndexes)]);
    return missing.flat();
  };
  const createNeeded = async () => {
    // Mongoose may be making the same index at that moment. Who joins a build that fails is now and then told that the
    // index stands, and finds it listed (seen on MongoDB 6): so a good answer counts when it is given twice in a row.
    let good = 0;
    for (let attempt = 1; good < 2; attempt += 1) {
      const work = [...users.map((each) => createOnly(each, needed)), ...own().map(createAll)];
      const failure = await failureOf(Promise.all(work));
      if (failure && attempt > 1) throw failure;
      const missing = failure ? [] : await findMissing();
      if (attempt >= ATTEMPTS && missing.length > 0)
        throw new Error(`these indexes could not be made: ${missing.join(', ')}`);
      good = failure || missing.length > 0 ? 0 : good + 1;
    }
    // An index of the app's own that cannot be made, for doubles that are stored, keeps nobody from logging in.
    const failure = await failureOf(Promise.all(users.map(createAll)));
    if (failure) onFailure(failure);
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

const createAll = (model: UserModel) => model.createIndexes();

function createOnly(model: UserModel, names: readonly string[]): Promise<unknown> {
  const toCreate = model.schema.indexes().filter(([keys]) => names.includes(Object.keys(keys).join('+')));
  return model.createIndexes({ toCreate } as object);
}

async function failureOf(work: Promise<unknown>): Promise<Error | undefined> {
  return work.then(
    () => undefined,
    (error: Error) => error,
  );
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

/** By hand: of two that differ in nothing but a collation, mongoose's own comparison says other things from version to version. */
async function missingIndexes(model: UserModel): Promise<string[]> {
  const stored = await listIndexes(model);
  const isStored = ([keys, { unique = false, expireAfterSeconds }]: [object, IndexOptions]) =>
    stored.some(
      (index) =>
        JSON.stringify(index.key) === JSON.stringify(keys) &&
        (index.unique ?? false) === unique &&
        index.expireAfterSeconds === expireAfterSeconds,
    );
  const missing = model.schema.indexes().filter((index) => !isStored(index));
  return missing.map(([keys]) => `${model.collection.collectionName}.${Object.keys(keys).join('+')}`);
}

/** Whatever their collation is. */
async function missingUniqueIndexes(model: UserModel, fields: readonly string[]): Promise<string[]> {
  const stored = await listIndexes(model);
  return fields
    .filter((field) => !stored.some(({ key, ...options }) => isUniqueOn(model, field, [key, options])))
    .map((field) => `${model.collection.collectionName}.${field}`);
}

/** An index as the server lists it. */
interface StoredIndex extends UniqueOptions, Pick<IndexOptions, 'expireAfterSeconds'> {
  key: object;
}

async function listIndexes(model: UserModel): Promise<StoredIndex[]> {
  try {
    // A secondary that lags would not know yet what was made a moment ago.
    return (await model.collection.indexes({ readPreference: 'primary' })) as StoredIndex[];
  } catch (error) {
    if ((error as { codeName?: string }).codeName === 'NamespaceNotFound') return [];
    throw error;
  }
}
