import type { Attempt, AttemptKind, AttemptOutcome } from '../../core/limits.js';
import { TooManyRequests } from '../../errors.js';
import type { Counters } from '../../models/counter-store.js';
import { networkOf } from '../../security/ip-address.js';
import { hashedName } from './hashed-name.js';
import { BLOCKED_MOST, PER_ADDRESS } from './numbers.js';

type From = Pick<Attempt, 'kind' | 'ip'>;

/** How often something may be tried from an address. */
export interface AddressLimit {
  /** @throws TooManyRequests (`too_many_requests`, 429) where the address is known to try too much: from memory */
  admit(from: From): void;
  /** The same, and counts what counts whatever becomes of it. */
  before(from: From): Promise<void>;
  after(from: From, outcome: AttemptOutcome): Promise<void>;
}

interface AddressLimitParts {
  counters: Counters;
  /** In milliseconds. */
  now(): number;
}

export function createAddressLimit({ counters, now }: AddressLimitParts): AddressLimit {
  /** Until when nothing of a kind is taken from an address. Another process finds it out at the next failure there. */
  const blocked = new Map<string, number>();
  const nameOf = ({ kind, ip }: { kind: AttemptKind; ip: string }) => ({
    key: `${kind} from ${hashedName(networkOf(ip))}`,
    user: null,
  });

  const admit = ({ kind, ip }: From) => {
    if (ip === null || blocked.size === 0) return;
    const { key } = nameOf({ kind, ip });
    const until = blocked.get(key);
    if (until === undefined) return;
    const waitMs = until - now();
    if (waitMs > 0) throw tooMany(waitMs);
    blocked.delete(key);
  };

  const block = (key: string, waitMs: number) => {
    if (blocked.size >= BLOCKED_MOST) blocked.delete(blocked.keys().next().value as string);
    blocked.set(key, now() + waitMs);
  };

  /** @returns how many there are with this one */
  const count = async (kind: AttemptKind, ip: string) => {
    const { most, within } = PER_ADDRESS[kind];
    const name = nameOf({ kind, ip });
    const counted = await counters.add(name, within);
    if (counted.count >= most) block(name.key, counted.endsInMs);
    return counted;
  };

  return {
    admit,
    async before({ kind, ip }) {
      admit({ kind, ip });
      const { all, most } = PER_ADDRESS[kind];
      if (ip === null || !all) return;
      const counted = await count(kind, ip);
      if (counted.count > most) throw tooMany(counted.endsInMs);
    },
    async after({ kind, ip }, outcome) {
      if (ip === null) return;
      const { all } = PER_ADDRESS[kind];
      if (all && outcome === 'abandoned') {
        const name = nameOf({ kind, ip });
        blocked.delete(name.key);
        await counters.takeBack(name);
      }
      if (!all && outcome === 'failed') await count(kind, ip);
    },
  };
}

/** @param waitMs in milliseconds */
export function tooMany(waitMs: number): TooManyRequests {
  return new TooManyRequests({ retryAfterSeconds: Math.max(1, Math.ceil(waitMs / 1000)) });
}
