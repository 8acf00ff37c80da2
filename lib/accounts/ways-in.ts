import type { RequestContext } from '../config/hooks.js';
import type { Core } from '../core/core.js';
import { LastWayIn } from '../errors.js';
import type { UserId } from '../models/user.js';
import { endSessionsBy } from './end-sessions.js';

/** A method of a user's, by the id of its row in the method's own collection. */
interface Entry {
  method: string;
  id: string;
}

interface Options {
  /** The id of the session that goes on; all others end. */
  except?: string;
  /** Where it comes from, for the event. */
  context?: RequestContext;
}

/**
 * Notes that a user has set up a method. This write decides: a row in the method's collection without its entry counts as
 * absent.
 *
 * @param options.except without it all of the user's sessions end
 * @returns false when there is no such user, or it is noted already
 * @throws Unavailable (`unavailable`, 503)
 *
 * @example
 * await addWayIn(kit, user._id, { method: 'totp', id: String(row._id) }, { except: String(session._id) });
 */
export async function addWayIn(
  core: Core,
  user: UserId,
  entry: Entry,
  options: Options = {},
): Promise<boolean> {
  const wayIn = { ...entry, addedAt: core.now() };
  const add = (id: UserId, stamp: string, ifStamp?: string) =>
    core.users.addWayIn(id, wayIn, stamp, { ifStamp });
  const written = await endSessionsBy(core, user, add, { ...options, reason: 'way_in_added' });
  return written !== undefined;
}

/**
 * Strikes out a method of a user's. Of two that go at once, the last one that lets the user in stays.
 *
 * @returns false when it is not there
 * @throws LastWayIn (`last_way_in`, 409); Unavailable (`unavailable`, 503)
 *
 * @example
 * if (!(await removeWayIn(kit, user._id, { method: 'passkey', id }))) throw new NotFound();
 */
export async function removeWayIn(
  core: Core,
  user: UserId,
  entry: Entry,
  options: Options = {},
): Promise<boolean> {
  const lettingIn = [...core.methods].filter(([, { letsIn }]) => letsIn).map(([name]) => name);
  const unlessLastOf = lettingIn.includes(entry.method) ? lettingIn : undefined;
  const remove = (id: UserId, stamp: string, ifStamp?: string) =>
    core.users.removeWayIn(id, entry, stamp, { unlessLastOf, ifStamp });
  if (await endSessionsBy(core, user, remove, { ...options, reason: 'way_in_removed' })) return true;
  const stored = await core.users.findById(user, { withCredentials: true });
  const isThere = stored?.waysIn?.some((wayIn) => wayIn.method === entry.method && wayIn.id === entry.id);
  if (isThere) throw new LastWayIn();
  return false;
}
