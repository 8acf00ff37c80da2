import { cut, type Protection } from './protection.js';

const FETCH = ['client/auth-fetch.spec.ts'];
const BEARER = ['client/bearer-session.spec.ts'];
const COOKIES = ['client/cookie-session.spec.ts'];

/** The client: who is signed in stays so, and nobody else is told. */
export const CLIENT: readonly Protection[] = [
  {
    name: 'the client sends its token to other origins',
    holds: [],
    cuts: [cut('client/auth-fetch.ts', 'new URL(request.url).origin !== origin || ')],
    specs: FETCH,
  },
  {
    name: "the client sends its token in place of the caller's own",
    holds: [],
    cuts: [cut('client/auth-fetch.ts', " || request.headers.has('authorization')")],
    specs: FETCH,
  },
  {
    name: 'the client shows a wrong code twice',
    holds: [],
    cuts: [cut('client/auth-fetch.ts', ' || (await isRefusedOtherwise(response))')],
    specs: [...FETCH, 'client/create-auth-client.spec.ts'],
  },
  {
    name: 'the client sends what one user asked for as another one',
    holds: [],
    cuts: [
      cut(
        'client/bearer-session.ts',
        'return held?.login === stale.login ? held : undefined;',
        'return held;',
      ),
    ],
    specs: FETCH,
  },
  {
    name: 'the client refreshes for each caller',
    holds: [],
    cuts: [
      cut(
        'client/single-flight.ts',
        'flights.get(key) ?? run().finally(() => flights.delete(key));',
        'run().finally(() => flights.delete(key));',
      ),
    ],
    specs: FETCH,
  },
  {
    name: 'the client refreshes what is renewed already',
    holds: [],
    cuts: [cut('client/bearer-session.ts', 'if (isHeld(stale)) await fly', 'await fly')].concat(
      cut('client/bearer-session.ts', 'if (!isHeld(stale)) return;'),
    ),
    specs: FETCH,
  },
  {
    name: 'the client refreshes in each tab',
    holds: [],
    cuts: [cut('client/bearer-session.ts', 'if (!isHeld(stale)) return;')],
    specs: BEARER,
  },
  {
    name: 'the tabs of the client wait for no turn',
    holds: [],
    cuts: [cut('client/tabs.ts', '(lock) => lock && run()', '() => run()')],
    specs: ['client/tabs.spec.ts'],
  },
  {
    name: 'a tab of the client does not wait for what the one before it has to tell',
    holds: [],
    cuts: [cut('client/tabs.ts', 'await catchUp?.();')],
    specs: ['client/tabs.spec.ts'],
  },
  {
    name: 'a tab of the client hears nothing while it waits',
    holds: [],
    cuts: [cut('client/tabs.ts', '    wake();\n')],
    specs: ['client/tabs.spec.ts'],
  },
  {
    name: 'a tab of the client waits for ever for its turn',
    holds: [],
    cuts: [cut('client/tabs.ts', '{ signal: AbortSignal.timeout(PATIENCE) }', '{}')],
    specs: ['client/tabs.spec.ts'],
  },
  {
    name: 'a refresh of the client undoes a logout',
    holds: [],
    cuts: [cut('client/bearer-session.ts', 'if (isHeld(stale)) keep(renewed);', 'keep(renewed);')],
    specs: BEARER,
  },
  {
    name: 'a change of password in the client undoes a logout',
    holds: [],
    cuts: [
      cut(
        'client/bearer-session.ts',
        'if (store.read()?.login === renewed.login) keep(renewed);',
        'if (former) keep(renewed);',
      ),
    ],
    specs: BEARER,
  },
  {
    name: 'a refused refresh of the client signs out who has signed in since',
    holds: [],
    cuts: [cut('client/bearer-session.ts', 'if (isHeld(stale)) keep();', 'keep();')],
    specs: BEARER,
  },
  {
    name: 'the client is signed out by any failure of a refresh',
    holds: [],
    cuts: [cut('client/bearer-session.ts', 'if (!isRefused(error)) throw error;')],
    specs: BEARER,
  },
  {
    name: 'the client is signed out by any 401 of a refresh',
    holds: [],
    cuts: [cut('client/auth-client-error.ts', " && code === 'invalid_refresh_token'")],
    specs: [...BEARER, 'client/auth-client-error.spec.ts'],
  },
  {
    name: 'the client keeps what a captive portal answers for tokens',
    holds: [],
    cuts: [
      cut(
        'client/bearer-session.ts',
        "if (answer?.token_type !== 'bearer' || !answer.access_token || !answer.refresh_token)",
        'if (!answer)',
      ),
    ],
    specs: BEARER,
  },
  {
    name: 'the client gives up with an access token that may still be good',
    holds: [],
    cuts: [cut('client/bearer-session.ts', '.catch(() => held)')],
    specs: FETCH,
  },
  {
    name: 'the client uses an access token to its last second',
    holds: [],
    cuts: [cut('client/bearer-session.ts', '!held || Date.now() < held.renewAt', 'true')],
    specs: FETCH,
  },
  {
    name: 'cookies have a say in the client with bearer tokens',
    holds: [],
    cuts: [cut('client/bearer-session.ts', "{ credentials: 'omit' }", '{}')],
    specs: BEARER,
  },
  {
    name: 'the client leaves replaced tokens in a storage that is full',
    holds: [],
    cuts: [cut('client/token-store.ts', 'try {\n          storage.removeItem(key);\n        } catch {}')],
    specs: ['client/token-store.spec.ts'],
  },
  {
    name: 'a refresh of the client with cookies undoes a logout',
    holds: [],
    cuts: [cut('client/cookie-session.ts', 'if (standing.now() === before) settle(next);', 'settle(next);')],
    specs: COOKIES,
  },
  {
    name: 'the client with cookies refreshes in each tab',
    holds: [],
    cuts: [cut('client/cookie-session.ts', 'if (isDue()) await refresh();', 'await refresh();')],
    specs: COOKIES,
  },
  {
    name: 'a renewal in another tab signs in who has signed out',
    holds: [],
    cuts: [
      cut('client/cookie-session.ts', 'line.tell({});', "line.tell({ ...before, state: 'signed-in' });"),
    ],
    specs: COOKIES,
  },
  {
    name: 'a request of the client with cookies undoes a logout',
    holds: [],
    cuts: [cut('client/create-auth-client.ts', 'if (standing.now() === before) standing', 'standing')],
    specs: COOKIES,
  },
  {
    name: 'the client with cookies is signed out by any failure of a refresh',
    holds: [],
    cuts: [cut('client/cookie-session.ts', 'if (!isRefused(error)) throw error;', 'void isRefused(error);')],
    specs: COOKIES,
  },
  {
    name: 'the client with cookies refreshes though it knows that nobody is signed in',
    holds: [],
    cuts: [
      cut(
        'client/cookie-session.ts',
        "state === 'signed-out' ? undefined : { login, renewals }",
        '{ login, renewals, state }',
      ),
    ],
    specs: COOKIES,
  },
  {
    name: 'the client with cookies takes tokens that a script can read',
    holds: [],
    cuts: [cut('client/cookie-session.ts', "if (answer?.token_type !== 'cookie')", 'if (!answer)')],
    specs: COOKIES,
  },
  {
    name: 'a logout of the client with cookies is over though the server was away',
    holds: [],
    cuts: [
      cut(
        'client/cookie-session.ts',
        "await ask('/logout', {}, { signal: AbortSignal.timeout(PATIENCE), keepalive: true });",
        "await ask('/logout').catch(() => {});",
      ),
    ],
    specs: COOKIES,
  },
  {
    name: 'the client sends no cookies to another origin of the site',
    holds: [],
    cuts: [cut('client/cookie-session.ts', "new Request(request, { credentials: 'include' })", 'request')],
    specs: COOKIES,
  },
  {
    name: 'a listener that throws keeps the others of the client from being told',
    holds: [],
    cuts: [
      cut(
        'client/standing.ts',
        '(async () => listener(next.state))().catch(console.error);',
        'listener(next.state);',
      ),
    ],
    specs: ['client/standing.spec.ts'],
  },
];
