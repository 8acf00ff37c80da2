import { randomBytes } from 'node:crypto';
import { createConnection } from 'mongoose';
import { resolveOptions } from '../../lib/config/resolve-options.js';
import { createKit } from '../../lib/create-kit.js';
import { features } from '../../lib/features/index.js';
import type { Route } from '../../lib/http/route.js';
import type { Feature } from '../../lib/kit.js';
import { baseUserSchema } from '../../lib/models/base-user.js';

/**
 * The table as `createAuthRouter` makes it: the paths below `/me` are whole. On a connection of its own: what the features
 * store would be made on the default one, when the next spec opens that.
 *
 * @param own features of an app
 */
export function tableOf(own: readonly Feature[]): Route[] {
  const secretKey = randomBytes(32).toString('base64');
  const settings = resolveOptions({ secretKey, features: own as never }, {});
  const User = createConnection().model('User', baseUserSchema);
  return createKit(settings, User, features(settings)).routes;
}

/** `POST /token`, `POST /token (form)`. */
export function nameOf({ method, path, accepts }: Route): string {
  return `${method.toUpperCase()} ${path}${accepts === 'form' ? ' (form)' : ''}`;
}
