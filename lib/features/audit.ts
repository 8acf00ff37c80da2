import type { AuthEvents } from '../core/events.js';
import type { Feature } from '../kit.js';
import { AUDIT, createAuditStore } from '../models/audit-store.js';
import { daysInMs } from '../runtime/clock.js';

/**
 * Keeps what happens to accounts for so many days: `service.auditTrail` reads it (OWASP ASVS 5.0 16.3.1). An entry is
 * written before the answer goes out, so that none of an acknowledged change is lost in a crash; where it cannot be
 * written, the answer is 503. It tells ids, reasons and where from, and no address; of who has gone, ids alone.
 */
export const audit = ({ days }: { days: number }): Feature => ({
  name: 'audit',
  collections: [AUDIT],
  setup(kit) {
    const entries = createAuditStore(kit.collections.get(AUDIT));
    return {
      async record(event, payload) {
        const at = kit.now();
        const { subject, origin, ...rest } = parts(payload);
        const isGone = event === 'user.deleted';
        const from = isGone ? { ip: null, userAgent: null } : origin;
        const expiresAt = new Date(at.getTime() + daysInMs(days));
        await entries.add({ subject, event, at, expiresAt, ...from, ...rest });
        if (isGone && subject) await entries.forgetOrigins(subject);
      },
    };
  },
});

/** What an event of any kind may have. */
type Payload = Readonly<Record<string, unknown>> & { userId: string | null };

/** Of an event what may be kept. Addresses and errors may not. */
function parts(event: AuthEvents[keyof AuthEvents]) {
  const {
    userId,
    sessionId,
    ip,
    userAgent,
    email: _address,
    to: _recipient,
    error: _error,
    ...details
  } = event as unknown as Payload;
  return {
    subject: userId,
    sessionId: textOf(sessionId),
    origin: { ip: textOf(ip), userAgent: textOf(userAgent) },
    details,
  };
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
