import type { Logger } from './config/options.js';

/** The app's logger, such that a failure of it disturbs nothing: neither a request nor, unhandled, the process. */
export function createSafeLogger(logger: Logger): Logger {
  const safe: Logger = {};
  for (const level of ['debug', 'info', 'warn', 'error'] as const) {
    if (!logger[level]) continue;
    safe[level] = async (message, details) => {
      try {
        await logger[level]?.(message, details);
      } catch {
        // There is nobody left to tell.
      }
    };
  }
  return safe;
}
