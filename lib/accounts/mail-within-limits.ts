import type { RequestContext } from '../config/hooks.js';
import type { Core } from '../core/core.js';
import { withinLimits } from '../core/limits.js';
import type { Recipient } from '../mail/outbox.js';

/**
 * Mails a link that anybody can ask for, to whoever has the address, if somebody has it. Where a limit refuses, the same is
 * done and no mail goes out.
 *
 * @throws Unavailable (`unavailable`, 503); what a limit throws
 */
export async function mailWithinLimits(
  core: Core,
  operation: string,
  { user, address }: Recipient,
  { mail, context: { ip, acceptLanguage } }: { mail: string; context: RequestContext },
): Promise<void> {
  const attempt = {
    operation,
    kind: 'mail' as const,
    user: user ? String(user._id) : null,
    name: address,
    ip,
  };
  await withinLimits(core.limits, attempt, async (isRefused) => {
    const recipient = { user: isRefused ? undefined : user, address };
    await core.outbox.sendTo(recipient, mail, { acceptLanguage });
    return { succeeded: !isRefused, result: undefined };
  });
}
