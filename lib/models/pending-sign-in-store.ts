import type { Proof } from '../security/proof.js';
import { type Collection, type CollectionDefinition, type Stored, trusted } from './collection.js';
import { PROOFS } from './proofs.js';
import type { UserId } from './user.js';

/** A sign-in that waits for another proof. It is no session: no guard knows of it. */
interface PendingSignInRow {
  user: UserId;
  /** Of the handle that the client has. */
  hash: string;
  /** The user's security stamp of that time: whatever ends sessions ends this too. */
  stamp: string;
  proofs: readonly Proof[];
  /** What the login named the device. */
  deviceName: string | null;
  remember: boolean;
  attemptsLeft: number;
  expiresAt: Date;
}

export type PendingSignIn = Stored<PendingSignInRow>;

export const PENDING_SIGN_INS: CollectionDefinition = {
  name: 'auth_pending_sign_ins',
  fields: {
    hash: { type: String, required: true },
    stamp: { type: String, default: '' },
    proofs: PROOFS,
    deviceName: { type: String, default: null },
    remember: { type: Boolean, default: true },
    attemptsLeft: { type: Number, required: true },
    expiresAt: { type: Date, required: true },
  },
  indexes: [{ keys: { hash: 1 }, unique: true }],
};

export interface PendingSignInStore {
  create(pending: PendingSignInRow): Promise<void>;
  /** Counts an attempt, before it is made: of many at once no more than are left. @returns undefined when none is */
  attempt(hash: string, now: Date): Promise<PendingSignIn | undefined>;
  /** Spends it. @returns whether it was there to be spent: of many at once one succeeds */
  finish(hash: string): Promise<boolean>;
}

export function createPendingSignInStore(pending: Collection<PendingSignInRow>): PendingSignInStore {
  return {
    async create(row) {
      await pending.insert(row);
    },
    attempt: (hash, now) =>
      pending.update(
        { hash, attemptsLeft: trusted({ $gt: 0 }), expiresAt: trusted({ $gt: now }) },
        { $inc: { attemptsLeft: -1 } },
      ),
    finish: async (hash) => (await pending.take({ hash })) !== undefined,
  };
}
