import mongoose, { Schema, Types } from 'mongoose';
import { normalizeEmail } from '../security/email-address.js';
import { AUDIT, createAuditStore } from './audit-store.js';
import { baseUserPlugin, NAME_MAX_LENGTH } from './base-user.js';
import { byId } from './by-id.js';
import { createCollection, trusted } from './collection.js';
import { COUNTERS } from './counter-store.js';
import { onDatabase } from './database.js';
import { KNOWN_DEVICES } from './known-device-store.js';
import type { UserDocument, UserId, UserModel } from './user.js';

/** How long a server may take to be found, in milliseconds. */
const PATIENCE = 3000;

/** How many of the newest users say of which kind the next one is. */
const SAMPLE = 100;

/** What users of an app have beside the base fields, as far as the database tells. */
export interface UserKinds {
  /** The discriminators (`__t`) of the newest users, each once; undefined for none. */
  discriminators: (string | undefined)[];
  /** Whether one of them has an id that is no ObjectId. */
  hasOtherIds: boolean;
}

/** A page of users, by address. */
export interface UserPage {
  /** How many at most. */
  limit: number;
  /** Those after this address. */
  after?: string | undefined;
  /** Those whose address begins so. It is a text, never a pattern. */
  prefix?: string | undefined;
}

/** The users of an app whose own model is not known. */
export interface UserCollection {
  model: UserModel;
  /** By address, in its order: by the index on it. */
  list(page: UserPage): Promise<UserDocument[]>;
  kinds(): Promise<UserKinds>;
  /** Removes a hash that `passport-local-mongoose` has left beside the password. */
  dropForeignHash(id: UserId): Promise<void>;
  /** Takes off from where a user came who has gone: the audit trail's and the known devices, where the app keeps them. */
  forgetOrigins(id: UserId): Promise<void>;
  /** Forgets how often a user was guessed at, where the app counts that in its database. @param options.of of one kind alone */
  forgetGuesses(id: UserId, options?: { of?: string }): Promise<void>;
  close(): Promise<void>;
}

/**
 * Connects to the users of an app. Its own fields are kept as they are; nothing is created until it is asked for.
 *
 * @param uri of the database
 * @param name of the collection
 * @throws MongoParseError for what is no URI; MongooseServerSelectionError within seconds where no server answers; other
 * errors of the driver, as for wrong credentials
 *
 * @example
 * const users = await openUserCollection('mongodb://127.0.0.1:27017/app', 'users');
 * const page = await users.list({ limit: 50, prefix: 'ada' });
 */
export async function openUserCollection(uri: string, name: string): Promise<UserCollection> {
  const connection = await mongoose
    .createConnection(uri, {
      serverSelectionTimeoutMS: PATIENCE,
      connectTimeoutMS: PATIENCE,
      autoIndex: false,
      autoCreate: false,
    })
    .asPromise();
  try {
    const collation = await collationOf(connection, name);
    const model = connection.model('User', schemaOf(collation), name) as unknown as UserModel;
    return { ...createQueries(model, collation), model, close: () => connection.close(true) };
  } catch (error) {
    await connection.close(true);
    throw error;
  }
}

function schemaOf(collation: object | undefined): Schema {
  const schema = new Schema(
    {
      // Of whichever type the app's model gives it.
      _id: { type: Schema.Types.Mixed, default: () => new Types.ObjectId() },
      // An app may have one of another type.
      name: {
        type: Schema.Types.Mixed,
        default: null,
        set: (value: unknown) => (typeof value === 'string' ? value.trim() || null : value),
        validate: {
          validator: (value: unknown) => typeof value !== 'string' || value.length <= NAME_MAX_LENGTH,
          message: `The name must have at most ${NAME_MAX_LENGTH} characters.`,
          type: 'too_long',
        },
      },
    },
    { strict: false, ...(collation && { collation: collation as never }) },
  );
  schema.plugin(baseUserPlugin);
  return schema;
}

/** That of the index on addresses: with another one it would not serve. */
async function collationOf(connection: mongoose.Connection, name: string): Promise<object | undefined> {
  const list = () => connection.collection(name).indexes({ readPreference: 'primary' });
  const indexes = await onDatabase(list).catch((error: { codeName?: string }) => {
    if (error.codeName === 'NamespaceNotFound') return [];
    throw error;
  });
  return indexes.find(({ key }) => Object.keys(key).join() === 'email')?.['collation'];
}

function createQueries(
  model: UserModel,
  collation: object | undefined,
): Omit<UserCollection, 'model' | 'close'> {
  // Sorts after all that an address can go on with: by bytes, and by the rules of a language (UTS 35).
  const last = collation ? '\uffff' : '\u{10ffff}';
  // Nothing is stored: no index is waited for.
  const parts = { connection: model.db, kind: model.collection.collectionName, ready: async () => {} };
  return {
    async list({ limit, after, prefix }) {
      const [first, from] = [prefix, after].map((text) => text && normalizeEmail(text));
      const range = {
        ...(first && { $gte: first, $lt: first + last }),
        ...(from && { $gt: from }),
      };
      const filter = Object.keys(range).length > 0 ? { email: range } : {};
      const query = () => model.find(filter).sort({ email: 1 }).limit(limit).read('primary').exec();
      return (await onDatabase(query)) as UserDocument[];
    },
    async kinds() {
      const query = () =>
        model.collection
          .find({}, { projection: { __t: 1 } })
          .sort({ _id: -1 })
          .limit(SAMPLE)
          .toArray();
      const newest = await onDatabase(query);
      return {
        discriminators: [...new Set(newest.map(({ __t }) => __t as string | undefined))],
        hasOtherIds: newest.some(({ _id }) => !(_id instanceof Types.ObjectId)),
      };
    },
    async dropForeignHash(id) {
      const isText = { $type: 'string' };
      const change = { $unset: { hash: 1, salt: 1 } } as const;
      const options = { timestamps: false };
      await onDatabase(() =>
        model.updateOne({ ...byId(id), hash: isText, salt: isText }, change, options).exec(),
      );
    },
    async forgetOrigins(id) {
      await createAuditStore(createCollection(AUDIT, parts)).forgetOrigins(String(id));
      await createCollection(KNOWN_DEVICES, parts).remove({ user: id });
    },
    async forgetGuesses(id, { of = '' } = {}) {
      const key = trusted({ $regex: `^${of}` });
      await createCollection(COUNTERS, parts).remove({ user: id, key });
    },
  };
}
