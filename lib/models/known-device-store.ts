import { type Collection, type CollectionDefinition, isDuplicate, trusted } from './collection.js';
import type { UserId } from './user.js';

/** A device that a user has signed in from. */
interface KnownDeviceRow {
  user: UserId;
  /** What it is called. */
  device: string;
  lastSeenAt: Date;
  expiresAt: Date;
}

export const KNOWN_DEVICES: CollectionDefinition = {
  name: 'auth_known_devices',
  fields: {
    device: { type: String, required: true },
    lastSeenAt: { type: Date, required: true },
    expiresAt: { type: Date, required: true },
  },
  indexes: [{ keys: { user: 1, kind: 1, device: 1 }, unique: true }],
};

export interface KnownDeviceStore {
  /**
   * Notes that a user has signed in from a device.
   *
   * @returns `known`, `first` where the user has no other one, or `new`: of many at once one is told so
   */
  see(
    user: UserId,
    device: string,
    until: { now: Date; expiresAt: Date },
  ): Promise<'known' | 'first' | 'new'>;
  forget(user: UserId, device: string): Promise<void>;
}

export function createKnownDeviceStore(devices: Collection<KnownDeviceRow>): KnownDeviceStore {
  return {
    async see(user, device, { now, expiresAt }) {
      const seen = { lastSeenAt: now, expiresAt };
      const isAlive = { expiresAt: trusted({ $gt: now }) };
      if (await devices.update({ user, device, ...isAlive }, { $set: seen })) return 'known';
      // One that has expired, and is not tidied away yet.
      await devices.remove({ user, device, expiresAt: trusted({ $lte: now }) });
      try {
        await devices.insert({ user, device, ...seen });
      } catch (error) {
        if (isDuplicate(error)) return 'known';
        throw error;
      }
      const all = await devices.list({ user }, { sort: { device: 1 } });
      return all.some((each) => each.device !== device && each.expiresAt > now) ? 'new' : 'first';
    },
    async forget(user, device) {
      await devices.remove({ user, device });
    },
  };
}
