import type { RequestContext } from '../config/hooks.js';
import type { Core } from '../core/core.js';
import { originOf } from '../core/events.js';
import { NotFound } from '../errors.js';
import type { UserDocument } from '../models/user.js';
import { checkName } from './create-user.js';

/** What a user may change of one's own: only what is here is written. */
export interface ProfileChange {
  /** Null or empty: no name. */
  name?: string | null | undefined;
  /** The app's own fields, already picked by name; null or an empty text clears one. */
  fields?: Readonly<Record<string, unknown>>;
}

/**
 * Changes a user's name and the app's own fields, by one write of those alone: two that change different fields at once
 * both succeed. The app's validators and its `pre('save')` hooks run.
 *
 * @returns the user as it is stored now
 * @throws ValidationFailed (`validation_failed`, 422), NotFound (`not_found`, 404) when the user has gone meanwhile,
 * Unavailable (`unavailable`, 503), what a hook of the schema throws
 */
export async function updateProfile(
  core: Core,
  user: UserDocument,
  change: ProfileChange,
  context: RequestContext,
): Promise<UserDocument> {
  const values = valuesOf(change);
  await checkName(values['name']);
  const updated = await core.users.change(user._id, values);
  if (!updated) throw new NotFound({ message: 'the user has gone meanwhile' });
  const fields = Object.keys(values);
  if (fields.length > 0)
    await core.events.emit('user.updated', { userId: String(user._id), fields, ...originOf(context) });
  return updated;
}

/**
 * What can be told of a change before the rest of it is good.
 *
 * @throws ValidationFailed (`validation_failed`, 422) with the faults of all fields
 */
export async function checkProfile(core: Core, user: UserDocument, change: ProfileChange): Promise<void> {
  await core.users.checkChange(user, valuesOf(change));
}

/** A form sends an empty text for what is left out. */
function valuesOf({ name, fields = {} }: ProfileChange): Record<string, unknown> {
  const values = { ...fields, ...(name !== undefined && { name }) };
  return Object.fromEntries(
    Object.entries(values).map(([field, value]) => [field, value === '' ? null : value]),
  );
}
