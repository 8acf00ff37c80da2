/**
 * What a feature of an app's own is made of: the same that the kit's features are made of. See `Feature`.
 *
 * @packageDocumentation
 */

export { checkCode, type TypedCode } from './accounts/check-code.js';
export {
  checkPassword,
  confirmPassword,
  type PasswordVerdict,
  type TypedPassword,
} from './accounts/check-password.js';
export { confirmUser } from './accounts/confirm-user.js';
export { createUser, type NewAccount } from './accounts/create-user.js';
export { type Ending, endSession, endSessions } from './accounts/end-sessions.js';
export { requireLinkOwner } from './accounts/link-owner.js';
export { replacePassword } from './accounts/replace-password.js';
export { type GoodPassword, requireGoodPassword } from './accounts/require-good-password.js';
export { addWayIn, removeWayIn } from './accounts/ways-in.js';
export type { Letter, MailContent, MailWords, WriteMail } from './config/mail.js';
export type { Core } from './core/core.js';
export type { Recorder } from './core/events.js';
export {
  type Attempt,
  type AttemptKind,
  type AttemptOutcome,
  type Guess,
  type Limit,
  withinLimits,
} from './core/limits.js';
export type { Method } from './core/method.js';
export type { Outcome } from './http/authenticate.js';
export type { FlowOutcome, RedirectFlow } from './http/redirect-flow.js';
export {
  type Answer,
  defineRoute,
  defineUserRoute,
  type Route,
  type RouteRequest,
  type UserRouteRequest,
} from './http/route.js';
export { MESSAGE, objectOf, PUBLIC_USER } from './http/shapes.js';
export {
  emailAddress,
  type Field,
  type JsonSchema,
  optionalString,
  personName,
  type RuleChoice,
  type Rules,
  requiredString,
} from './http/validation.js';
export type { Feature, Kit, Parts } from './kit.js';
export type { LinkKind, MailData, MailKind, MailTemplate } from './mail/mail-kind.js';
export type { Outbox, Recipient } from './mail/outbox.js';
export {
  type Collection,
  type CollectionDefinition,
  type Filter,
  isDuplicate,
  type ListOptions,
  type Stored,
  trusted,
} from './models/collection.js';
export { passwordStampOf, stampOf } from './models/security-stamp.js';
export type { UserDocument, UserId, WayIn } from './models/user.js';
export type { PassportStrategy } from './security/passport-strategy.js';
export type { Proof, ProofKind } from './security/proof.js';
export { type SignIn, signIn } from './sign-in.js';
