import { type Connection, type InferSchemaType, type Model, Schema, type Types } from 'mongoose';
import { collectionModel } from './collection-model.js';
import { duplicateKey, MAJORITY, onDatabase } from './database.js';
import type { UserId } from './user-store.js';

/** A secret that was mailed, by its hash. One of a purpose and user at a time: the newest wins. */
const oneTimeTokenSchema = new Schema(
  {
    purpose: { type: String, required: true },
    // Mixed: the id is of whichever type the app's user model gives it.
    user: { type: Schema.Types.Mixed, required: true },
    /** The users' collection: two kinds of users may have the same ids. */
    kind: { type: String, required: true },
    /** The address it was mailed to. */
    email: { type: String, required: true },
    /** A value of the user's at that time, for the purpose to compare: when it has changed, the token is void. */
    stamp: { type: String, default: '' },
    hash: { type: String, required: true },
    expiresAt: { type: Date, required: true },
  },
  { versionKey: false, writeConcern: MAJORITY, read: 'primary' },
);
oneTimeTokenSchema.index({ user: 1, kind: 1, purpose: 1 }, { unique: true });
oneTimeTokenSchema.index({ hash: 1 }, { unique: true });
// Only tidies up; what reads a token checks `expiresAt` itself.
oneTimeTokenSchema.index({ expiresAt: 1 }, { expireAfterSeconds: 0 });

export type OneTimeToken = InferSchemaType<typeof oneTimeTokenSchema> & { _id: Types.ObjectId };

export interface NewOneTimeToken {
  /** What it is for, in the words of the feature that it belongs to. */
  purpose: string;
  user: UserId;
  email: string;
  stamp: string;
  hash: string;
  expiresAt: Date;
}

export interface OneTimeTokenStore {
  /** Stores a token and forgets the one before it. */
  replace(token: NewOneTimeToken): Promise<void>;
  /** The token, unless it has expired at `now`. */
  find(purpose: string, hash: string, now: Date): Promise<OneTimeToken | undefined>;
  /** Forgets one token. */
  remove(hash: string): Promise<void>;
  /** Forgets all of a user's tokens. */
  removeAll(user: UserId): Promise<void>;
}

export function oneTimeTokenModel(connection: Connection): Model<OneTimeToken> {
  const schema = oneTimeTokenSchema as Schema;
  return collectionModel<OneTimeToken>(connection, {
    model: 'AuthOneTimeToken',
    collection: 'auth_one_time_tokens',
    schema,
  });
}

/**
 * @param kind the users' collection
 * @param ready resolves when the indexes stand
 */
export function createOneTimeTokenStore(
  model: Model<OneTimeToken>,
  kind: string,
  ready: () => Promise<void>,
): OneTimeTokenStore {
  return {
    async replace({ purpose, user, ...values }) {
      const upsert = () =>
        onDatabase(() => model.updateOne({ user, kind, purpose }, { $set: values }, { upsert: true }).exec());
      await ready();
      // Two upserts at once: the one that lost finds the document there the second time.
      await upsert().catch((error) => (duplicateKey(error) ? upsert() : Promise.reject(error)));
    },
    async find(purpose, hash, now) {
      const token = await onDatabase(() =>
        model.findOne({ hash, purpose, kind }).lean<OneTimeToken>().exec(),
      );
      return token && token.expiresAt > now ? token : undefined;
    },
    async remove(hash) {
      await onDatabase(() => model.deleteOne({ hash, kind }).exec());
    },
    async removeAll(user) {
      await onDatabase(() => model.deleteMany({ user, kind }).exec());
    },
  };
}
