import type { Request } from 'express';
import { NotFound } from '../errors.js';
import type { RedirectStateStore } from '../models/redirect-state-store.js';
import { createOneTimeSecret, hashOneTimeSecret } from '../security/one-time-secret.js';
import type { Authenticator, Outcome } from './authenticate.js';
import { createOwnCookie } from './own-cookie.js';

/** What came of one step, and the headers that its answer must carry. */
export type FlowOutcome<User> = Outcome<User> & { headers: Readonly<Record<string, string>> };

/**
 * Strategies that send the browser to a provider and are asked again when it comes back. What such a strategy keeps in
 * its `req.session` meanwhile is bound to the browser and to the strategy, works once, and for ten minutes (RFC 9700
 * section 4.7.1).
 */
export interface RedirectFlow {
  /**
   * @param name of a strategy that a feature has named among its `redirectStrategies`
   * @throws what the strategy threw, or said was an error; NotFound (`not_found`) for HEAD;
   * Unavailable (`unavailable`, 503)
   */
  advance<User>(name: string, req: Request): Promise<FlowOutcome<User>>;
}

const SECONDS = 600;

interface FlowParts {
  authenticator: Authenticator;
  /** Asked at each request: the collection is there once a feature needs it. */
  states(): RedirectStateStore;
  /** Whether the app is served by https: by its own word, never by the request's. */
  isSecure: boolean;
  now(): Date;
}

export function createRedirectFlow({ authenticator, states, isSecure, now }: FlowParts): RedirectFlow {
  const cookie = createOwnCookie('auth-redirect', isSecure);
  const setCookie = (value: string, maxAge: number) => ({ 'Set-Cookie': cookie.line(value, maxAge) });

  /** What the strategy left with this browser, if it was the last to leave anything. */
  const takeSession = async (strategy: string, handle: string | undefined): Promise<object> => {
    const data = handle && (await states().take(hashOneTimeSecret(handle), strategy, now()));
    return data ? JSON.parse(data) : {};
  };

  const keepSession = async (strategy: string, session: object) => {
    const { secret, hash } = createOneTimeSecret();
    const expiresAt = new Date(now().getTime() + SECONDS * 1000);
    await states().put({ hash, strategy, data: JSON.stringify(session), expiresAt });
    return setCookie(secret, SECONDS);
  };

  return {
    async advance<User>(name: string, req: Request): Promise<FlowOutcome<User>> {
      // Link checkers ask so, and would use up what the browser comes for.
      if (req.method === 'HEAD') throw new NotFound({ message: 'HEAD at a strategy that redirects' });
      const handle = cookie.read(req);
      const session = await takeSession(name, handle);
      const shown = { body: req.body, query: req.query, session };
      const outcome = await authenticator.authenticate<User>(name, req, shown);
      if (outcome.type === 'redirect') return { ...outcome, headers: await keepSession(name, session) };
      return { ...outcome, headers: handle === undefined ? {} : setCookie('', 0) };
    },
  };
}
