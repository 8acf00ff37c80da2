import { noticeOf } from '../../accounts/notice.js';
import { NO_REQUEST } from '../../config/hooks.js';
import type { Settings } from '../../config/option-table.js';
import type { Attempt, AttemptOutcome } from '../../core/limits.js';
import { Unavailable } from '../../errors.js';
import type { Feature, Kit } from '../../kit.js';
import { TEXTS } from '../../mail/texts.js';
import { COUNTERS, type CounterName, createCounterStore } from '../../models/counter-store.js';
import { networkOf } from '../../security/ip-address.js';
import { createAccountLimit, type Place } from './account-limit.js';
import { createAddressLimit, tooMany } from './address-limit.js';
import { hashedName } from './hashed-name.js';
import { isSignedInFrom } from './is-signed-in-from.js';
import { createLimiterCounters } from './limiter-counters.js';
import { NOTICE_MINUTES, PER_ACCOUNT } from './numbers.js';

/** The operations that ask for a code as a factor of a sign-in. */
const SECOND_STEP = ['challenge', 'confirm'];

/** What was counted for an attempt. */
interface Counted {
  /** Absent where it is refused. */
  place?: Place;
  /** What is taken back after it: beside a hash it takes no time that tells of a lock. */
  surplus: readonly Place[];
}

/** The name of the mail to who is being guessed at. */
const PASSWORD_GUESSED = 'passwordGuessed';

/**
 * Bounds how often passwords and codes are guessed, tokens refreshed, users registered, mails asked for: by account and by
 * address (OWASP ASVS 5.0 6.3.1). It is asked by the operations, whatever path led to them, and knows no path.
 */
export const throttle = ({ throttle: options }: Pick<Settings, 'throttle'>): Feature => ({
  name: 'throttle',
  collections: options && !options.store ? [COUNTERS] : [],
  // Where it is off, an app may have words for it all the same: the environment says whether it is.
  mails: {
    [PASSWORD_GUESSED]: {
      template: TEXTS.passwordGuessed,
      onceInMinutes: NOTICE_MINUTES,
      isOff: options === undefined,
    },
  },
  setup(kit) {
    if (!options) return {};
    const counters = options.store
      ? createLimiterCounters(options.store, kit.kind)
      : createCounterStore(kit.collections.get(COUNTERS), kit.now);
    const addresses = createAddressLimit({ counters, now: () => kit.now().getTime() });
    const passwords = createAccountLimit(counters, PER_ACCOUNT.password);
    const codes = createAccountLimit(counters, PER_ACCOUNT.code);
    const limitOf = ({ kind }: Pick<Attempt, 'kind'>) => (kind === 'code' ? codes : passwords);
    const counted = new WeakMap<Attempt, Counted>();

    /** A locked account looks like a wrong password; a lock of codes may be told, for who sees it has shown the password. */
    const reserve = async (attempt: Attempt): Promise<Counted> => {
      const whose = accountOf(kit, attempt);
      if (!whose) return { surplus: [] };
      const { place, waitMs } = await limitOf(attempt).reserve(whose);
      if (waitMs === 0) return { place, surplus: [] };
      if (attempt.kind === 'code') {
        await codes.giveBack(place);
        throw tooMany(waitMs);
      }
      // A stranger's guesses do not keep out who signs in from where the account is signed in already.
      if (!(await isSignedInFrom(kit, attempt))) return { surplus: [place] };
      const atHome = await passwords.reserve(atHomeOf(whose, attempt));
      return atHome.waitMs === 0
        ? { place: atHome.place, surplus: [place] }
        : { surplus: [place, atHome.place] };
    };

    const settle = async (attempt: Attempt, place: Place, outcome: AttemptOutcome) => {
      const { operation, kind, user, ip } = attempt;
      const limit = limitOf(attempt);
      if (outcome === 'failed') {
        await limit.fail(place);
        if (place.turn && kind === 'password' && user)
          kit.background.run(() => mailNotice(kit, { user, ip }));
      } else if (outcome === 'succeeded' && operation === 'challenge') await limit.forget(place.failures);
      else await limit.giveBack(place);
    };

    return {
      limits: {
        admit: addresses.admit,
        async before(attempt) {
          await addresses.before(attempt);
          if (!(attempt.kind in PER_ACCOUNT)) return undefined;
          const reserved = await reserve(attempt);
          counted.set(attempt, reserved);
          return reserved.place ? undefined : 'refuse';
        },
        async after(attempt, outcome) {
          const { place, surplus } = counted.get(attempt) ?? { surplus: [] };
          await Promise.all([
            addresses.after(attempt, outcome),
            place && settle(attempt, place, outcome),
            ...surplus.map((each) => passwords.giveBack(each)),
          ]);
        },
      },
      hooks: {
        /** Whoever has the mailbox is not kept out by what others have guessed. */
        async afterPasswordChange({ user: { _id } }) {
          const user = String(_id);
          const whose = accountOf(kit, { operation: 'login', kind: 'password', user, name: null });
          if (whose) await passwords.forget(whose).catch(unlessUnavailable);
        },
      },
    };
  },
});

/** Whose guesses are counted: a user's, or those of a name that nobody has. What is counted for some alone tells who they are. */
function accountOf(kit: Kit, { operation, kind, user, name }: Omit<Attempt, 'ip'>) {
  const who = user ?? (name === null ? null : hashedName(name));
  if (who === null) return undefined;
  // What an app's own feature calls a code, a coupon say, neither opens nor closes the lock of the second step.
  const what = kind === 'code' && !SECOND_STEP.includes(operation) ? `${operation} code` : kind;
  return { key: `${what} of ${who}`, user: user === null ? null : (kit.users.castId(user) ?? null) };
}

function atHomeOf({ key, user }: CounterName, { ip }: Attempt): CounterName {
  return { key: `${key} at ${hashedName(networkOf(ip as string))}`, user };
}

async function mailNotice(kit: Kit, { user: id, ip }: { user: string; ip: string | null }): Promise<void> {
  const user = await kit.users.findById(id);
  if (user) await kit.outbox.send(user, PASSWORD_GUESSED, await noticeOf(kit, { ...NO_REQUEST, ip }));
}

/** The new password is stored. A wait that is left is over by itself. */
function unlessUnavailable(error: unknown): void {
  if (!(error instanceof Unavailable)) throw error;
}
