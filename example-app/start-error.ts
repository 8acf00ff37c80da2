/** Why the app does not start, in one line for the person who starts it: a fault of the configuration, not a bug. */
export class StartError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'StartError';
  }
}

/** Calls what refuses a configuration by a TypeError, as the kit does. */
export function startErrorOf<T>(make: () => T): T {
  try {
    return make();
  } catch (error) {
    throw error instanceof TypeError ? new StartError(error.message, { cause: error }) : error;
  }
}
