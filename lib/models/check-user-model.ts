import type { Schema, SchemaType } from 'mongoose';
import { BASE_PATHS, baseUserDefinition, baseUserSchema } from './base-user.js';
import { uniqueIndexOf } from './login-field.js';
import type { UserModel } from './user.js';

/** What other options say of the model's fields. */
interface FieldOptions {
  /** The options that name fields of the app's own for bodies: `registerFields`, `profileFields`. */
  own?: Readonly<Record<string, readonly string[]>>;
  loginFields?: readonly string[];
  /** Where `password.verifiers` find hashes. */
  hashFields?: readonly string[];
}

/**
 * Checks the options `User`, `registerFields`, `profileFields`, `loginFields` and `password.verifiers` against each other.
 *
 * @throws TypeError that names the option
 */
export function checkUserModel(
  candidate: unknown,
  { own = {}, loginFields = [], hashFields = [] }: FieldOptions = {},
): UserModel {
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
  for (const name of hashFields) checkHashField(name, model);
  for (const name of loginFields) checkLoginField(name, model);
  for (const [option, names] of Object.entries(own)) {
    for (const name of names) checkField(option, name, model, hashFields);
  }
  return model;
}

/** Not declared, it would be loaded always and shown by a `toJSON` of the app's own. */
function checkHashField(name: string, model: UserModel): void {
  const path = model.schema.path(name);
  if (path?.instance === 'String' && path.options['select'] === false) return;
  throw new TypeError(
    `password.verifiers: a hash is in the field ${name}; declare it in ${model.modelName}: ${name}: { type: String, select: false }`,
  );
}

/** Found by another kind of field, one name could be two users'. */
function checkLoginField(name: string, model: UserModel): void {
  const isText = model.schema.path(name)?.instance === 'String';
  if (isText && uniqueIndexOf(model, name)) return;
  throw new TypeError(
    `loginFields: ${JSON.stringify(name)} given; allowed: texts of ${model.modelName} with a unique index, as ${name}: { type: String, unique: true }`,
  );
}

/** The types of `_id` that are the same again when they come back from a token, as text. */
const ID_TYPES = ['ObjectId', 'String', 'Number', 'UUID', 'BigInt', 'Decimal128'];

/**
 * The base fields that a schema has in another form than the kit gives them, as a discriminator can: a hash that is
 * loaded, an address that is not normalised. A `name` of the app's own is fine.
 */
function redefinedPaths(schema: Schema): string[] {
  const isRedefined = ([path, definition]: [string, object]) => {
    const [field, base] = [schema.path(path), baseUserSchema.path(path)] as [SchemaType, SchemaType];
    if (!field || effectOf(field) !== effectOf(base)) return true;
    const options = field.options as Record<string, unknown>;
    return Object.entries(definition).some(([option, value]) => {
      const own = options[option];
      // Mongoose copies objects from schema to schema: they are the same when they say the same.
      return typeof value === 'object' && value !== null ? String(own) !== String(value) : own !== value;
    });
  };
  const { name: _own, ...others } = baseUserDefinition;
  return Object.entries(others)
    .filter(isRedefined)
    .map(([path]) => path);
}

/** What a field does. Mongoose 8 lets that of a discriminator have the base field's options and not follow them. */
function effectOf(field: SchemaType): string {
  const { instance, selected, setters, validators } = field as SchemaType & {
    selected?: boolean;
    setters: readonly unknown[];
  };
  return JSON.stringify([instance, selected, setters.length, validators.map(({ type }) => type)]);
}

function checkField(option: string, name: string, model: UserModel, hashFields: readonly string[]): void {
  if (
    BASE_PATHS.includes(name) ||
    // An object of the app's own may hold it.
    hashFields.some((path) => path === name || path.startsWith(`${name}.`)) ||
    name.startsWith('_') ||
    name === model.schema.get('discriminatorKey')
  ) {
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
