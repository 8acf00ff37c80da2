import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A server that is not ours, and the one page that it has. */
export interface OtherServer {
  port: number;
  /** Shows this at `/` from now on. */
  show(html: string): void;
  close(): Promise<void>;
}

/** `/?to=<url>` sends a request on as it is, whatever its method. */
export async function startOtherServer(): Promise<OtherServer> {
  let page = '';
  const server = createServer((req, res) => {
    const to = new URL(req.url ?? '/', 'http://127.0.0.1').searchParams.get('to');
    if (to !== null) res.writeHead(307, { location: to }).end();
    else res.setHeader('content-type', 'text/html; charset=utf-8').end(page);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    show(html) {
      page = `<!doctype html>${html}`;
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
