import type { Request } from 'express';
import passport, { type AuthenticateCallback, type Strategy, type StrategyCreatedStatic } from 'passport';
import type { RequestContext } from '../config/hooks.js';
import type { PassportStrategy } from '../security/passport-strategy.js';

/** What a strategy said: one of the five outcomes that passport knows; the fifth, an error, is thrown. */
export type Outcome<User> =
  | { type: 'success'; user: User }
  /** `reason` is for the log. */
  | { type: 'failure'; user?: undefined; reason: string }
  /** It has nothing to say about this request. */
  | { type: 'pass'; user?: undefined }
  /** It sends the browser elsewhere. */
  | { type: 'redirect'; user?: undefined; url: string; status: number };

/** What a strategy is shown of a request beside its headers: nothing that is not given here. */
export interface Shown {
  body?: object | undefined;
  query?: object | undefined;
  /** What it may keep until it is asked again. */
  session?: object | undefined;
  /** Where the request comes from. */
  context?: RequestContext | undefined;
  /** Aborted when the client has gone. */
  signal?: AbortSignal | undefined;
}

/** passport as a promise, on an instance of the kit's own. */
export interface Authenticator {
  /**
   * Registers a strategy under a name.
   *
   * @throws Error when the name is taken
   */
  use(name: string, strategy: PassportStrategy): void;
  /**
   * Asks a strategy, by its name: an instance handed to passport would be shared by the requests in flight.
   *
   * @throws what the strategy threw, or said was an error
   */
  authenticate<User>(name: string, req: Pick<Request, 'headers'>, shown?: Shown): Promise<Outcome<User>>;
}

/** What a strategy sees of a request, beside the headers and what it is shown. */
export interface StrategyRequest {
  context?: RequestContext;
  signal?: AbortSignal;
}

export function createAuthenticator(): Authenticator {
  const instance = new passport.Passport();
  const names = new Set<string>();
  return {
    use(name, strategy) {
      if (names.has(name)) throw new Error(`two features claim the strategy ${name}`);
      names.add(name);
      instance.use(name, withRejections(strategy as unknown as Strategy));
    },
    authenticate: (name, req, shown = {}) =>
      new Promise((resolve, reject) => {
        const callback: AuthenticateCallback = (error, user, info) => {
          if (error) reject(error);
          else if (user) resolve({ type: 'success', user: user as never });
          else resolve({ type: 'failure', reason: reasonOf(info) });
        };
        const next = (error?: unknown) => (error ? reject(error) : resolve({ type: 'pass' }));
        const response = responseFor((url, status) => resolve({ type: 'redirect', url, status }));
        instance.authenticate(name, { session: false }, callback)(viewOf(req, shown), response, next);
      }),
  };
}

/** passport does not wait for a strategy: what an async one rejects with would be nobody's, and the request would hang. */
function withRejections(strategy: Strategy): Strategy {
  const authenticate: Strategy['authenticate'] = async function (
    this: Strategy & StrategyCreatedStatic,
    ...given
  ) {
    try {
      await strategy.authenticate.apply(this as never, given);
    } catch (error) {
      this.error(error);
    }
  };
  return Object.create(strategy, { authenticate: { value: authenticate } });
}

/** A view of the request: what passport and the strategies read and write stays off the app's own. */
function viewOf(req: object, { body = {}, query = {}, session, context, signal }: Shown): object {
  return Object.create(req, {
    body: { value: body, writable: true },
    query: { value: query, writable: true },
    session: { value: session, writable: true },
    context: { value: context },
    signal: { value: signal },
  });
}

/** What passport writes a redirect to, in the strategy's own time: outside any promise of ours nothing may throw. */
function responseFor(redirected: (url: string, status: number) => void): object {
  const headers = new Map<string, string>();
  return {
    statusCode: 302,
    setHeader(name: string, value: string) {
      headers.set(name.toLowerCase(), String(value));
    },
    end(this: { statusCode: number }) {
      redirected(headers.get('location') ?? '', this.statusCode);
    },
  };
}

/** Strategies give an Error, an object with a message, a string, or one of these each. */
function reasonOf(info: unknown): string {
  const [first] = Array.isArray(info) ? info : [info];
  return typeof first === 'object' && first !== null && 'message' in first
    ? String(first.message)
    : String(first);
}
