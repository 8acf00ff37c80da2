import type { RequestListener } from 'node:http';
import { type Address, listenAlone } from '../../support/listen-alone.js';

/** One origin: of pages, and of whatever is mounted beside them. */
export interface Front extends Address {
  /** Gives a listener a path of its own, which it does not see. */
  mount(listener: RequestListener): Address;
}

/** @param files what it answers: HTML at `/`, scripts elsewhere */
export async function createFront(files: Readonly<Record<string, string>>): Promise<Front> {
  const mounted = new Map<string, RequestListener>();
  const address = await listenAlone((req, res) => {
    const path = req.url ?? '';
    const [first = ''] = /^\/[^/]*/.exec(path) ?? [];
    const listener = mounted.get(first);
    if (listener) {
      req.url = path.slice(first.length);
      return listener(req, res);
    }
    const text = files[path];
    const type = path === '/' ? 'text/html' : 'text/javascript';
    return res
      .writeHead(text === undefined ? 404 : 200, { 'content-type': `${type}; charset=utf-8` })
      .end(text);
  });
  let count = 0;
  return {
    ...address,
    mount(listener) {
      count += 1;
      const path = `/app-${count}`;
      mounted.set(path, listener);
      return { url: address.url + path, close: () => void mounted.delete(path) };
    },
  };
}
