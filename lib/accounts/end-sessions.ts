import type { Kit } from '../kit.js';
import type { UserId } from '../models/session-store.js';

/** Ends one session. Ending what is over already is fine. */
export async function endSession(kit: Kit, user: UserId, sessionId: string): Promise<void> {
  const ended = await kit.sessions.end(sessionId, user);
  if (ended) kit.events.emit('session.ended', { userId: String(user), sessionId });
}

/** Ends all of a user's sessions, those too that are being made at this moment: the new stamp outdates them. */
export async function endAllSessions(kit: Kit, user: UserId): Promise<void> {
  await kit.users.renewStamp(user);
  await forgetSessions(kit, user);
}

/** Clears away the sessions that a new stamp has ended; whether this succeeds changes nothing about that. */
export async function forgetSessions(kit: Kit, user: UserId, options?: { except?: string }): Promise<void> {
  await kit.sessions.endAll(user, options);
  kit.events.emit('session.ended', { userId: String(user), sessionId: null });
}
