import type { Session } from './session.js';

/**
 * Makes the platform's `fetch` send who is signed in, to one origin alone. A 401 for want of a good token is sent once more when the
 * tokens have been renewed.
 */
export function createAuthFetch<Proof>(origin: string, session: Session<Proof>): typeof fetch {
  return async (input: Parameters<typeof fetch>[0], init?: RequestInit) => {
    // By its own address: a relative one may lead elsewhere by the page's `<base>`.
    const request = new Request(input, init);
    if (new URL(request.url).origin !== origin || request.headers.has('authorization')) return fetch(request);
    // A body can be sent once.
    const spare = request.clone();
    const proof = await session.current();
    const response = await fetch(session.identify(request, proof));
    if (!proof || response.status !== 401 || (await isRefusedOtherwise(response))) return response;
    const renewed = await session.renew(proof);
    if (!renewed) return response;
    await response.body?.cancel().catch(() => {});
    return fetch(session.identify(spare, renewed));
  };
}

/** A wrong code or an old login is a 401 too. Tried again with another token, it would count as another guess. */
async function isRefusedOtherwise(response: Response): Promise<boolean> {
  const problem = (await response
    .clone()
    .json()
    .catch(() => null)) as { code?: unknown } | null;
  const code = problem?.code;
  return typeof code === 'string' && code !== 'invalid_token' && code !== 'missing_token';
}
