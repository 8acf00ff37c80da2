import type { RequestHandler, Router } from 'express';
import type { AuthOptions } from './config/options.js';
import { resolveOptions } from './config/resolve-options.js';
import { createKit } from './create-kit.js';
import { Unavailable } from './errors.js';
import type { AuthEvents } from './events.js';
import { features } from './features/index.js';
import { me } from './features/me.js';
import { registerRouter } from './http/default-guards.js';
import type { SignedInHandler } from './http/guards.js';
import { createRouter } from './http/mount.js';
import type { Kit } from './kit.js';
import { BaseUser, type BaseUserFields, showPublicUser } from './models/base-user.js';
import { checkUserModel } from './models/check-user-model.js';
import type { UserModel } from './models/user-store.js';
import { type AuthService, createService } from './service.js';

/** The documents of a user model, and the base fields, which a plugin brings without mongoose's types knowing. */
export type UserOf<M extends UserModel> = InstanceType<M> & BaseUserFields;

/** An Express router with the kit's endpoints, and what an app uses beside them. */
export interface AuthRouter<User> extends Router {
  /**
   * Lets only signed-in users pass: `req.user` a document, `req.auth` the claims. 401 `missing_token`, `invalid_token`;
   * 503 `unavailable`.
   */
  requireUser: RequestHandler;
  /** The same where there is a good token; without one the request is anonymous. 503 `unavailable`. */
  optionalUser: RequestHandler;
  /**
   * Stateless: signature and claims alone, no database. `req.auth` the claims. A logout is not felt before `exp`.
   * 401 `missing_token`, `invalid_token`.
   */
  requireClaims: RequestHandler;
  /** `requireUser`, and one of these roles. As `requireUser`, and 403 `insufficient_role`. */
  requireRole(...anyOf: string[]): RequestHandler;
  /**
   * `requireUser`, by a login at most `seconds` ago. As `requireUser`, and 401 `insufficient_user_authentication`
   * (RFC 9470).
   *
   * @param options.seconds a whole number, 0 or more
   * @throws TypeError for another one, when the app is built
   */
  requireRecentLogin(options: { seconds: number }): RequestHandler;
  /** Guard and handler in one, `req.user` typed as the app's user. */
  handler(handle: SignedInHandler<User>): RequestHandler;
  /** The profile by itself, to be mounted beside the router: `app.use('/me', auth.me)`. */
  me: Router;
  /** Listens to what happens, for audit logs and alarms. */
  on<Name extends keyof AuthEvents>(
    name: Name,
    listener: (event: AuthEvents[Name]) => void | Promise<void>,
  ): void;
  /** The same operations without HTTP. */
  service: AuthService<User>;
}

/**
 * Makes the router: registration, login, tokens, password recovery, profile, and the guards that go with them.
 *
 * Options not given come from the environment (see `optionsFromEnv`), then from the defaults; with `AUTH_SECRET_KEY`
 * set, `createAuthRouter()` is a complete installation on mongoose's default connection.
 *
 * @throws TypeError for an option that is unknown, malformed or missing; the message names it and what is allowed
 *
 * @example
 * const auth = createAuthRouter({ User, registerFields: ['phone'] });
 * app.use('/auth', auth);
 * app.get('/typed', auth.handler((req, res) => res.json({ phone: req.user.phone })));
 */
export function createAuthRouter<M extends UserModel = typeof BaseUser>(
  options: AuthOptions<M, UserOf<M>> = {},
): AuthRouter<UserOf<M>> {
  const settings = resolveOptions(options as AuthOptions<unknown, never>);
  const { registerFields, profileFields } = settings;
  const model = checkUserModel(options.User ?? BaseUser, { registerFields, profileFields });
  // A discriminator with options of its own for JSON has lost those of its base.
  showPublicUser(model.schema);
  const kit = createKit(settings, model, features);
  const routes = features.flatMap((feature) => feature.routes?.(kit) ?? []);
  const profile = me.routes(kit).map((route) => ({ ...route, path: '/' }));

  const { requireUser, optionalUser, requireClaims, requireRole, requireRecentLogin, handler } = kit.guards;
  const members = {
    requireUser,
    optionalUser,
    requireClaims,
    requireRole,
    requireRecentLogin,
    handler,
    me: createRouter(profile, kit.guards),
    on: kit.events.on,
    service: createService(kit),
  };
  registerRouter({ model, kid: kit.keys.current.kid, guards: kit.guards });
  reportAtStart(kit);
  // Inside, a user is a document with the base fields; that it is also the app's own holds because `model` made it.
  return Object.assign(createRouter(routes, kit.guards), members) as unknown as AuthRouter<UserOf<M>>;
}

/** What an operator should know before the first request: on the logger, or where Node.js shows warnings. */
function reportAtStart(kit: Kit): void {
  const { links } = kit.settings;
  const warn = (message: string) =>
    kit.logger.warn
      ? kit.logger.warn(message)
      : process.emitWarning(message, { type: 'ExpressAuthKitWarning' });
  if (!kit.mailer || !links.passwordReset) {
    const missing = [
      !kit.mailer && 'mail (SMTP_URL, MAIL_FROM)',
      !links.passwordReset && 'appUrl (AUTH_APP_URL)',
    ];
    warn(`no recovery mails will be sent: set ${missing.filter(Boolean).join(' and ')}`);
  }
  kit.onConnected(() => {
    kit.indexes.ready().catch((error: unknown) => {
      if (!(error instanceof Unavailable)) warn(`nobody can register or log in: ${(error as Error).message}`);
    });
  });
}
