import {
  type Collection,
  type CollectionDefinition,
  evenIfMadeMeanwhile,
  type Stored,
  trusted,
} from './collection.js';
import type { UserId } from './user.js';

/** A mail that waits to be sent. It holds no secret: that is made when it goes out. */
interface OutboxRow {
  /** The name that its feature gave it. */
  mail: string;
  /** Of one key one row waits. */
  key: string;
  /** Whom it is for; null where nobody has the address. */
  user: UserId | null;
  address: string;
  /** What the template is given. */
  data: Readonly<Record<string, unknown>>;
  /** What its link was bound to when it was asked for: when that has changed, the link would be void. */
  boundTo: string;
  /** Who wrote it: one router of one process. */
  writer: string;
  /** How often it was asked for. */
  asked: number;
  /** How often sending it has failed. */
  failures: number;
  /** How often it was begun without a word of how it ended: the process was killed, or the database was away. */
  openEnds: number;
  /** Of the secret that is in it: of this attempt, and of the one before. */
  hash: string | null;
  formerHash: string | null;
  /** When it is to be tried next. Who tries puts it off, so that another takes over from who was killed. */
  dueAt: Date;
  /** After that it is given up. */
  lastAt: Date;
  expiresAt: Date;
}

/** A row that one process has taken. */
export type ClaimedMail = Stored<OutboxRow>;

/** What is known of a mail when it is asked for. */
export type NewMail = Pick<
  OutboxRow,
  'mail' | 'key' | 'user' | 'address' | 'data' | 'boundTo' | 'writer' | 'lastAt'
>;

export const OUTBOX: CollectionDefinition = {
  name: 'auth_outbox',
  fields: {
    mail: { type: String, required: true },
    key: { type: String, required: true },
    address: { type: String, required: true },
    data: { type: Object, required: true },
    boundTo: { type: String, default: '' },
    writer: { type: String, required: true },
    asked: { type: Number, required: true },
    failures: { type: Number, required: true },
    openEnds: { type: Number, required: true },
    hash: { type: String, default: null },
    formerHash: { type: String, default: null },
    dueAt: { type: Date, required: true },
    lastAt: { type: Date, required: true },
    expiresAt: { type: Date, required: true },
  },
  indexes: [{ keys: { key: 1, kind: 1 }, unique: true }, { keys: { kind: 1, dueAt: 1 } }],
};

/** How long a row stays that nobody gives up, in milliseconds: while no process runs, nobody does. */
const KEPT = 7 * 86_400_000;

export interface OutboxStore {
  /** Writes a row that is due at `now`. One of its key that waits already is taken for it, and keeps its turn. */
  add(mail: NewMail, now: Date): Promise<void>;
  /**
   * Takes the row that has been due the longest: of many at once one gets it.
   *
   * @param options.mails those alone
   * @param options.writer those of this writer alone
   * @param options.except none to these addresses
   * @param options.until when another may take it over
   * @param options.hash of the secret that will be in it
   */
  claim(
    now: Date,
    options: {
      mails: readonly string[];
      writer: string | undefined;
      except: readonly string[];
      until: Date;
      hash: string;
    },
  ): Promise<ClaimedMail | undefined>;
  /**
   * Forgets a row, or lets it wait for its next turn where it was asked for once more meanwhile. That is left to whoever
   * has taken it over, if somebody has.
   */
  finish(row: ClaimedMail, now: Date): Promise<void>;
  /**
   * Notes that this attempt has failed, and when the next is to be made. Does nothing where somebody else has taken the row
   * over meanwhile.
   *
   * @param options.isOpen nobody knows whether the mail has come
   */
  putOff(row: ClaimedMail, dueAt: Date, options?: { isOpen?: boolean }): Promise<void>;
}

export function createOutboxStore(rows: Collection<OutboxRow>): OutboxStore {
  const upsert = ({ key, mail, address, ...latest }: NewMail, now: Date) =>
    rows.upsert(
      { key },
      {
        $set: { ...latest, expiresAt: new Date(latest.lastAt.getTime() + KEPT) },
        $inc: { asked: 1 },
        $setOnInsert: { mail, address, failures: 0, openEnds: 0, dueAt: now },
      },
    );
  return {
    async add(mail, now) {
      await evenIfMadeMeanwhile(() => upsert(mail, now));
    },
    claim(now, { mails, writer, except, until, hash }) {
      const address = trusted({ $nin: except });
      const due = { mail: trusted({ $in: mails }), address, dueAt: trusted({ $lte: now }) };
      return rows.update(writer === undefined ? due : { ...due, writer }, [
        {
          $set: {
            dueAt: until,
            formerHash: '$hash',
            hash: { $literal: hash },
            openEnds: { $add: ['$openEnds', 1] },
          },
        },
      ]);
    },
    async finish({ _id, asked, hash }, now) {
      if ((await rows.remove({ _id, asked })) === 1) return;
      const anew = { dueAt: now, failures: 0, openEnds: 0, hash: null };
      await rows.update({ _id, hash }, { $set: anew });
    },
    async putOff({ _id, hash }, dueAt, { isOpen = false } = {}) {
      // How this one ended is known, or not; of those before it is not.
      const openEnds = isOpen ? 0 : -1;
      await rows.update({ _id, hash }, { $set: { dueAt }, $inc: { failures: 1, openEnds } });
    },
  };
}
