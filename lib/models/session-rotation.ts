import { type PipelineStage, Types } from 'mongoose';
import { type Collection, type Filter, type Stored, trusted } from './collection.js';
import type { UserId } from './user.js';

/** What a session has of its generations. */
export interface Rotating {
  user: UserId;
  generation: number;
  /** When the current generation was made. */
  rotatedAt: Date;
  /**
   * When the current generation was first shown to have arrived, by an access token of it; null until then, and absent in
   * rows from before there was this field. The first generation has no predecessor: nothing goes by it, nothing is noted.
   */
  shownAt?: Date | null;
  lastUsedAt: Date;
}

/** What a refresh token says, and when it came. */
export interface Presented {
  generation: number;
  now: Date;
  /** How long the immediate predecessor is answered once its successor was shown, in milliseconds; 0: it never is. */
  graceMs: number;
}

/** What became of a refresh token that was presented. */
export type RotationOf<Session> =
  /** It was the current one; the session has a new generation. */
  | { outcome: 'rotated'; session: Session }
  /** It was the immediate predecessor, and is forgiven; the current generation stands. */
  | { outcome: 'repeated'; session: Session }
  /** Without rotation: it was one of the session's. */
  | { outcome: 'kept'; session: Session }
  /** It was older than that: someone has a copy. The session is over. */
  | { outcome: 'replayed' }
  | { outcome: 'refused' };

/**
 * Whose clock tells when a generation was made and when it was shown. The database's is one for all processes, however
 * theirs differ. The app's is for tests, which move it.
 */
export type RotationClock = 'database' | 'app';

export interface SessionRotation<Session> {
  rotate(user: UserId, id: string, presented: Presented): Promise<RotationOf<Session>>;
  /** In place of `rotate`: every refresh token of the session goes on working. */
  keep(user: UserId, id: string, presented: Omit<Presented, 'graceMs'>): Promise<RotationOf<Session>>;
  /** Notes that a generation has arrived, if it is the current one: the first time counts. */
  noteShown(user: UserId, id: string, shown: Omit<Presented, 'graceMs'>): Promise<void>;
}

interface SessionRotationOptions {
  clock: RotationClock;
  /** The condition that a session is not over. */
  alive(now: Date): Filter;
}

/** The part of the session store that takes refresh tokens. Each step is one conditional write. */
export function createSessionRotation<Row extends Rotating>(
  sessions: Collection<Row>,
  { clock, alive }: SessionRotationOptions,
): SessionRotation<Stored<Row>> {
  /** As an expression that the database evaluates. */
  const present = (now: Date) => (clock === 'database' ? '$$NOW' : now);

  const nextGeneration = (now: Date): PipelineStage.Set[] => [
    {
      $set: {
        generation: { $add: ['$generation', 1] },
        shownAt: null,
        rotatedAt: present(now),
        lastUsedAt: now,
      },
    },
  ];

  const use = (now: Date): PipelineStage.Set[] => [{ $set: { lastUsedAt: now } }];

  /**
   * Notes the use of the session whose current generation was made from this one, unless that was shown longer ago than the
   * grace time. As long as nobody has shown it, it may have been lost on its way, however long ago.
   */
  const useSuccessor = async (user: UserId, id: string, { generation, now, graceMs }: Presented) => {
    if (graceMs === 0) return undefined;
    const shownAt = { $ifNull: ['$shownAt', present(now)] };
    const isRecent = { $lt: [{ $subtract: [present(now), shownAt] }, graceMs] };
    const filter = {
      _id: id,
      user,
      ...alive(now),
      generation: generation + 1,
      $expr: trusted(isRecent),
    };
    return sessions.update(filter, use(now));
  };

  return {
    async rotate(user, id, presented) {
      if (!Types.ObjectId.isValid(id)) return { outcome: 'refused' };
      const { generation, now } = presented;
      const filter = { _id: id, user, generation, ...alive(now) };
      const rotated = await sessions.update(filter, nextGeneration(now));
      if (rotated) return { outcome: 'rotated', session: rotated };

      const successor = await useSuccessor(user, id, presented);
      if (successor) return { outcome: 'repeated', session: successor };

      const session = await sessions.find({ _id: id, user, ...alive(now) });
      if (!session || generation > session.generation) return { outcome: 'refused' };
      return { outcome: (await sessions.remove({ _id: id, user })) === 1 ? 'replayed' : 'refused' };
    },

    async keep(user, id, { generation, now }) {
      if (!Types.ObjectId.isValid(id)) return { outcome: 'refused' };
      const filter = { _id: id, user, generation: trusted({ $gte: generation }), ...alive(now) };
      const session = await sessions.update(filter, use(now));
      return session ? { outcome: 'kept', session } : { outcome: 'refused' };
    },

    async noteShown(user, id, { generation, now }) {
      const filter = { _id: id, user, generation, shownAt: null };
      await sessions.update(filter, [{ $set: { shownAt: present(now) } }]);
    },
  };
}
