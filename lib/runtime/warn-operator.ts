import type { Logger } from './logger.js';

/** Tells an operator what should be known: on the logger, or where Node.js shows warnings. */
export function warnOperator({ warn }: Logger, message: string): void {
  if (warn) warn(message);
  else process.emitWarning(message, { type: 'ExpressAuthKitWarning' });
}
