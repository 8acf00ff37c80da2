import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Where a server can be reached. */
export interface Address {
  url: string;
  close(): void;
}

/** A port of its own. Whoever asks when it is closed is refused the connection. */
export async function listenAlone(listener: RequestListener): Promise<Address> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
