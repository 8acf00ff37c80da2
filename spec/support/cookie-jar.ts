import { putGlobal } from './web-platform.js';

export interface CookieJar {
  /** The values by their names. */
  read(): Promise<Record<string, string>>;
  set(name: string, value: string): Promise<void>;
  /** Leaves Node's own `fetch`, or the browser's cookies, as they were. */
  takeOut(): Promise<void>;
}

/**
 * A browser's cookies for one server: `fetch` sends them where `credentials` says so, and keeps what is set, as it does in pages.
 *
 * @param options.sameOrigin that the page is the server's own
 */
export function useCookieJar({ sameOrigin = false } = {}): CookieJar {
  const cookies = new Map<string, string>();
  const { fetch: send } = globalThis;
  const takeOut = putGlobal('fetch', async (input: Parameters<typeof fetch>[0], init?: RequestInit) => {
    const request = new Request(input, init);
    const { credentials } = request;
    if (credentials !== 'include' && !(sameOrigin && credentials === 'same-origin')) return send(request);
    const sent = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    if (sent) request.headers.set('cookie', sent);
    // As the browser says of a page of the server's own.
    request.headers.set('sec-fetch-site', 'same-origin');
    const response = await send(request);
    for (const line of response.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line) as unknown as [string, string, string];
      if (/;\s*(Max-Age=0|Expires=Thu, 01 Jan 1970)/i.test(line)) cookies.delete(name);
      else cookies.set(name, value);
    }
    return response;
  });
  return {
    read: async () => Object.fromEntries(cookies),
    set: async (name, value) => void cookies.set(name, value),
    takeOut: async () => takeOut(),
  };
}
