import type { AuditTrailEntry, AuditTrailOptions } from './accounts/audit-trail.js';
import type { Credentials } from './accounts/check-login.js';
import type { PresentedTokens } from './accounts/log-out.js';
import type { RequestContext } from './config/hooks.js';
import type { ListedSession } from './config/session-info.js';
import type { AccessClaims } from './security/tokens.js';
import type { TokenPair } from './sign-in.js';

/** A user, or a user's id. */
export type UserReference = { _id: unknown } | string;

/** What `service.createUser` takes of the base fields, beside those of the app's own. */
export interface CreateUserInput {
  email: string;
  /** Without it, and without `passwordHash`, the user sets the first one by `POST /forgot-password`. */
  password?: string;
  /** In place of a password: bcrypt, or a hash that one of the option `password.verifiers` knows. */
  passwordHash?: string;
  /** `true` where the app knows that the address is the user's own. */
  emailVerified?: boolean;
  name?: string | null;
  roles?: string[];
}

/** The second step of a sign-in, as a client sends it to `POST /challenge`. */
export interface ChallengeAnswer {
  challenge: string;
  method: string;
  /** What the method asks for: `code`, `response`. */
  [field: string]: unknown;
}

/** How the app came to know who the user is. */
export interface IssueTokensOptions extends Partial<RequestContext> {
  /** `true` where the app has seen to it by itself, or acts for the user: then no second factor is asked for. */
  bypassSecondFactor?: boolean;
  /** What the list of sessions calls the device, at most 100 characters. */
  deviceName?: string | null;
}

/**
 * The kit's operations without HTTP, by the same implementation: for seeds, admin pages, other ways in, GraphQL, background
 * jobs. Where one serves a request, `from` says which: for hooks, events, limits and the list of sessions.
 *
 * @example
 * const user = await auth.service.createUser({ email: 'ada@example.com', password: 'correct horse', roles: ['admin'] });
 * const { access_token } = await auth.service.issueTokens(user);
 */
export interface AuthService<User, Fields = Record<string, unknown>, Claims extends object = object> {
  /**
   * Stores a user, by the same rules as `POST /register`, whatever `registration` says; here `roles`, a verified address, and
   * the hash of a password in its place may be given, or no password at all. Mails nothing: see `resendVerification`.
   *
   * @throws ValidationFailed (`validation_failed`), EmailTaken (`email_taken`), Unavailable (`unavailable`); what an
   * `afterRegister` hook throws, when the user is stored
   */
  createUser(input: CreateUserInput & Fields, from?: Partial<RequestContext>): Promise<User>;
  /**
   * For seeds: the user of this address as it is stored, or a new one. What is stored stays as it is, the password too.
   * Of many at once one makes it.
   *
   * @throws as `createUser`, but for `email_taken`
   */
  ensureUser(input: CreateUserInput & Fields): Promise<User>;
  /**
   * By id, or by address in whatever form it is typed.
   *
   * @returns null when there is no such user
   * @throws Unavailable (`unavailable`)
   *
   * @example
   * const user = await auth.service.findUser({ email: 'Ada@Example.com' });
   */
  findUser(by: UserReference | { email: string }): Promise<User | null>;
  /**
   * `PATCH /me`: changes a user's name and fields of the app's own, those alone that are given; null or an empty text clears one. Any field of
   * the model's own, whatever `profileFields` says.
   *
   * @throws ValidationFailed (`validation_failed`), NotFound (`not_found`), Unavailable (`unavailable`), what a hook of the
   * schema throws; TypeError for a base field, and for one that the model does not have
   *
   * @example
   * await auth.service.updateUser(user, { name: 'Ada', phone: null });
   */
  updateUser(
    user: UserReference,
    change: { name?: string | null } & { [Field in keyof Fields]?: Fields[Field] | null },
    from?: Partial<RequestContext>,
  ): Promise<User>;
  /**
   * Replaces a user's roles, by the rules of the schema. Felt at the next request.
   *
   * @throws ValidationFailed (`validation_failed`), NotFound (`not_found`), Unavailable (`unavailable`)
   */
  setRoles(user: UserReference, roles: readonly string[], from?: Partial<RequestContext>): Promise<void>;
  /**
   * `POST /token`: a session for an email and its password.
   *
   * @throws ValidationFailed (`validation_failed`) for the name of a device; InvalidCredentials (`invalid_credentials`);
   * EmailNotVerified (`email_not_verified`) where verification is required; SecondFactorRequired (`second_factor_required`), to
   * be answered by `answerChallenge`; what a limit or a hook throws; Unavailable (`unavailable`)
   */
  login(credentials: Credentials, from?: Partial<RequestContext>): Promise<TokenPair>;
  /**
   * `POST /challenge`: the second step of a sign-in.
   *
   * @throws InvalidChallenge (`invalid_challenge`), InvalidCode (`invalid_code`), what a limit or a hook throws,
   * Unavailable (`unavailable`)
   */
  answerChallenge(answer: ChallengeAnswer, from?: Partial<RequestContext>): Promise<TokenPair>;
  /**
   * Signs a user in, whose identity the app has proved: runs the hooks, makes a session.
   *
   * @throws NotFound (`not_found`) when there is no such user, or it is disabled; ValidationFailed (`validation_failed`) for
   * the name of a device; EmailNotVerified (`email_not_verified`) where verification is required; SecondFactorRequired
   * (`second_factor_required`) when the user has a second factor, to be answered at `POST /challenge`; what a hook throws;
   * Unavailable (`unavailable`)
   */
  issueTokens(user: UserReference, options?: IssueTokensOptions): Promise<TokenPair>;
  /**
   * `POST /refresh`: a refresh token against a new pair.
   *
   * @throws InvalidRefreshToken (`invalid_refresh_token`), what a hook throws, Unavailable (`unavailable`)
   */
  refresh(refreshToken: string, from?: Partial<RequestContext>): Promise<TokenPair>;
  /**
   * `POST /logout`: ends the session of each token, also of an access token that has expired. One that is no good ends
   * nothing, and is no error.
   *
   * @throws Unavailable (`unavailable`)
   */
  logout(tokens: PresentedTokens, from?: Partial<RequestContext>): Promise<void>;
  /**
   * Who an access token stands for: checked as `requireUser` does, for websockets and jobs.
   *
   * @throws InvalidToken (`invalid_token`), Unavailable (`unavailable`)
   */
  verifyAccessToken(token: string): Promise<{ user: User; claims: AccessClaims & Claims }>;
  /**
   * `GET /sessions`: the sessions by which a user is signed in now, the newest login first. Which is the current one, the
   * claim `sid` says.
   *
   * @returns none of a user who is disabled
   * @throws NotFound (`not_found`), Unavailable (`unavailable`)
   *
   * @example
   * for (const { device, ip, lastUsedAt } of await auth.service.listSessions(user)) console.log(device, ip, lastUsedAt);
   */
  listSessions(user: UserReference): Promise<ListedSession[]>;
  /**
   * `DELETE /sessions/:id`: ends one of a user's sessions.
   *
   * @throws NotFound (`not_found`) when there is no such user, or the session is over or of somebody else; Unavailable
   * (`unavailable`)
   */
  endSession(user: UserReference, sessionId: string, from?: Partial<RequestContext>): Promise<void>;
  /**
   * Ends a user's sessions, all or all but one (`except`: a session id, the claim `sid`).
   *
   * @throws NotFound (`not_found`), Unavailable (`unavailable`)
   */
  revokeSessions(
    user: UserReference,
    options?: { except?: string },
    from?: Partial<RequestContext>,
  ): Promise<void>;
  /**
   * Sets a password and ends all of the user's sessions.
   *
   * @throws ValidationFailed (`validation_failed`), NotFound (`not_found`), Unavailable (`unavailable`); what an
   * `afterPasswordChange` hook throws, when all is done
   */
  setPassword(user: UserReference, password: string, from?: Partial<RequestContext>): Promise<void>;
  /**
   * `POST /change-password`: by the current password, for the user of an access token. Every session ends, and the answered
   * pair is of a new one. Who has no password sets the first one within five minutes of a login.
   *
   * @throws InvalidToken (`invalid_token`), WrongPassword (`wrong_password`), InsufficientUserAuthentication
   * (`insufficient_user_authentication`), ValidationFailed (`validation_failed`), what a limit throws, Unavailable
   * (`unavailable`); what an `afterPasswordChange` hook throws, when all is done
   */
  changePassword(
    accessToken: string,
    passwords: { currentPassword?: string; newPassword: string },
    from?: Partial<RequestContext>,
  ): Promise<TokenPair>;
  /**
   * `POST /confirm`: the login of an access token's session counts as a recent one again, by the password, and the code of a
   * second factor where there is one.
   *
   * @returns the time that counts from now on
   * @throws InvalidToken (`invalid_token`), ValidationFailed (`validation_failed`) for what is missing, WrongPassword
   * (`wrong_password`), InvalidCode (`invalid_code`), what a limit throws, Unavailable (`unavailable`)
   */
  confirm(
    accessToken: string,
    shown: { password?: string; method?: string; [field: string]: unknown },
    from?: Partial<RequestContext>,
  ): Promise<Date>;
  /**
   * `POST /forgot-password`: mails a recovery link, where somebody has the address. Resolves alike for all.
   *
   * @throws Unavailable (`unavailable`)
   */
  forgotPassword(email: string, from?: Partial<RequestContext>): Promise<void>;
  /**
   * `POST /forgot-password/validate`: whose recovery link a token is of. Does not use it up.
   *
   * @throws InvalidOneTimeToken (`invalid_one_time_token`), Unavailable (`unavailable`)
   */
  validatePasswordReset(token: string): Promise<{ email: string }>;
  /**
   * `POST /reset-password`: sets a password by a recovery link, and ends all of the user's sessions.
   *
   * @throws InvalidOneTimeToken (`invalid_one_time_token`), ValidationFailed (`validation_failed`), Unavailable
   * (`unavailable`); what an `afterPasswordChange` hook throws, when all is done
   */
  resetPassword(reset: { token: string; password: string }, from?: Partial<RequestContext>): Promise<void>;
  /**
   * `POST /verify-email`: verifies an address by the link that was mailed to it. Works whatever `emailVerification` says.
   *
   * @throws InvalidOneTimeToken (`invalid_one_time_token`), Unavailable (`unavailable`)
   */
  verifyEmail(token: string, from?: Partial<RequestContext>): Promise<{ email: string }>;
  /**
   * `POST /verify-email/resend`: mails a verification link, where somebody has the address and has not verified it. Resolves
   * alike for all. Works whatever `emailVerification` says.
   *
   * @throws Unavailable (`unavailable`)
   */
  resendVerification(email: string, from?: Partial<RequestContext>): Promise<void>;
  /**
   * `POST /change-email`: asks for another address, for the user of an access token, by the password; who has none needs a
   * login of the last five minutes. Resolves alike whether or not somebody has the address.
   *
   * @throws InvalidToken (`invalid_token`), ValidationFailed (`validation_failed`), WrongPassword (`wrong_password`),
   * InsufficientUserAuthentication (`insufficient_user_authentication`), what a limit throws, Unavailable (`unavailable`)
   */
  changeEmail(
    accessToken: string,
    change: { email: string; password?: string },
    from?: Partial<RequestContext>,
  ): Promise<void>;
  /**
   * `POST /change-email/confirm`: puts the new address in force.
   *
   * @throws InvalidOneTimeToken (`invalid_one_time_token`), EmailTaken (`email_taken`), Unavailable (`unavailable`)
   */
  confirmEmailChange(token: string, from?: Partial<RequestContext>): Promise<{ email: string }>;
  /**
   * `POST /change-email/undo`: puts the earlier address in force, ends all sessions, removes the password and what was set up
   * since, and mails a recovery link.
   *
   * @throws InvalidOneTimeToken (`invalid_one_time_token`), EmailTaken (`email_taken`), Unavailable (`unavailable`)
   */
  undoEmailChange(token: string, from?: Partial<RequestContext>): Promise<{ email: string }>;
  /**
   * Ends a user's sessions and lets none begin, until `enableUser`.
   *
   * @throws NotFound (`not_found`), Unavailable (`unavailable`)
   */
  disableUser(user: UserReference, from?: Partial<RequestContext>): Promise<void>;
  /**
   * Lets a disabled user sign in again. The sessions of before stay over.
   *
   * @throws NotFound (`not_found`), Unavailable (`unavailable`)
   */
  enableUser(user: UserReference, from?: Partial<RequestContext>): Promise<void>;
  /**
   * Deletes a user, after the `beforeDelete` hooks, and ends the user's sessions.
   *
   * @throws NotFound (`not_found`), what a hook throws, Unavailable (`unavailable`)
   */
  deleteUser(user: UserReference, from?: Partial<RequestContext>): Promise<void>;
  /**
   * What happened to an account, newest first, as long as the option `audit` says; also to one that has gone, of whom ids
   * alone are left.
   *
   * @throws Error where the option is off; TypeError for options that are none; Unavailable (`unavailable`)
   *
   * @example
   * const newest = await auth.service.auditTrail(user, { limit: 20 });
   * const next = await auth.service.auditTrail(user, { before: newest.at(-1)?.id, limit: 20 });
   */
  auditTrail(user: UserReference, options?: AuditTrailOptions): Promise<AuditTrailEntry[]>;
  /**
   * Creates the indexes of users and of every collection of the kit and its features: for apps that run with
   * `autoIndex: false`.
   *
   * @throws MongoServerError for an index that cannot be created, one of the app's own too; with the database away what
   * mongoose throws
   */
  createIndexes(): Promise<void>;
  /**
   * Resolves when the work off the requests' path that was begun so far is done: the mails that this router has written are
   * sent, but for those that a mail server has put off. For tests, and for platforms that freeze a process between requests.
   */
  settled(): Promise<void>;
  /**
   * Ends the work off the requests' path, for a shutdown: what is being done is finished. Mails that wait are sent by another
   * process, or after the next start.
   */
  close(): Promise<void>;
}
