import { concealCredentials } from './conceal-credentials.js';
import { findLivingOne } from './find-living.js';
import type { Session, SessionStore } from './session-store.js';
import type { UserDocument } from './user.js';
import type { UserStore } from './user-store.js';

/** Who is signed in, and by which login. */
export interface SignedIn {
  user: UserDocument;
  session: Session;
}

/**
 * Loads what a token names. Everything that asks who is signed in asks here: the requests of one turn of the event loop by
 * one query for all users and one for all sessions.
 */
export type SignInLoader = (userId: string, sessionId: string, now: Date) => Promise<SignedIn | undefined>;

export function createSignInLoader(users: UserStore, sessions: SessionStore): SignInLoader {
  return async (userId, sessionId, now) => {
    const id = users.castId(userId);
    if (id === undefined) return undefined;
    const signedIn = await findLivingOne({
      user: () => users.load(id),
      session: async () => {
        const session = await sessions.load(id, sessionId);
        return session && sessions.endOf(session) > now ? session : undefined;
      },
    });
    if (signedIn) concealCredentials(signedIn.user);
    return signedIn;
  };
}
