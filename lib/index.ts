import './http/express-types.js';

export type {
  AuthHooks,
  AuthOptions,
  Clock,
  LinkOptions,
  Logger,
  MailContent,
  MailedUser,
  MailOptions,
  MailTemplates,
  MailTransport,
  PasswordOptions,
  PasswordResetMail,
  SignInContext,
} from './config/options.js';
export { optionsFromEnv } from './config/options-from-env.js';
export type { Algorithm } from './config/signing-key.js';
export { type AuthRouter, createAuthRouter, type UserOf } from './create-auth-router.js';
export * from './errors.js';
export type { AuthEvents } from './events.js';
export { optionalUser, requireUser } from './http/default-guards.js';
export type { SignedInHandler, SignedInRequest } from './http/guards.js';
export { authErrorHandler, type Problem } from './http/problem.js';
export { escapeHtml } from './mail/templates.js';
export { BaseUser, type BaseUserFields, baseUserPlugin, baseUserSchema } from './models/base-user.js';
export type { PublicUser } from './models/public-user.js';
export type { UserModel } from './models/user-store.js';
export type { AccessClaims, RefreshClaims } from './security/tokens.js';
export type { AuthService, CreateUserInput, UserReference } from './service.js';
export type { TokenPair } from './sign-in.js';
