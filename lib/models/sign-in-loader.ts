import type { Session, SessionStore } from './session-store.js';
import type { UserDocument, UserStore } from './user-store.js';

/** Who is signed in, and by which login. */
export interface SignedIn {
  user: UserDocument;
  session: Session;
}

/** Loads what a token names. Everything that asks who is signed in asks here. */
export type SignInLoader = (userId: string, sessionId: string, now: Date) => Promise<SignedIn | undefined>;

export function createSignInLoader(users: UserStore, sessions: SessionStore): SignInLoader {
  return async (userId, sessionId, now) => {
    const id = users.castId(userId);
    if (id === undefined) return undefined;
    const [user, session] = await Promise.all([users.findById(id), sessions.find(sessionId, id, now)]);
    return user && session && isAlive(user, session) ? { user, session } : undefined;
  };
}

/** Whether the user may be signed in by this session: not disabled, and the session made under the present credentials. */
export function isAlive(user: UserDocument, session: Session): boolean {
  return !user.disabledAt && session.stamps.includes(stampOf(user));
}

/**
 * The stamp of a user's present credentials. Who was stored by other means than the kit has none until the first change
 * of credentials; the name of the collection stands for it, so that users of two kinds with the same id are not taken
 * for each other.
 */
export function stampOf(user: UserDocument): string {
  return user.securityStamp ?? `none:${user.collection.name}`;
}
