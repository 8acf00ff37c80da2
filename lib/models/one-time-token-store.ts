import { type Connection, type InferSchemaType, type Model, Schema, type Types } from 'mongoose';
import { duplicateKey, MAJORITY, onDatabase } from './database.js';
import type { UserId } from './session-store.js';

/** A secret that was mailed, by its hash. One of a purpose and user at a time: the newest wins. */
const oneTimeTokenSchema = new Schema(
  {
    purpose: { type: String, required: true },
    // Mixed: the id is of whichever type the app's user model gives it.
    user: { type: Schema.Types.Mixed, required: true },
    /** The address it was mailed to; it counts only as long as it is the user's. */
    email: { type: String, required: true },
    /** The user's security stamp of then: when the credentials change, the token has been used or is not wanted. */
    stamp: { type: String, default: '' },
    hash: { type: String, required: true },
    expiresAt: { type: Date, required: true },
  },
  { versionKey: false, writeConcern: MAJORITY, read: 'primary' },
);
oneTimeTokenSchema.index({ user: 1, purpose: 1 }, { unique: true });
oneTimeTokenSchema.index({ hash: 1 }, { unique: true });
// Only tidies up; what reads a token checks `expiresAt` itself.
oneTimeTokenSchema.index({ expiresAt: 1 }, { expireAfterSeconds: 0 });

export type OneTimeToken = InferSchemaType<typeof oneTimeTokenSchema> & { _id: Types.ObjectId };
/** What a one-time token is for: a feature has its own. */
export type Purpose = 'password-reset';

export interface NewOneTimeToken {
  purpose: Purpose;
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
  find(purpose: Purpose, hash: string, now: Date): Promise<OneTimeToken | undefined>;
  /** Forgets all of a user's tokens. */
  removeAll(user: UserId): Promise<void>;
}

const MODEL = 'AuthOneTimeToken';

export function oneTimeTokenModel(connection: Connection): Model<OneTimeToken> {
  const existing = connection.models[MODEL] as Model<OneTimeToken> | undefined;
  const make = () => connection.model(MODEL, oneTimeTokenSchema, 'auth_one_time_tokens');
  return existing ?? (make() as unknown as Model<OneTimeToken>);
}

/** @param ready resolves when the indexes stand */
export function createOneTimeTokenStore(
  model: Model<OneTimeToken>,
  ready: () => Promise<void>,
): OneTimeTokenStore {
  return {
    async replace({ purpose, user, ...values }) {
      const upsert = () =>
        onDatabase(() => model.updateOne({ user, purpose }, { $set: values }, { upsert: true }).exec());
      await ready();
      // Two upserts at once: the one that lost finds the document there the second time.
      await upsert().catch((error) => (duplicateKey(error) ? upsert() : Promise.reject(error)));
    },
    async find(purpose, hash, now) {
      const token = await onDatabase(() => model.findOne({ hash, purpose }).lean<OneTimeToken>().exec());
      return token && token.expiresAt > now ? token : undefined;
    },
    async removeAll(user) {
      await onDatabase(() => model.deleteMany({ user }).exec());
    },
  };
}
