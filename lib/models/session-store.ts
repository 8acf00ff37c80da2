import mongoose, { type mongo, Schema, Types } from 'mongoose';
import type { SessionInfo } from '../config/session-info.js';
import type { Proof } from '../security/proof.js';
import { type Collection, type CollectionDefinition, type Stored, trusted } from './collection.js';
import { loadTogether } from './load-together.js';
import { PROOFS } from './proofs.js';
import {
  createSessionRotation,
  type Rotating,
  type RotationClock,
  type RotationOf,
  type SessionRotation,
} from './session-rotation.js';
import type { UserId } from './user.js';

/**
 * One login. Nothing here can be presented as a token: the refresh token is a function of the session, its generation
 * and the key.
 */
interface SessionRow extends Rotating, Omit<SessionInfo, 'id' | 'amr'> {
  /** The security stamps under which this session lives: one, and more while it is to outlive a change of the stamp. */
  stamps: string[];
  /** What the user has shown. */
  proofs: readonly Proof[];
  /** What the login named the device. */
  deviceName: string | null;
  /** `false`: it is to end with the browser. Absent in the rows of those who never asked for that. */
  remember?: boolean;
  /**
   * Where it stands among the logins. The database fills it in when it stores the row, later for each: it is the one clock
   * that all processes share, and it tells two logins of one millisecond apart.
   */
  order?: mongo.Timestamp;
}

export type Session = Stored<SessionRow>;

export const SESSIONS: CollectionDefinition = {
  name: 'auth_sessions',
  fields: {
    generation: { type: Number, required: true },
    rotatedAt: { type: Date, required: true },
    shownAt: { type: Date, default: null },
    stamps: { type: [String], required: true },
    proofs: PROOFS,
    authTime: { type: Date, required: true },
    createdAt: { type: Date, required: true },
    lastUsedAt: { type: Date, required: true },
    expiresAt: { type: Date, required: true },
    ip: { type: String, default: null },
    userAgent: { type: String, default: null },
    deviceName: { type: String, default: null },
    remember: Boolean,
    order: Schema.Types.Mixed,
  },
};

/** More than a user has by any setting. */
const MOST_SESSIONS = 10_000;

export interface NewSession {
  user: UserId;
  stamp: string;
  proofs: readonly Proof[];
  now: Date;
  /** When the user showed them; now by default. */
  authTime?: Date;
  expiresAt: Date;
  ip: string | null;
  userAgent: string | null;
  deviceName?: string | null | undefined;
  remember?: boolean | undefined;
}

/** A session that is not stored yet: tokens can be signed for it. */
export function draftSession({
  stamp,
  now,
  authTime = now,
  deviceName = null,
  remember = true,
  ...session
}: NewSession): Session {
  return {
    _id: new Types.ObjectId(),
    ...session,
    deviceName,
    ...(!remember && { remember }),
    authTime,
    generation: 0,
    rotatedAt: now,
    shownAt: null,
    stamps: [stamp],
    createdAt: now,
    lastUsedAt: now,
  };
}

/** What became of a refresh token that was presented. */
export type Rotation = RotationOf<Session>;

/** What a token says of its session. */
interface SessionKey {
  user: UserId;
  id: string;
}

export interface SessionStoreOptions {
  clock: RotationClock;
  /** How long a session lives without being refreshed, in milliseconds; absent: as long as it lives at all. */
  idleMs?: number | undefined;
  /** How long one that is not to be remembered lives so; absent: there are none. */
  unrememberedMs?: number | undefined;
}

export interface SessionStore extends SessionRotation<Session> {
  /** Stores a session that was drafted. Its `order` is the database's to fill in, and not in what comes back. */
  create(session: Session): Promise<Session>;
  /** When a session is over, unless it is refreshed before. */
  endOf(session: Session): Date;
  /** The session, also one that is over: many at once by one query. */
  load(user: UserId, id: string): Promise<Session | undefined>;
  /** The session, unless it is over at `now`. */
  find(user: UserId, id: string, now: Date): Promise<Session | undefined>;
  /** A user's sessions that are not over at `now`, the newest login first. */
  list(user: UserId, now: Date): Promise<Session[]>;
  /**
   * Lets the login of a session that is not over count from another time, by what was shown then.
   *
   * @returns whether there was one
   */
  confirm(user: UserId, id: string, shown: { at: Date; proofs: readonly Proof[] }): Promise<boolean>;
  /**
   * @param ifAlive only if it is not over at `now`, and lives under `stamp`
   * @returns whether there was one to end
   */
  end(user: UserId, id: string, ifAlive?: { now: Date; stamp: string }): Promise<boolean>;
  /**
   * Clears away a user's sessions that live under a stamp which is over, all or all but one. Carried out late, it does
   * not meet those that were made since.
   */
  endUnder(user: UserId, stamp: string, options?: { except?: string | undefined }): Promise<void>;
  /** Lets a session live under one more stamp, which the user does not have yet. */
  admitStamp(user: UserId, id: string, stamp: string): Promise<void>;
  /** Lets a session live no longer under a stamp, which is over. @returns whether it did */
  dropStamp(user: UserId, id: string, stamp: string): Promise<boolean>;
}

function usedWithin(ms: number, now: Date) {
  return trusted({ $gt: new Date(now.getTime() - ms) });
}

/** Every query names the user: there is room for a shard key. */
export function createSessionStore(
  sessions: Collection<SessionRow>,
  { clock, idleMs, unrememberedMs }: SessionStoreOptions,
): SessionStore {
  /** Not over, whether or not the database has cleared away what is. */
  const alive = (now: Date) => ({
    expiresAt: trusted({ $gt: now }),
    ...(idleMs !== undefined && { lastUsedAt: usedWithin(idleMs, now) }),
    ...(unrememberedMs !== undefined && {
      $or: [{ remember: trusted({ $ne: false }) }, { lastUsedAt: usedWithin(unrememberedMs, now) }],
    }),
  });

  const loadSession = loadTogether<SessionKey, Session>({
    load: (keys) => {
      const _id = trusted({ $in: keys.map(({ id }) => id) });
      const user = trusted({ $in: keys.map(({ user }) => user) });
      return sessions.list({ _id, user }, { limit: keys.length });
    },
    nameOfKey: ({ user, id }) => `${id} ${user}`,
    nameOfRow: ({ user, _id }) => `${_id} ${user}`,
    copy: (session) => ({ ...session }),
  });

  return {
    ...createSessionRotation(sessions, { clock, alive }),

    // An empty timestamp is what the database fills in.
    create: (session) => sessions.insert({ ...session, order: new mongoose.mongo.Timestamp({ t: 0, i: 0 }) }),

    endOf({ expiresAt, lastUsedAt, remember }) {
      const unused = [idleMs, remember === false ? unrememberedMs : undefined];
      const idle = Math.min(...unused.map((ms) => ms ?? Number.POSITIVE_INFINITY));
      return new Date(Math.min(expiresAt.getTime(), lastUsedAt.getTime() + idle));
    },

    async load(user, id) {
      return Types.ObjectId.isValid(id) ? loadSession({ user, id }) : undefined;
    },

    async find(user, id, now) {
      if (!Types.ObjectId.isValid(id)) return undefined;
      return sessions.find({ _id: id, user, ...alive(now) });
    },

    list: (user, now) =>
      sessions.list({ user, ...alive(now) }, { sort: { order: -1, _id: -1 }, limit: MOST_SESSIONS }),

    async confirm(user, id, { at, proofs }) {
      if (!Types.ObjectId.isValid(id)) return false;
      const change = { $set: { authTime: at, proofs } };
      return (await sessions.update({ _id: id, user, ...alive(at) }, change)) !== undefined;
    },

    async end(user, id, ifAlive) {
      if (!Types.ObjectId.isValid(id)) return false;
      const conditions = ifAlive && { ...alive(ifAlive.now), stamps: ifAlive.stamp };
      return (await sessions.remove({ _id: id, user, ...conditions })) === 1;
    },

    async endUnder(user, stamp, { except } = {}) {
      const others = except !== undefined && Types.ObjectId.isValid(except);
      await sessions.remove({ user, stamps: stamp, ...(others && { _id: trusted({ $ne: except }) }) });
    },

    async admitStamp(user, id, stamp) {
      if (Types.ObjectId.isValid(id)) await sessions.update({ _id: id, user }, { $push: { stamps: stamp } });
    },

    async dropStamp(user, id, stamp) {
      if (!Types.ObjectId.isValid(id)) return false;
      const filter = { _id: id, user, stamps: stamp };
      return (await sessions.update(filter, { $pull: { stamps: stamp } })) !== undefined;
    },
  };
}
