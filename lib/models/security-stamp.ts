import { randomBytes } from 'node:crypto';
import type { Session } from './session-store.js';
import type { UserDocument } from './user.js';

/**
 * A random value that a user carries and nobody is shown. There are two.
 *
 * The security stamp is renewed by whatever ends all sessions. A session lives under the stamp of its time, so one write
 * ends them all, also those that are being made at that moment. The password stamp is renewed by a new password alone. A
 * recovery link is bound to the one of its time: whoever steals a session cannot void the owner's link by ending sessions.
 */
export function createStamp(): string {
  return randomBytes(12).toString('base64url');
}

/** Who was stored by other means than the kit has none until the first change; the empty one stands for it. */
export function stampOf(user: UserDocument): string {
  return user.securityStamp ?? '';
}

/** Nobody has one until the first new password; the empty one stands for it. */
export function passwordStampOf(user: UserDocument): string {
  return user.passwordStamp ?? '';
}

/** Whether the user may be signed in by this session: not disabled, and the session made under the present stamp. */
export function isAlive(user: UserDocument, session: Session): boolean {
  return !user.disabledAt && session.stamps.includes(stampOf(user));
}
