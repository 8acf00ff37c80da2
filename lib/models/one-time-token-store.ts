import {
  type Collection,
  type CollectionDefinition,
  isDuplicate,
  type Stored,
  trusted,
} from './collection.js';
import type { UserId } from './user.js';

/** A secret that was mailed, by its hash. */
interface OneTimeTokenRow {
  /** What it is for: the name of the mail that it came in. */
  purpose: string;
  user: UserId;
  /** The address it was mailed to. */
  email: string;
  /** A value of the user's at that time, for the purpose to compare: when it has changed, the token is void. */
  stamp: string;
  hash: string;
  expiresAt: Date;
}

export type OneTimeToken = Stored<OneTimeTokenRow>;

export const ONE_TIME_TOKENS: CollectionDefinition = {
  name: 'auth_one_time_tokens',
  fields: {
    purpose: { type: String, required: true },
    slot: { type: Number, required: true },
    email: { type: String, required: true },
    stamp: { type: String, default: '' },
    hash: { type: String, required: true },
    expiresAt: { type: Date, required: true },
    // Works, and gives its place to the next that needs it: the mail it was in has failed, or so it was told.
    givesWay: { type: Boolean, required: true },
  },
  indexes: [
    { keys: { user: 1, kind: 1, purpose: 1, slot: 1 }, unique: true },
    { keys: { hash: 1 }, unique: true },
  ],
};

export interface OneTimeTokenStore {
  /**
   * Stores a token, in a slot of its own, unless `atMost` of its purpose and user are live. One that has expired at `now`, or is
   * bound to another address or stamp, is replaced; where there is none and no place, one that gives way.
   *
   * @param options.sideBySide those of other addresses and stamps stay too
   * @returns whether there was a place: of many at once no more get one than there are
   */
  add(
    token: OneTimeTokenRow,
    now: Date,
    options: { atMost: number; sideBySide?: boolean | undefined },
  ): Promise<boolean>;
  /** The token, unless it has expired at `now`. */
  find(purpose: string, hash: string, now: Date): Promise<OneTimeToken | undefined>;
  /** Lets a token give its place to the next one that needs it; until then it works. */
  giveWay(hash: string): Promise<void>;
  /** Forgets one token. @returns whether it was there */
  remove(hash: string): Promise<boolean>;
  /** Forgets a user's tokens of one purpose whose stamps come after one, as texts are ordered. */
  removeLater(purpose: string, user: UserId, stamp: string): Promise<void>;
  /** Forgets a user's tokens of one purpose. */
  removeAll(purpose: string, user: UserId): Promise<void>;
}

export function createOneTimeTokenStore(tokens: Collection<OneTimeTokenRow>): OneTimeTokenStore {
  return {
    async add({ purpose, user, ...values }, now, { atMost, sideBySide = false }) {
      const isReplaced = [
        { expiresAt: trusted({ $lte: now }) },
        ...(sideBySide
          ? []
          : [{ email: trusted({ $ne: values.email }) }, { stamp: trusted({ $ne: values.stamp }) }]),
      ];
      const change = { $set: { ...values, givesWay: false } };
      for (let slot = 0; slot < atMost; slot += 1) {
        try {
          await tokens.upsert({ user, purpose, slot, $or: isReplaced }, change);
          return true;
        } catch (error) {
          // A live token is there, which the filter passes by and the unique index meets.
          if (!isDuplicate(error)) throw error;
        }
      }
      // Only where its place is needed: the mail it is in may have come.
      const givesWay = { user, purpose, slot: trusted({ $lt: atMost }), givesWay: true };
      return (await tokens.update(givesWay, change)) !== undefined;
    },
    find: (purpose, hash, now) => tokens.find({ hash, purpose, expiresAt: trusted({ $gt: now }) }),
    async giveWay(hash) {
      await tokens.update({ hash }, { $set: { givesWay: true } });
    },
    async remove(hash) {
      return (await tokens.remove({ hash })) === 1;
    },
    async removeLater(purpose, user, stamp) {
      await tokens.remove({ user, purpose, stamp: trusted({ $gt: stamp }) });
    },
    async removeAll(purpose, user) {
      await tokens.remove({ user, purpose });
    },
  };
}
