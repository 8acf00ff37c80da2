import type { Request } from 'express';
import type { Logger } from '../runtime/logger.js';
import { warnOperator } from '../runtime/warn-operator.js';

/** Express's own answer to whether the app trusts who is at the other end of the connection. */
type Trust = ((address: string | undefined, hop: number) => boolean) | undefined;

/**
 * Looks out for a proxy that the app does not trust: everybody would have its address, and what one of them guesses would
 * keep all of them out. Told once, for a client may have made the header up.
 */
export function createProxyWatch(logger: Logger): (req: Request) => void {
  let hasWarned = false;
  return ({ headers, socket, app }) => {
    if (hasWarned || headers['x-forwarded-for'] === undefined) return;
    const trust = app.get('trust proxy fn') as Trust;
    if (trust?.(socket.remoteAddress, 0)) return;
    hasWarned = true;
    warnOperator(
      logger,
      'a request has X-Forwarded-For, and the app does not trust its sender: behind a proxy, set Express’s "trust proxy", ' +
        'or all users share one address and its limits',
    );
  };
}
