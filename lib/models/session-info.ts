import type { SessionInfo } from '../config/session-info.js';
import { amrOf } from '../security/proof.js';
import type { Session } from './session-store.js';

/** A session as the app's own code is shown it: without what only the kit goes by. */
export function sessionInfo({ _id, proofs, ...session }: Session): SessionInfo {
  const { authTime, createdAt, lastUsedAt, expiresAt, ip, userAgent } = session;
  const times = { authTime, createdAt, lastUsedAt, expiresAt };
  return { id: _id.toString(), amr: amrOf(proofs), ...times, ip, userAgent };
}
