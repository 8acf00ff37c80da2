import { BODY_LIMIT } from '../config/limits.js';
import { BodyTooLarge, type FieldFault } from '../errors.js';

/** MongoDB stores 100 levels; what mongoose adds around a value needs some. */
const MAX_DEPTH = 50;

/** Keys that the database or mongoose takes for something else than data, or cannot store. */
const NOT_A_KEY = /^\$|\0|^(_bsontype|__proto__|constructor|isMongooseBuffer)$/;

/** Those of the app's own fields that can be stored, and what is wrong with the others. */
export interface OwnFields {
  fields: Record<string, unknown>;
  faults: FieldFault[];
}

/**
 * The fields of a body that the app names, as they came: its schema casts and validates them. A schema lets anything
 * into a field of no particular type; what could not be stored or would be stored as something else stops here.
 *
 * @throws BodyTooLarge (`body_too_large`, 413)
 */
export function pickOwnFields(body: Readonly<Record<string, unknown>>, names: readonly string[]): OwnFields {
  const given = names.filter((name) => Object.hasOwn(body, name));
  const isGood = (name: string) => isStorable(body[name], MAX_DEPTH);
  const fields = Object.fromEntries(given.filter(isGood).map((name) => [name, body[name]]));
  // A body that the app has parsed may have come compressed or in chunks, whatever its Content-Length.
  if (Buffer.byteLength(JSON.stringify(fields)) > BODY_LIMIT) throw new BodyTooLarge();
  const faults = given
    .filter((name) => !isGood(name))
    .map((name) => ({ code: 'invalid', detail: 'This value cannot be stored.', pointer: `#/${name}` }));
  return { fields, faults };
}

/** Whether a value of a parsed body can be stored as it is, at most so many levels deep. */
function isStorable(value: unknown, levels: number): boolean {
  // A body that the app has parsed may be longer than ours.
  if (typeof value === 'string') return value.length <= BODY_LIMIT && value.isWellFormed();
  if (typeof value !== 'object' || value === null) return true;
  if (levels === 0) return false;
  return Object.entries(value).every(
    ([key, inner]) => !NOT_A_KEY.test(key) && isStorable(key, 0) && isStorable(inner, levels - 1),
  );
}
