import type { UserDocument } from './user.js';

/** What is for the kit alone, whatever is asked for. */
export const CREDENTIAL_PATHS = ['password', 'securityStamp', 'passwordStamp', 'waysIn'] as const;

const concealed = new WeakSet<UserDocument>();

/** Whether a document has what sign-in goes by: it was loaded with it, and not handed to the app since. */
export function hasCredentials(user: UserDocument): boolean {
  return user.isSelected('waysIn') && !concealed.has(user);
}

/** Whether a document has what links are bound to: the same of the stamps. */
export function hasStamps(user: UserDocument): boolean {
  return user.isSelected('passwordStamp') && !concealed.has(user);
}

/**
 * Takes hash, stamps and ways in off a document that is handed to the app, whose own `toJSON` or logger may show all there is.
 * A later `save` of the document leaves them as they are stored.
 */
export function concealCredentials(user: UserDocument): void {
  concealed.add(user);
  for (const path of CREDENTIAL_PATHS) {
    // Most of them are not loaded for most of what is done.
    if (user.get(path) === undefined) continue;
    user.set(path, undefined);
    user.unmarkModified(path);
  }
}

/** A copy that can be handed to the app before the document itself has done its work. */
export function withoutCredentials(user: UserDocument): UserDocument {
  const copy = user.$clone();
  concealCredentials(copy);
  return copy;
}
