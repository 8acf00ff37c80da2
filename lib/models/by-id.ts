import { trusted } from './collection.js';

/**
 * The condition that a document's `_id` is this one and no other. A collation can take `ada` for `Ada`, and a query
 * cannot have another one than its collection without losing the index; what `$jsonSchema` lists is compared as it is,
 * whatever the collation.
 *
 * @example
 * await model.findOne({ ...byId(id), disabledAt: null });
 */
export function byId<Id>(id: Id): { _id: Id } {
  if (typeof id !== 'string') return { _id: id };
  const isExact = { $jsonSchema: trusted({ properties: { _id: { enum: [id] } } }) };
  return { _id: id, ...isExact };
}
