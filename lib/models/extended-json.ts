import mongoose from 'mongoose';

/**
 * What `mongoexport` writes: JSON in which `{ "$oid": "..." }` is an ObjectId and `{ "$date": "..." }` a date.
 *
 * @throws SyntaxError, BSONError
 */
export function parseExtendedJson(text: string): unknown {
  return mongoose.mongo.BSON.EJSON.parse(text);
}
