import type { IndexOptions } from 'mongoose';
import type { UserDocument, UserModel } from './user.js';

type Find = (
  filter: Record<string, unknown>,
  collation?: IndexOptions['collation'],
) => Promise<UserDocument | undefined>;

/**
 * A look-up by a field of the app's own, as the field is stored: the schema's setters (`lowercase`, `trim`) are applied to
 * what was typed, and it is compared by the collation of the unique index. So two that the index takes for one are one here
 * too, and the index serves.
 */
export function createLookUp(
  model: UserModel,
  field: string,
  find: Find,
): (name: string) => Promise<UserDocument | undefined> {
  const collation = uniqueIndexOf(model, field)?.collation;
  return async (name) => {
    const value = cast(model, field, name);
    // Nothing would find who has nothing in the field.
    return typeof value === 'string' && value !== '' ? find({ [field]: value }, collation) : undefined;
  };
}

/** The unique index that makes a field one by which a user can be found, if the schema has it. */
export function uniqueIndexOf(model: UserModel, field: string): IndexOptions | undefined {
  const indexes: [object, IndexOptions][] = model.schema.indexes();
  return indexes.find((index) => isUniqueOn(model, field, index))?.[1];
}

/** What of an index's options makes a field a user's alone. */
export type UniqueOptions = Pick<IndexOptions, 'unique' | 'partialFilterExpression'>;

/** Whether an index lets no two users have the same in a field. An address is everybody's, of whichever kind. */
export function isUniqueOn(
  model: UserModel,
  field: string,
  [keys, { unique, partialFilterExpression = {} }]: [object, UniqueOptions],
): boolean {
  // Unique among all users of this kind who have the field, not among a part of them.
  const covered = field === 'email' ? [] : [field, model.schema.get('discriminatorKey')];
  const isWhole = Object.keys(partialFilterExpression).every((path) => covered.includes(path));
  return Object.keys(keys).join('+') === field && unique === true && isWhole;
}

function cast(model: UserModel, field: string, name: string): unknown {
  try {
    return model.findOne().cast(model, { [field]: name })[field];
  } catch {
    return undefined;
  }
}
