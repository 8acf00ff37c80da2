import { type FaultCode, ValidationFailed } from 'express-auth-kit';
import { isObjectIdOrHexString } from 'mongoose';
import { User } from '../models/user.js';

/** How many users a page has. */
const PAGE_SIZE = 50;

/** Sorts after all that an address can go on with. */
const LAST = '\u{10ffff}';

/**
 * A page of users, in the order of their ids; `next` is what the next page comes after, null on the last one.
 *
 * @param query.after the id where the page before ended
 * @param query.email how addresses begin. It is a text, never a pattern
 * @throws ValidationFailed (`validation_failed`, 422)
 */
export async function listUsers(query: Readonly<Record<string, unknown>>) {
  const [after, prefix] = [readText('after', query.after), readText('email', query.email)];
  if (after !== undefined && !isObjectIdOrHexString(after)) {
    refuse('after', 'invalid_format', 'The parameter after must be the id of a user.');
  }
  const filter = {
    ...(after !== undefined && { _id: { $gt: after } }),
    // The schema brings both ends into the form that addresses are stored in.
    ...(prefix !== undefined && { email: { $gte: prefix, $lt: prefix + LAST } }),
  };
  // One more tells whether there is another page.
  const found = await User.find(filter)
    .sort({ _id: 1 })
    .limit(PAGE_SIZE + 1);
  const users = found.slice(0, PAGE_SIZE).map(showUser);
  return { users, next: found.length > PAGE_SIZE ? users.at(-1)?.id : null };
}

/** The public user, and what only admins are told. */
export function showUser(user: InstanceType<typeof User>) {
  return { ...user.toJSON(), id: String(user._id), disabledAt: user.disabledAt ?? null };
}

/** An empty one, as a form sends it, is none; one that comes twice is a list. */
function readText(name: string, value: unknown): string | undefined {
  if (value === undefined || typeof value === 'string') return value?.trim() || undefined;
  return refuse(name, 'invalid_type', `The parameter ${name} must be a text.`);
}

function refuse(name: string, code: FaultCode, detail: string): never {
  throw new ValidationFailed([{ code, detail, pointer: `#/${name}` }]);
}
