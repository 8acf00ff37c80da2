import type { ListedSession } from '../config/session-info.js';
import type { Core } from '../core/core.js';
import { isAlive } from '../models/security-stamp.js';
import { sessionInfo } from '../models/session-info.js';
import type { UserId } from '../models/user.js';
import { describeDevice } from './describe-device.js';

/**
 * The sessions by which a user is signed in now, the newest login first (OWASP ASVS 5.0 7.5.2).
 *
 * @returns none of a user who is disabled, or is not there
 * @throws Unavailable (`unavailable`, 503)
 */
export async function listSessions(core: Core, user: UserId): Promise<ListedSession[]> {
  const [owner, stored] = await Promise.all([core.users.load(user), core.sessions.list(user, core.now())]);
  const alive = stored.filter((session) => owner && isAlive(owner, session));
  return Promise.all(
    alive.map(async (session) => ({
      ...sessionInfo(session),
      expiresAt: core.sessions.endOf(session),
      device: session.deviceName ?? (await describeDevice(session.userAgent)),
    })),
  );
}
