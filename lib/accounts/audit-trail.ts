import { checkNumber, refuse } from '../config/checks.js';
import type { Core } from '../core/core.js';
import { AUDIT, createAuditStore } from '../models/audit-store.js';

/** Something that happened to an account. */
export interface AuditTrailEntry {
  id: string;
  /** The name of the event. */
  event: string;
  at: Date;
  sessionId: string | null;
  ip: string | null;
  userAgent: string | null;
  /** What else the event told: `reason`, `method`, `fields`. */
  details: Readonly<Record<string, unknown>>;
}

export interface AuditTrailOptions {
  /** Older than this time, or than the entry of this id: the next page. */
  before?: Date | string;
  /** How many at most, 1 to 1000; 100 by default. */
  limit?: number;
}

const LIMIT = { min: 1, max: 1000, integer: true, allowed: 'a whole number from 1 to 1000' };

/**
 * What happened to an account, newest first; also to one that has gone.
 *
 * @param user the user's id, as text
 * @throws Error where the option `audit` is off; TypeError for options that are none; Unavailable (`unavailable`, 503)
 */
export async function readAuditTrail(
  core: Core,
  user: string,
  { before, limit = 100 }: AuditTrailOptions = {},
): Promise<AuditTrailEntry[]> {
  if (core.settings.audit === undefined)
    throw new Error('auditTrail: nothing is kept; set the option audit (or AUTH_AUDIT_DAYS)');
  checkNumber('auditTrail limit', limit, LIMIT);
  const isTime = before instanceof Date && !Number.isNaN(before.getTime());
  if (before !== undefined && !isTime && typeof before !== 'string')
    refuse('auditTrail before', before, 'a Date, or the id of an entry');
  const entries = createAuditStore(core.collections.get(AUDIT));
  const found = await entries.list(user, { before, limit, now: core.now() });
  return found.map(({ _id, event, at, sessionId, ip, userAgent, details }) => ({
    id: String(_id),
    event,
    at,
    sessionId,
    ip,
    userAgent,
    details,
  }));
}
