import type { BaseUserFields } from './base-user-fields.js';
import type { SessionInfo } from './session-info.js';

/** Where the request came from that an operation serves. All is null where the app's own code asks for it without one. */
export interface RequestContext {
  /** The address of Express's `req.ip` in one form: IPv4, also where IPv6 carries it, or IPv6. Null for what is none. */
  ip: string | null;
  userAgent: string | null;
  /** The `Accept-Language` header as it was sent: the languages that the person reads (RFC 9110 section 12.5.4). */
  acceptLanguage: string | null;
}

/** No request: a seed, a job, a command. */
export const NO_REQUEST: RequestContext = { ip: null, userAgent: null, acceptLanguage: null };

/** What somebody registers with. */
export interface RegistrationInput {
  /** In the form in which it will be stored. */
  email: string;
  /** Whatever else the body holds, but the password. Only `name` and the `registerFields` are checked, and stored. */
  [field: string]: unknown;
}

/**
 * Steps of the app's own inside the kit's, each awaited; what they return is not looked at. What one throws is the answer
 * (throw an `AuthError` to choose status, code and detail). A `before...` refuses the operation by that; when an `after...` is asked, it has been done,
 * and stays done.
 */
export interface AuthHooks<User = BaseUserFields> {
  /**
   * Before a user is stored who registers: all was found valid. For invitations, captchas, domains that may not. Not asked
   * for users whom the app itself makes by the service.
   */
  beforeRegister?(event: { input: RegistrationInput; context: RequestContext }): unknown;
  /** After a user was stored, whoever made it. */
  afterRegister?(event: { user: User; context: RequestContext }): unknown;
  /** Before a session is made for a user whose credentials were right. */
  beforeSignIn?(event: { user: User; context: RequestContext }): unknown;
  /**
   * Before a refresh goes on, also one that is answered once more, with nothing changed yet: the refresh token of a refusal
   * still works. Not asked about a token that is refused anyway.
   */
  beforeRefresh?(event: { user: User; session: SessionInfo; context: RequestContext }): unknown;
  /**
   * Before a user is deleted, who has given the right password or whom the service names. It may run and the deletion
   * fail: what it does must bear being done again.
   */
  beforeDelete?(event: { user: User; context: RequestContext }): unknown;
  /** After a password was changed or reset. */
  afterPasswordChange?(event: {
    user: User;
    reason: 'change' | 'reset' | 'service';
    context: RequestContext;
  }): unknown;
}

/** The names of all hooks. */
export const HOOKS = Object.keys({
  beforeRegister: true,
  afterRegister: true,
  beforeSignIn: true,
  beforeRefresh: true,
  beforeDelete: true,
  afterPasswordChange: true,
} satisfies Record<keyof AuthHooks, true>) as readonly (keyof AuthHooks)[];
