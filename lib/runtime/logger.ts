/** Where the kit writes what an operator may want to read. Never a password, a token or a hash. */
export interface Logger {
  debug?(message: string, details?: object): void;
  info?(message: string, details?: object): void;
  warn?(message: string, details?: object): void;
  error?(message: string, details?: object): void;
}

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;

/**
 * The app's logger, such that a failure of it disturbs nothing: neither a request nor, unhandled, the process. pino takes
 * what it is told the other way round than `console` does.
 */
export function createSafeLogger(logger: Logger): Logger {
  const order = isPino(logger) ? inOrderOfPino : inOrder;
  const safe: Logger = {};
  for (const level of LOG_LEVELS) {
    if (!logger[level]) continue;
    safe[level] = async (message, details) => {
      try {
        await (logger[level] as Write).apply(logger, order(message, details));
      } catch {
        // There is nobody left to tell.
      }
    };
  }
  return safe;
}

type Write = (...given: unknown[]) => void;

/** Without details there is no second argument: `console` would write `undefined`. */
function inOrder(message: string, details?: object): unknown[] {
  return details ? [message, details] : [message];
}

/** pino drops what comes after the message, and shows an Error by the name `err`. */
function inOrderOfPino(message: string, details?: object): unknown[] {
  if (!details) return [message];
  const { error, ...others } = details as { error?: unknown };
  return [error === undefined ? others : { err: error, ...others }, message];
}

/** By a symbol that pino has in the global registry, so that it is the same in every copy of it. */
function isPino(logger: object): boolean {
  return Symbol.for('pino.serializers') in logger;
}
