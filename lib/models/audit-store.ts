import { Types } from 'mongoose';
import { type Collection, type CollectionDefinition, type Stored, trusted } from './collection.js';

/** One thing that happened. */
interface AuditRow {
  /**
   * Whom it concerns: the text of a user's id; null where nobody has the name that was typed. Not `user`: what is told of a
   * user who has gone stays for its time.
   */
  subject: string | null;
  event: string;
  at: Date;
  sessionId: string | null;
  ip: string | null;
  userAgent: string | null;
  /** What else the event tells: reasons, names of fields. No address. */
  details: Readonly<Record<string, unknown>>;
  expiresAt: Date;
}

export const AUDIT: CollectionDefinition = {
  name: 'auth_audit',
  fields: {
    subject: { type: String, default: null },
    event: { type: String, required: true },
    at: { type: Date, required: true },
    sessionId: { type: String, default: null },
    ip: { type: String, default: null },
    userAgent: { type: String, default: null },
    details: { type: Object, required: true },
    expiresAt: { type: Date, required: true },
  },
  indexes: [{ keys: { subject: 1, kind: 1, at: -1, _id: -1 } }],
};

export type AuditEntry = Stored<AuditRow>;

export interface AuditStore {
  add(row: AuditRow): Promise<void>;
  /** Newest first, unless it has expired at `now`. @param before older than this time, or than the entry of this id */
  list(
    subject: string,
    page: { before: Date | string | undefined; limit: number; now: Date },
  ): Promise<AuditEntry[]>;
  /** Takes off what tells where from: of somebody who has gone. */
  forgetOrigins(subject: string): Promise<void>;
}

export function createAuditStore(entries: Collection<AuditRow>): AuditStore {
  /** Two of one time are told apart by their ids. */
  const older = async (subject: string, before: Date | string | undefined) => {
    if (before === undefined) return {};
    if (before instanceof Date) return { at: trusted({ $lt: before }) };
    const entry = Types.ObjectId.isValid(before) ? await entries.find({ _id: before, subject }) : undefined;
    if (!entry) return undefined;
    const { at, _id } = entry;
    return { $or: [{ at: trusted({ $lt: at }) }, { at, _id: trusted({ $lt: _id }) }] };
  };
  return {
    async add(row) {
      await entries.insert(row);
    },
    async list(subject, { before, limit, now }) {
      const condition = await older(subject, before);
      if (!condition) return [];
      const filter = { subject, ...condition, expiresAt: trusted({ $gt: now }) };
      return entries.list(filter, { sort: { at: -1, _id: -1 }, limit });
    },
    async forgetOrigins(subject) {
      await entries.updateAll({ subject }, { $set: { ip: null, userAgent: null } });
    },
  };
}
