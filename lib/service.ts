import { createUser } from './accounts/create-user.js';
import { deleteUser } from './accounts/delete-user.js';
import { endSessions, endSessionsBy } from './accounts/end-sessions.js';
import { replacePassword } from './accounts/replace-password.js';
import { requireGoodPassword } from './accounts/require-good-password.js';
import type { SignInContext } from './config/options.js';
import { NotFound } from './errors.js';
import type { Kit } from './kit.js';
import type { UserDocument } from './models/user-store.js';
import type { AccessClaims } from './security/tokens.js';
import { signIn, type TokenPair } from './sign-in.js';

/** A user, or a user's id. */
export type UserReference = { _id: unknown } | string;

/** What `service.createUser` takes: the base fields, and any of the app's own beside them. */
export interface CreateUserInput {
  email: string;
  password: string;
  name?: string | null;
  roles?: string[];
  [field: string]: unknown;
}

/** The kit's operations without HTTP: for seeds, admin pages, other ways in, background jobs. */
export interface AuthService<User> {
  /**
   * Stores a user, by the same rules as `POST /register`, whatever `registration` says; here `roles` may be given.
   *
   * @throws ValidationFailed (`validation_failed`), EmailTaken (`email_taken`), Unavailable (`unavailable`); what an
   * `afterRegister` hook throws, when the user is stored
   */
  createUser(input: CreateUserInput): Promise<User>;
  /**
   * Signs a user in, whose identity the app has proved: runs the hooks, makes a session.
   *
   * @throws NotFound (`not_found`) when there is no such user, or it is disabled; what a hook throws; Unavailable
   */
  issueTokens(user: UserReference, context?: Partial<SignInContext>): Promise<TokenPair>;
  /**
   * Who an access token stands for: checked as `requireUser` does, for websockets and jobs.
   *
   * @throws InvalidToken (`invalid_token`), Unavailable (`unavailable`)
   */
  verifyAccessToken(token: string): Promise<{ user: User; claims: AccessClaims }>;
  /**
   * Ends a user's sessions, all or all but one (`except`: a session id, the claim `sid`).
   *
   * @throws NotFound (`not_found`), Unavailable (`unavailable`)
   */
  revokeSessions(user: UserReference, options?: { except?: string }): Promise<void>;
  /**
   * Sets a password and ends all of the user's sessions.
   *
   * @throws ValidationFailed (`validation_failed`), NotFound (`not_found`), Unavailable (`unavailable`); what an
   * `afterPasswordChange` hook throws, when all is done
   */
  setPassword(user: UserReference, password: string): Promise<void>;
  /**
   * Ends a user's sessions and lets none begin, until `enableUser`.
   *
   * @throws NotFound (`not_found`), Unavailable (`unavailable`)
   */
  disableUser(user: UserReference): Promise<void>;
  /**
   * Lets a disabled user sign in again. The sessions of before stay over.
   *
   * @throws NotFound (`not_found`), Unavailable (`unavailable`)
   */
  enableUser(user: UserReference): Promise<void>;
  /**
   * Deletes a user, after the `beforeDelete` hooks, and ends the user's sessions.
   *
   * @throws NotFound (`not_found`), what a hook throws, Unavailable (`unavailable`)
   */
  deleteUser(user: UserReference): Promise<void>;
  /**
   * Creates the indexes of users, sessions and one-time tokens: for apps that run with `autoIndex: false`.
   *
   * @throws MongoServerError for an index that cannot be created, one of the app's own too; with the database away what
   * mongoose throws
   */
  createIndexes(): Promise<void>;
  /** Resolves when the work off the requests' path (mails) that was begun so far is done: for shutdowns and tests. */
  settled(): Promise<void>;
}

export function createService(kit: Kit): AuthService<UserDocument> {
  const load = async (reference: UserReference): Promise<UserDocument> => {
    const user = await kit.users.findById(typeof reference === 'string' ? reference : reference._id);
    requireFound(user);
    return user as UserDocument;
  };
  const requireFound = (found: unknown) => {
    if (!found) throw new NotFound({ message: 'no such user' });
  };

  return {
    createUser: ({ email, password, name, roles, ...fields }) =>
      createUser(kit, { email, password, name, roles, fields }),

    async issueTokens(reference, context = {}) {
      const user = await load(reference);
      if (user.disabledAt) throw new NotFound({ message: 'the user is disabled' });
      return signIn(kit, user, { ip: context.ip ?? null, userAgent: context.userAgent ?? null });
    },

    async verifyAccessToken(token) {
      const { user, claims } = await kit.identify({ headers: { authorization: `Bearer ${token}` } });
      return { user, claims };
    },

    async revokeSessions(reference, { except } = {}) {
      const { _id } = await load(reference);
      requireFound(await endSessions(kit, _id, { except }));
    },

    async setPassword(reference, password) {
      const user = await load(reference);
      await requireGoodPassword(kit, password, user, 'password');
      const passwordHash = await kit.hasher.hash(password);
      requireFound(await replacePassword(kit, user._id, { passwordHash, reason: 'service' }));
    },

    async disableUser(reference) {
      const { _id } = await load(reference);
      requireFound(await endSessionsBy(kit, _id, (stamp) => kit.users.disable(_id, kit.now(), stamp)));
    },
    async enableUser(reference) {
      requireFound(await kit.users.enable((await load(reference))._id));
    },
    async deleteUser(reference) {
      requireFound(await deleteUser(kit, await load(reference)));
    },
    createIndexes: () => kit.indexes.create(),
    settled: () => kit.background.settled(),
  };
}
