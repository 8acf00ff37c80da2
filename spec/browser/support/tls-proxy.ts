import { once } from 'node:events';
import { request } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Certificate } from '../../support/certificate.js';

/** What stands before an app that speaks plain HTTP, as in production. */
export interface TlsProxy {
  url: string;
  /** Where it sends all that comes. */
  target: string;
  close(): Promise<void>;
}

export async function startTlsProxy(certificate: Certificate): Promise<TlsProxy> {
  const server = createServer(certificate, (req, res) => {
    const { method, headers } = req;
    const forwarded = { ...headers, 'x-forwarded-proto': 'https' };
    const onward = request(proxy.target + req.url, { method, headers: forwarded }, (answer) => {
      res.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
      answer.pipe(res);
    });
    onward.on('error', () => res.destroy());
    req.pipe(onward);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const proxy: TlsProxy = {
    url: `https://localhost:${(server.address() as AddressInfo).port}`,
    target: '',
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return proxy;
}
