import type { ListedSession } from '../config/session-info.js';
import type { Core } from '../core/core.js';
import { findLiving } from '../models/find-living.js';
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
  const living = await findLiving({
    user: () => core.users.load(user),
    sessions: () => core.sessions.list(user, core.now()),
  });
  return Promise.all(
    (living?.sessions ?? []).map(async (session) => ({
      ...sessionInfo(session),
      expiresAt: core.sessions.endOf(session),
      device: session.deviceName ?? (await describeDevice(session.userAgent)),
    })),
  );
}
