import { IncomingMessage } from 'node:http';
import type { RequestHandler, Router } from 'express';
import type { BaseUserFields } from './config/base-user-fields.js';
import type { AuthOptions as Options } from './config/options.js';
import { resolveOptions } from './config/resolve-options.js';
import type { AuthEvents } from './core/events.js';
import { createKit } from './create-kit.js';
import { createService } from './create-service.js';
import { Unavailable } from './errors.js';
import { features } from './features/index.js';
import type { OnError } from './http/answer-error.js';
import { COOKIE_MAX_SECONDS } from './http/cookie-transport.js';
import { registerRouter } from './http/default-guards.js';
import type { Guard, RouteParams, SignedInHandler } from './http/guards.js';
import { createRouter } from './http/mount.js';
import type { Feature, Kit } from './kit.js';
import type { OwnFields, UserOf } from './models/app-user.js';
import { BaseUser, showPublicUser } from './models/base-user.js';
import { checkUserModel } from './models/check-user-model.js';
import type { UserModel } from './models/user.js';
import { daysInMs } from './runtime/clock.js';
import { warnOperator } from './runtime/warn-operator.js';
import type { AuthService } from './service.js';

/**
 * The options of `createAuthRouter`. Explicit option > environment variable > default. `M` is the type of the app's
 * user model, for a configuration in a module of its own: `AuthOptions<typeof User>`; `Claims` are the app's own claims.
 */
export type AuthOptions<M extends UserModel = typeof BaseUser, Claims extends object = object> = Options<
  M,
  // Which model it is, `User` says alone: hooks that are written for the base user go with others too.
  UserOf<NoInfer<M>>,
  keyof OwnFields<M>,
  Claims,
  Feature,
  OnError
>;

/**
 * An Express router with the kit's endpoints, and what an app uses beside them. `User` are the app's users, `Fields` their own
 * fields, `Claims` the claims of the app's own in an access token; with none of them it is any router of the kit.
 */
export interface AuthRouter<
  User = BaseUserFields,
  Fields = Record<string, unknown>,
  Claims extends object = object,
> extends Router {
  /**
   * Lets only signed-in users pass: `req.user` a document, `req.auth` the claims. 401 `missing_token`, `invalid_token`;
   * 503 `unavailable`.
   */
  requireUser: Guard;
  /**
   * `requireUser` for pages: a request that prefers HTML is sent (303) to `path`, with where it wanted to go as `return_to`.
   *
   * @param path of the page to log in on
   * @throws TypeError for what is no path, when the app is built
   */
  requireUserOr(path: string): Guard;
  /**
   * The same where there is a good token; without one the request is anonymous, whoever another guard has let in. 503
   * `unavailable`.
   */
  optionalUser: Guard;
  /**
   * Stateless: signature and claims alone, no database. `req.auth` the claims. A logout is not felt before `exp`.
   * 401 `missing_token`, `invalid_token`.
   */
  requireClaims: Guard;
  /** `requireUser`, and one of these roles. As `requireUser`, and 403 `insufficient_role`. */
  requireRole<Role extends string = string>(...anyOf: Role[]): Guard;
  /**
   * `requireUser`, by a login at most `seconds` ago. As `requireUser`, and 401 `insufficient_user_authentication`
   * (RFC 9470).
   *
   * @param options.seconds a whole number, 0 or more
   * @throws TypeError for another one, when the app is built
   */
  requireRecentLogin(options: { seconds: number }): Guard;
  /**
   * `requireUser`, and a verified address, whatever `emailVerification` says. As `requireUser`, and 403
   * `email_not_verified`.
   */
  requireVerified: Guard;
  /** Guard and handler in one: `req.user` typed as the app's user, `req.auth` with the app's own claims. */
  handler<P = RouteParams>(handle: SignedInHandler<User, P, Claims>): RequestHandler<P>;
  /** The profile by itself, to be mounted beside the router: `app.use('/me', auth.me)`. */
  me: Router;
  /**
   * Listens to what happens, for audit logs and alarms.
   *
   * @returns stops listening
   * @throws TypeError for an event that there is not
   */
  on<Name extends keyof AuthEvents>(name: Name, listener: (event: AuthEvents[Name]) => unknown): () => void;
  /** The operations without HTTP. */
  service: AuthService<User, Fields, Claims>;
}

/**
 * Makes the router: registration, login, tokens, password recovery, profile, and the guards that go with them.
 *
 * Options not given come from the environment (see `optionsFromEnv`), then from the defaults; with `AUTH_SECRET_KEY`
 * set, `createAuthRouter()` is a complete installation on mongoose's default connection.
 *
 * @throws TypeError for an option that is unknown, malformed or missing; the message names it and what is allowed. Error
 * when two features claim the same
 *
 * @example
 * const auth = createAuthRouter({ User, registerFields: ['phone'] });
 * app.use('/auth', auth);
 * app.get('/typed', auth.handler((req, res) => res.json({ phone: req.user.phone })));
 */
export function createAuthRouter<M extends UserModel = typeof BaseUser, Claims extends object = object>(
  options: AuthOptions<M, Claims> = {},
): AuthRouter<UserOf<M>, OwnFields<M>, Claims> {
  if (options instanceof IncomingMessage) {
    throw new TypeError(
      "createAuthRouter: a request given; mount what it returns: app.use('/auth', createAuthRouter())",
    );
  }
  const settings = resolveOptions(options as Options<unknown, never>);
  const { registerFields, profileFields, loginFields, password } = settings;
  const model = checkUserModel(options.User ?? BaseUser, {
    own: { registerFields, profileFields },
    loginFields,
    hashFields: password.verifiers.flatMap(({ fields = [] }) => fields),
  });
  // A discriminator with options of its own for JSON has lost those of its base.
  showPublicUser(model.schema);
  const { kit, routes, profile } = createKit(settings, model, features(settings));

  const members = {
    ...kit.guards,
    me: createRouter(profile, kit),
    on: kit.events.on,
    service: createService(kit),
  };
  const { issuer, audience } = settings;
  registerRouter({ model, tokens: { kid: kit.keys.current.kid, issuer, audience }, guards: kit.guards });
  reportAtStart(kit);
  kit.outbox.start();
  // Inside, a user is a document with the base fields; that it is also the app's own holds because `model` made it.
  return Object.assign(createRouter(routes, kit), members) as unknown as AuthRouter<
    UserOf<M>,
    OwnFields<M>,
    Claims
  >;
}

/** What an operator should know before the first request. */
function reportAtStart(kit: Kit): void {
  const warn = (message: string) => warnOperator(kit.logger, message);
  const missing = kit.outbox.missing();
  if (missing.length > 0) warn(`mails will not be sent: set ${missing.join(' and ')}`);
  if (kit.settings.cookies && daysInMs(kit.settings.refreshTokenExpireDays) > COOKIE_MAX_SECONDS * 1000)
    warn('browsers keep no cookie for longer than 400 days: refreshTokenExpireDays is more');
  kit.onConnected(() => {
    kit.indexes.ready().catch((error: unknown) => {
      if (!(error instanceof Unavailable)) warn(`nobody can register or log in: ${(error as Error).message}`);
    });
  });
}
