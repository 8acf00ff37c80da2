import type { Request } from 'express';
import passport, { type AuthenticateCallback, type Strategy } from 'passport';

/** What a strategy said: its user, or why it has none. */
export type Outcome<User> = { user: User } | { user: undefined; reason: string };

/** passport as a promise, on an instance of the kit's own. */
export interface Authenticator {
  /**
   * Registers a strategy under a name.
   *
   * @throws Error when the name is taken
   */
  use(name: string, strategy: Strategy): void;
  /**
   * Asks a strategy, by its name: an instance handed to passport would be shared by the requests in flight.
   *
   * @param body what the strategy sees as the body; it never sees a query string
   * @param signal aborted when the client has gone
   * @throws what the strategy threw
   */
  authenticate<User>(
    name: string,
    req: Pick<Request, 'headers'>,
    body?: object,
    signal?: AbortSignal,
  ): Promise<Outcome<User>>;
}

/** What a strategy sees of a request, beside the headers and the body it was given. */
export interface StrategyRequest {
  ip?: string;
  signal?: AbortSignal;
}

export function createAuthenticator(): Authenticator {
  const instance = new passport.Passport();
  const names = new Set<string>();
  return {
    use(name, strategy) {
      if (names.has(name)) throw new Error(`two features claim the strategy ${name}`);
      names.add(name);
      instance.use(name, strategy);
    },
    authenticate: (name, req, body = {}, signal?: AbortSignal) =>
      new Promise((resolve, reject) => {
        // A view of the request: what passport and the strategies read and write stays off the app's own.
        const view = Object.create(req, {
          body: { value: body },
          query: { value: {} },
          signal: { value: signal },
        });
        const callback: AuthenticateCallback = (error, user, info) => {
          if (error) reject(error);
          else if (user) resolve({ user: user as never });
          else resolve({ user: undefined, reason: reasonOf(info) });
        };
        instance.authenticate(name, { session: false }, callback)(view, {}, reject);
      }),
  };
}

/** Strategies give an Error, an object with a message, a string, or one of these each. */
function reasonOf(info: unknown): string {
  const [first] = Array.isArray(info) ? info : [info];
  return typeof first === 'object' && first !== null && 'message' in first
    ? String(first.message)
    : String(first);
}
