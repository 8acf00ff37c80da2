import { randomBytes } from 'node:crypto';
import { createConnection } from 'mongoose';
import type { AuthOptions } from '../../lib/config/options.js';
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
 * @param emailVerification on by default: there are more rows with it
 */
export function tableOf(
  own: readonly Feature[],
  emailVerification: AuthOptions['emailVerification'] = 'optional',
): Route[] {
  const secretKey = randomBytes(32).toString('base64');
  const mail = { transport: 'smtp://mail.example.com', from: 'app@example.com' };
  const appUrl = 'https://app.example.com';
  const options = { secretKey, features: own as never, emailVerification, mail, appUrl };
  const settings = resolveOptions(options, {});
  const User = createConnection().model('User', baseUserSchema);
  return createKit(settings, User, features(settings)).routes;
}

/** `POST /token`, `POST /token (form)`. */
export function nameOf({ method, path, accepts }: Route): string {
  return `${method.toUpperCase()} ${path}${accepts === 'form' ? ' (form)' : ''}`;
}
