import { BodyTooLarge, ValidationFailed } from '../errors.js';
import { BODY_LIMIT } from './body.js';

/** MongoDB stores 100 levels; what mongoose adds around a value needs some. */
const MAX_DEPTH = 50;

/** Keys that the database or mongoose takes for something else than data, or cannot store. */
const NOT_A_KEY = /^\$|\0|^(_bsontype|__proto__|constructor|isMongooseBuffer)$/;

/**
 * The fields of a body that the app names, as they came: its schema casts and validates them. A schema lets anything
 * into a field of no particular type; what could not be stored or would be stored as something else stops here.
 *
 * @throws ValidationFailed (`validation_failed`, 422), BodyTooLarge (`body_too_large`, 413)
 */
export function pickOwnFields(
  body: Readonly<Record<string, unknown>>,
  names: readonly string[],
): Record<string, unknown> {
  const given = names.filter((name) => Object.hasOwn(body, name));
  const faults = given
    .filter((name) => !isStorable(body[name], MAX_DEPTH))
    .map((name) => ({ detail: 'This value cannot be stored.', pointer: `#/${name}` }));
  if (faults.length > 0) throw new ValidationFailed(faults);
  const fields = Object.fromEntries(given.map((name) => [name, body[name]]));
  // A body that the app has parsed may have come compressed or in chunks, whatever its Content-Length.
  if (Buffer.byteLength(JSON.stringify(fields)) > BODY_LIMIT) throw new BodyTooLarge();
  return fields;
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
