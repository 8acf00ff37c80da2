import { BASE_PATHS } from './base-user.js';
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
  for (const [option, names] of Object.entries(fields)) {
    for (const name of names) checkField(option, name, model);
  }
  return model;
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
