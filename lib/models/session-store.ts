import mongoose, {
  type Connection,
  type InferSchemaType,
  type Model,
  type PipelineStage,
  Schema,
  Types,
} from 'mongoose';
import { collectionModel } from './collection-model.js';
import { INSERT_MAJORITY, MAJORITY, onDatabase } from './database.js';
import type { UserId } from './user-store.js';

/**
 * One login. Nothing here can be presented as a token: the refresh token is a function of the session, its generation
 * and the key.
 */
const sessionSchema = new Schema(
  {
    // Mixed: the id is of whichever type the app's user model gives it.
    user: { type: Schema.Types.Mixed, required: true },
    /** The users' collection: two kinds of users may have the same ids. */
    kind: { type: String, required: true },
    generation: { type: Number, required: true },
    /** When the current generation was made. */
    rotatedAt: { type: Date, required: true },
    /** The security stamps under which this session lives: one, and more while it is to outlive a change of the stamp. */
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
sessionSchema.index({ user: 1, kind: 1, _id: 1 });
// Only tidies up; what reads a session checks `expiresAt` itself.
sessionSchema.index({ expiresAt: 1 }, { expireAfterSeconds: 0 });

export type Session = InferSchemaType<typeof sessionSchema> & { _id: Types.ObjectId };

export interface NewSession {
  user: UserId;
  stamp: string;
  now: Date;
  expiresAt: Date;
  ip: string | null;
  userAgent: string | null;
}

/** What a refresh token says, and when it came. */
export interface Presented {
  generation: number;
  now: Date;
  /** How long the immediate predecessor is still answered, in milliseconds. */
  graceMs: number;
}

/** What became of a refresh token that was presented. */
export type Rotation =
  /** It was the current one; the session has a new generation. */
  | { outcome: 'rotated'; session: Session }
  /** It was the immediate predecessor, within the grace time; the current generation stands. */
  | { outcome: 'repeated'; session: Session }
  /** It was older than that: someone has a copy. The session is over. */
  | { outcome: 'replayed' }
  | { outcome: 'refused' };

export interface SessionStore {
  create(session: NewSession): Promise<Session>;
  /** The session, unless it is over at `now`. */
  find(user: UserId, id: string, now: Date): Promise<Session | undefined>;
  rotate(user: UserId, id: string, presented: Presented): Promise<Rotation>;
  /** @returns whether there was one to end */
  end(user: UserId, id: string): Promise<boolean>;
  /** Ends all of a user's sessions. */
  endAll(user: UserId): Promise<void>;
  /**
   * Clears away a user's sessions that live under a stamp which is over, all or all but one. Carried out late, it does
   * not meet those that were made since.
   */
  endUnder(user: UserId, stamp: string, options?: { except?: string | undefined }): Promise<void>;
  /** Lets a session live under one more stamp, which the user does not have yet. */
  admitStamp(user: UserId, id: string, stamp: string): Promise<void>;
  /** Lets a session live no longer under a stamp, which is over. */
  dropStamp(user: UserId, id: string, stamp: string): Promise<void>;
}

/** Marks operators of ours: an app may have set mongoose's `sanitizeFilter`, which takes others for data. */
const { trusted } = mongoose;

/**
 * Whose clock tells how long ago a rotation was. The database's is one for all processes, however theirs differ, and
 * runs on while it stands still: what it was sent it carries out when it goes on, long after the client was told 503,
 * and the grace time begins then. The app's is for tests, which move it.
 */
export type RotationClock = 'database' | 'app';

/** Sessions live on the connection of the user model. Every query names the user: there is room for a shard key. */
export function sessionModel(connection: Connection): Model<Session> {
  const schema = sessionSchema as Schema;
  return collectionModel<Session>(connection, { model: 'AuthSession', collection: 'auth_sessions', schema });
}

interface SessionStoreParts {
  model: Model<Session>;
  /** The users' collection. */
  kind: string;
  /** Resolves when the indexes stand. */
  ready: () => Promise<void>;
  clock: RotationClock;
}

export function createSessionStore({ model, kind, ready, clock }: SessionStoreParts): SessionStore {
  /** As an expression that the database evaluates. */
  const present = (now: Date) => (clock === 'database' ? '$$NOW' : now);

  const nextGeneration = (now: Date): PipelineStage.Set[] => [
    { $set: { generation: { $add: ['$generation', 1] }, rotatedAt: present(now), lastUsedAt: now } },
  ];

  /** The session, unless it is over at `now`. */
  const findLive = async (filter: object, now: Date): Promise<Session | undefined> => {
    const session = await onDatabase(() => model.findOne(filter).lean<Session>().exec());
    return session && session.expiresAt > now ? session : undefined;
  };

  /** The session whose current generation was made from this one, not longer ago than the grace time. */
  const findSuccessor = async (
    user: UserId,
    id: string,
    { generation, now, graceMs }: Presented,
  ): Promise<Session | undefined> => {
    if (graceMs === 0) return undefined;
    const isRecent = { $lt: [{ $subtract: [present(now), '$rotatedAt'] }, graceMs] };
    const filter = { _id: id, user, kind, generation: generation + 1, $expr: trusted(isRecent) };
    return findLive(filter, now);
  };

  const store: SessionStore = {
    async create({ user, stamp, now, expiresAt, ip, userAgent }) {
      const session = {
        _id: new Types.ObjectId(),
        user,
        kind,
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

    async find(user, id, now) {
      if (!Types.ObjectId.isValid(id)) return undefined;
      return findLive({ _id: id, user, kind }, now);
    },

    async rotate(user, id, presented) {
      if (!Types.ObjectId.isValid(id)) return { outcome: 'refused' };
      const { generation, now } = presented;
      const filter = { _id: id, user, kind, generation, expiresAt: trusted({ $gt: now }) };
      const options = { returnDocument: 'after', updatePipeline: true } as const;
      const rotated = await onDatabase(() =>
        model.findOneAndUpdate(filter, nextGeneration(now), options).lean<Session>().exec(),
      );
      if (rotated) return { outcome: 'rotated', session: rotated };

      const successor = await findSuccessor(user, id, presented);
      if (successor) return { outcome: 'repeated', session: successor };

      const session = await store.find(user, id, now);
      if (!session || generation > session.generation) return { outcome: 'refused' };
      return { outcome: (await store.end(user, id)) ? 'replayed' : 'refused' };
    },

    async end(user, id) {
      if (!Types.ObjectId.isValid(id)) return false;
      const { deletedCount } = await onDatabase(() => model.deleteOne({ _id: id, user, kind }).exec());
      return deletedCount === 1;
    },

    async endAll(user) {
      await onDatabase(() => model.deleteMany({ user, kind }).exec());
    },

    async endUnder(user, stamp, { except } = {}) {
      const others = except !== undefined && Types.ObjectId.isValid(except);
      const filter = { user, kind, stamps: stamp, ...(others && { _id: trusted({ $ne: except }) }) };
      await onDatabase(() => model.deleteMany(filter).exec());
    },

    async admitStamp(user, id, stamp) {
      if (!Types.ObjectId.isValid(id)) return;
      await onDatabase(() => model.updateOne({ _id: id, user, kind }, { $push: { stamps: stamp } }).exec());
    },

    async dropStamp(user, id, stamp) {
      if (!Types.ObjectId.isValid(id)) return;
      await onDatabase(() => model.updateOne({ _id: id, user, kind }, { $pull: { stamps: stamp } }).exec());
    },
  };
  return store;
}
