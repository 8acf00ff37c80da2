import './http/express-types.js';

export type { AuditTrailEntry, AuditTrailOptions } from './accounts/audit-trail.js';
export type { Credentials } from './accounts/check-login.js';
export type { PresentedTokens } from './accounts/log-out.js';
export type { PublicUser } from './config/answers.js';
export type { BaseUserFields, BaseUserVirtuals } from './config/base-user-fields.js';
export type { AuthHooks, RegistrationInput, RequestContext } from './config/hooks.js';
export type {
  AlreadyRegisteredMail,
  ChangeEmailMail,
  EmailChangedMail,
  EmailInUseMail,
  EveryMailWords,
  Letter,
  MailContent,
  MailedUser,
  MailOptions,
  MailTemplates,
  MailTexts,
  MailTransport,
  MailWords,
  NoticeMail,
  PasswordChangedMail,
  PasswordResetMail,
  VerifyEmailMail,
  WriteMail,
} from './config/mail.js';
export type { AuthMessages } from './config/messages.js';
export type { LinkOptions } from './config/options.js';
export { optionsFromEnv } from './config/options-from-env.js';
export type { PasswordOptions, PasswordRefusal, PasswordVerifier } from './config/password.js';
export type { ListedSession, SessionInfo } from './config/session-info.js';
export type { Algorithm } from './config/signing-key.js';
export type { ThrottleOptions, ThrottleStore } from './config/throttle.js';
export type { AuthEvents, SessionEndReason } from './core/events.js';
export { type AuthOptions, type AuthRouter, createAuthRouter } from './create-auth-router.js';
export * from './errors.js';
export type { AnswerErrorOptions, OnError } from './http/answer-error.js';
export { authErrorHandler } from './http/auth-error-handler.js';
export { optionalUser, requireUser } from './http/default-guards.js';
export type { Guard, RouteParams, SignedInHandler, SignedInRequest } from './http/guards.js';
export type { Problem } from './http/problem.js';
export { escapeHtml } from './mail/escape-html.js';
export type { OwnFields, UserOf } from './models/app-user.js';
export { BaseUser, baseUserPlugin, baseUserSchema } from './models/base-user.js';
export type { StoredUser, UserModel } from './models/user.js';
export type { Clock } from './runtime/clock.js';
export type { Logger } from './runtime/logger.js';
export type { AccessClaims, RefreshClaims } from './security/tokens.js';
export type {
  AuthService,
  ChallengeAnswer,
  CreateUserInput,
  IssueTokensOptions,
  UserReference,
} from './service.js';
export type { TokenPair } from './sign-in.js';
