import type { Core } from '../core/core.js';
import { ValidationFailed } from '../errors.js';
import type { UserId } from '../models/user.js';

/**
 * Who has a password is asked for it, however recent the login.
 *
 * @throws ValidationFailed (`validation_failed`, 422) where it is missing
 */
export async function requirePasswordOf(
  core: Core,
  id: UserId,
  given: string | null | undefined,
  { field, label }: { field: string; label: string },
): Promise<void> {
  if (typeof given === 'string') return;
  const stored = await core.users.findById(id, { withCredentials: true });
  if (!stored?.password) return;
  throw new ValidationFailed([{ code: 'required', detail: `${label} is required.`, pointer: `#/${field}` }]);
}
