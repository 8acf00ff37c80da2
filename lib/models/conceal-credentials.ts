import type { UserDocument } from './user-store.js';

/** What is for the kit alone, whatever is asked for. */
export const CREDENTIAL_PATHS = ['password', 'securityStamp', 'passwordStamp'] as const;

/**
 * Takes hash and stamps off a document that is handed to the app, whose own `toJSON` or logger may show all there is.
 * A later `save` of the document leaves them as they are stored.
 */
export function concealCredentials(user: UserDocument): void {
  for (const path of CREDENTIAL_PATHS) {
    user.set(path, undefined);
    user.unmarkModified(path);
  }
}
