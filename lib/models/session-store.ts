import mongoose, {
  type Connection,
  type InferSchemaType,
  type Model,
  type PipelineStage,
  Schema,
  Types,
} from 'mongoose';
import { INSERT_MAJORITY, MAJORITY, onDatabase } from './database.js';

/**
 * One login. Nothing here can be presented as a token: the refresh token is a function of the session, its generation
 * and the key.
 */
const sessionSchema = new Schema(
  {
    // Mixed: the id is of whichever type the app's user model gives it.
    user: { type: Schema.Types.Mixed, required: true },
    generation: { type: Number, required: true },
    /** When the current generation was made. */
    rotatedAt: { type: Date, required: true },
    /** The user's security stamps under which this session lives: one, two while the password is being changed. */
    stamps: { type: [String], required: true },
    createdAt: { type: Date, required: true },
    lastUsedAt: { type: Date, required: true },
    /** Absolute: rotation does not extend it. */
    expiresAt: { type: Date, required: true },
    ip: { type: String, default: null },
    userAgent: { type: String, default: null },
  },
  { versionKey: false, minimize: false, writeConcern: MAJORITY, read: 'primary' },
);
// In the order of their making too: ids begin with the time.
sessionSchema.index({ user: 1, _id: 1 });
// Only tidies up; what reads a session checks `expiresAt` itself.
sessionSchema.index({ expiresAt: 1 }, { expireAfterSeconds: 0 });

export type Session = InferSchemaType<typeof sessionSchema> & { _id: Types.ObjectId };

/** A user's id, of whichever type the app's model gives it. */
export type UserId = unknown;

export interface NewSession {
  user: UserId;
  stamp: string;
  now: Date;
  expiresAt: Date;
  ip: string | null;
  userAgent: string | null;
}

/** What became of a refresh token that was presented. */
export type Rotation =
  /** It was the current one; the session has a new generation. */
  | { outcome: 'rotated'; session: Session }
  /** It was the immediate predecessor, within the grace time; the current generation stands. */
  | { outcome: 'repeated'; session: Session }
  /** It was older than that: someone has a copy. The session is over. */
  | { outcome: 'replayed'; session: Session }
  | { outcome: 'refused' };

export interface SessionStore {
  create(session: NewSession): Promise<Session>;
  /** The session, unless it is over at `now`. */
  find(id: string, user: UserId, now: Date): Promise<Session | undefined>;
  /** @param graceMs how long the immediate predecessor is still answered, in milliseconds */
  rotate(id: string, user: UserId, generation: number, now: Date, graceMs: number): Promise<Rotation>;
  /** @returns whether there was one to end */
  end(id: string, user: UserId): Promise<boolean>;
  /** Ends a user's sessions, all or all but one. */
  endAll(user: UserId, options?: { except?: string }): Promise<void>;
  /** Lets a session live under one more stamp, which the user does not have yet. */
  admitStamp(id: string, user: UserId, stamp: string): Promise<void>;
  /** Lets a session live no longer under the stamps that it had before this one. */
  settleStamp(id: string, user: UserId, stamp: string): Promise<void>;
}

const MODEL = 'AuthSession';
/** Marks operators of ours: an app may have set mongoose's `sanitizeFilter`, which takes others for data. */
const { trusted } = mongoose;

/** Less is the way to the database and back, or two clocks that differ. More than the latter is a clock set wrong. */
const LATE_MS = { from: 1000, to: 60_000 };

/**
 * The next generation, made at `now`, or later: a database that stood still carries out what it was sent when it goes
 * on, long after the client was told 503. The grace time is to begin then, or who tries again would be taken for a
 * thief. How late it is shows by the database's clock against the real one here, whatever clock the app has given.
 */
function rotation(now: Date): PipelineStage.Set[] {
  const late = { $subtract: ['$$NOW', new Date()] };
  const counted = { $cond: [{ $gt: [late, LATE_MS.from] }, { $min: [late, LATE_MS.to] }, 0] };
  const generation = { $add: ['$generation', 1] };
  return [{ $set: { generation, rotatedAt: { $add: [now, counted] }, lastUsedAt: now } }];
}

/** Sessions live on the connection of the user model. Every query names the user: there is room for a shard key. */
export function sessionModel(connection: Connection): Model<Session> {
  const existing = connection.models[MODEL] as Model<Session> | undefined;
  return existing ?? (connection.model(MODEL, sessionSchema, 'auth_sessions') as unknown as Model<Session>);
}

/** @param ready resolves when the indexes stand */
export function createSessionStore(model: Model<Session>, ready: () => Promise<void>): SessionStore {
  const store: SessionStore = {
    async create({ user, stamp, now, expiresAt, ip, userAgent }) {
      const session = {
        _id: new Types.ObjectId(),
        user,
        generation: 0,
        rotatedAt: now,
        stamps: [stamp],
        createdAt: now,
        lastUsedAt: now,
        expiresAt,
        ip,
        userAgent,
      };
      await ready();
      await onDatabase(() => new model(session).save(INSERT_MAJORITY));
      return session;
    },

    async find(id, user, now) {
      if (!Types.ObjectId.isValid(id)) return undefined;
      const session = await onDatabase(() => model.findOne({ _id: id, user }).lean<Session>().exec());
      return session && session.expiresAt > now ? session : undefined;
    },

    async rotate(id, user, generation, now, graceMs) {
      if (!Types.ObjectId.isValid(id)) return { outcome: 'refused' };
      const filter = { _id: id, user, generation, expiresAt: trusted({ $gt: now }) };
      const options = { returnDocument: 'after', updatePipeline: true } as const;
      const rotated = await onDatabase(() =>
        model.findOneAndUpdate(filter, rotation(now), options).lean<Session>().exec(),
      );
      if (rotated) return { outcome: 'rotated', session: rotated };

      const session = await store.find(id, user, now);
      if (!session || generation > session.generation) return { outcome: 'refused' };
      const isPredecessor = generation === session.generation - 1;
      if (isPredecessor && graceMs > 0 && now.getTime() - session.rotatedAt.getTime() < graceMs) {
        return { outcome: 'repeated', session };
      }
      return (await store.end(id, user)) ? { outcome: 'replayed', session } : { outcome: 'refused' };
    },

    async end(id, user) {
      if (!Types.ObjectId.isValid(id)) return false;
      const { deletedCount } = await onDatabase(() => model.deleteOne({ _id: id, user }).exec());
      return deletedCount === 1;
    },

    async endAll(user, { except } = {}) {
      const others = except !== undefined && Types.ObjectId.isValid(except);
      const filter = { user, ...(others && { _id: trusted({ $ne: except }) }) };
      await onDatabase(() => model.deleteMany(filter).exec());
    },

    async admitStamp(id, user, stamp) {
      await onDatabase(() => model.updateOne({ _id: id, user }, { $push: { stamps: stamp } }).exec());
    },

    async settleStamp(id, user, stamp) {
      const from = { $indexOfArray: ['$stamps', stamp] };
      const newer = [{ $set: { stamps: { $slice: ['$stamps', from, { $size: '$stamps' }] } } }];
      await onDatabase(() => model.updateOne({ _id: id, user }, newer, { updatePipeline: true }).exec());
    },
  };
  return store;
}
