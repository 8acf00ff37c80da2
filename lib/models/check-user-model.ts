import type { Schema } from 'mongoose';
import { BASE_PATHS, baseUserDefinition } from './base-user.js';
import type { UserModel } from './user-store.js';

/**
 * Checks the `User`, `registerFields` and `profileFields` options against each other.
 *
 * @throws TypeError that names the option
 */
export function checkUserModel(candidate: unknown, fields: Record<string, readonly string[]>): UserModel {
  const model = candidate as UserModel;
  if (typeof model !== 'function' || typeof model.schema?.path !== 'function') {
    throw new TypeError(
      'User: not a mongoose model; allowed: a discriminator of BaseUser or a model of a schema with baseUserPlugin',
    );
  }
  if (!model.schema.path('securityStamp')) {
    throw new TypeError(
      `User: the model ${model.modelName} lacks the base fields; use BaseUser.discriminator(...) or schema.plugin(baseUserPlugin)`,
    );
  }
  const redefined = redefinedPaths(model.schema);
  if (redefined.length > 0) {
    throw new TypeError(
      `User: the model ${model.modelName} defines ${redefined.join(', ')} anew; leave the base fields as they are`,
    );
  }
  const idType = model.schema.path('_id').instance;
  if (!ID_TYPES.includes(idType)) {
    throw new TypeError(
      `User: the model ${model.modelName} has an _id of type ${idType}; allowed: ${ID_TYPES.join(', ')}`,
    );
  }
  for (const [option, names] of Object.entries(fields)) {
    for (const name of names) checkField(option, name, model);
  }
  return model;
}

/** The types of `_id` that are the same again when they come back from a token, as text. */
const ID_TYPES = ['ObjectId', 'String', 'Number', 'UUID', 'BigInt', 'Decimal128'];

/**
 * The base fields that a schema has in another form than the kit gives them, as a discriminator can: a hash that is
 * loaded, an address that is not normalised. A `name` of the app's own is fine.
 */
function redefinedPaths(schema: Schema): string[] {
  const isRedefined = ([path, definition]: [string, object]) => {
    const options = schema.path(path)?.options as Record<string, unknown> | undefined;
    return Object.entries(definition).some(([option, value]) => {
      const own = options?.[option];
      // Mongoose copies objects from schema to schema: they are the same when they say the same.
      return typeof value === 'object' && value !== null ? String(own) !== String(value) : own !== value;
    });
  };
  const { name: _own, ...others } = baseUserDefinition;
  return Object.entries(others)
    .filter(isRedefined)
    .map(([path]) => path);
}

function checkField(option: string, name: string, model: UserModel): void {
  if (BASE_PATHS.includes(name) || name.startsWith('_') || name === model.schema.get('discriminatorKey')) {
    throw new TypeError(
      `${option}: ${JSON.stringify(name)} given; allowed: fields of the app's own, not of the base user`,
    );
  }
  if (!/^[A-Za-z]\w*$/.test(name) || model.schema.pathType(name) === 'adhocOrUndefined') {
    const paths = Object.keys(model.schema.paths).map((path) => path.split('.')[0] as string);
    const own = new Set(paths.filter((path) => !BASE_PATHS.includes(path) && !path.startsWith('_')));
    const allowed = [...own].join(', ') || `none, ${model.modelName} has no fields of its own`;
    throw new TypeError(
      `${option}: ${JSON.stringify(name)} is no field of ${model.modelName}; allowed: ${allowed}`,
    );
  }
}
