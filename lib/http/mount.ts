import { type Request, type RequestHandler, type Response, Router } from 'express';
import { readBody } from './body.js';
import type { Guards } from './guards.js';
import { answerError, sendRefusal, toAuthError } from './problem.js';
import type { Route, UserRouteRequest } from './route.js';
import { validate } from './validation.js';

/**
 * A router of the rows of a route table, each: guard, body, rules, handler, answer.
 *
 * @throws Error when two rows claim the same method and path
 */
export function createRouter(routes: readonly Route[], guards: Pick<Guards, 'readSignedIn'>): Router {
  const router = Router();
  const claimed = new Set<string>();
  for (const route of routes) {
    const handler = createHandler(route, guards);
    for (const path of [route.path, ...(route.aliases ?? [])]) {
      const name = `${route.method.toUpperCase()} ${path}`;
      if (claimed.has(name)) throw new Error(`two features claim the route ${name}`);
      claimed.add(name);
      router[route.method](path, handler);
    }
  }
  return router;
}

function createHandler(route: Route, guards: Pick<Guards, 'readSignedIn'>): RequestHandler {
  const answer = async (req: Request, res: Response): Promise<void> => {
    const signal = goneSignal(res);
    const signedIn = route.guard === 'user' ? await guards.readSignedIn(req) : undefined;
    const body = route.accepts ? await readBody(req, res, route.accepts) : {};
    const input = route.rules ? await validate<unknown>(route.rules, body) : {};
    // The rows that ask who is signed in are those with the guard.
    const request = { req, input, body, signal, ...signedIn } as UserRouteRequest<unknown>;
    send(res, route, await route.handle(request));
  };
  return (req, res, next) => {
    answer(req, res)
      .catch((error) => {
        const refusal = toAuthError(error);
        const translated = refusal && route.dialect?.(refusal, req);
        if (translated && !res.headersSent)
          sendRefusal(res, translated.error, 'application/json', translated.body);
        else answerError(error, res, next);
      })
      // An AuthError of the app's own may have a status or headers that no answer can have.
      .catch(next);
  };
}

/** Aborted when the connection is closed before there is an answer. */
function goneSignal(res: Response): AbortSignal {
  const gone = new AbortController();
  // What the app does before may have taken longer than the client had patience.
  if (res.closed) gone.abort();
  res.once('close', () => {
    if (!res.writableFinished) gone.abort();
  });
  return gone.signal;
}

/** Nearly every answer carries a token, personal data, or a word about an account. */
function send(res: Response, { success, cacheControl = 'no-store' }: Route, body: object | undefined): void {
  res.set('Cache-Control', cacheControl).status(success);
  if (body === undefined) res.end();
  else res.json(body);
}
