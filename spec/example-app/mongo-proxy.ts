import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A server of one address, as the URI of the run's own MongoDB names it. */
const SINGLE_SERVER = /^mongodb:\/\/([\d.]+|localhost):(\d+)\//;

export interface MongoProxy {
  /** The URI that leads through the proxy. */
  uri: string;
  /** From now on nothing comes through, in neither direction. */
  freeze(): void;
  /** New connections work again; those of before are cut, for what they swallowed is lost. */
  thaw(): void;
  close(): void;
}

/** A way to a MongoDB that can be blocked; undefined where the URI names more than one plain server. */
export async function createMongoProxy(uri: string): Promise<MongoProxy | undefined> {
  const [, host, port] = SINGLE_SERVER.exec(uri) ?? [];
  if (!host) return undefined;
  const sockets = new Set<Socket>();
  let isFrozen = false;
  const proxy = createServer((client) => {
    const server = connect(Number(port), host);
    for (const [from, to] of [
      [client, server],
      [server, client],
    ] as const) {
      sockets.add(from);
      from.on('data', (data) => isFrozen || to.write(data));
      from.on('error', () => to.destroy());
      from.on('close', () => sockets.delete(from) && to.destroy());
    }
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    uri: uri.replace(`${host}:${port}`, `127.0.0.1:${(proxy.address() as AddressInfo).port}`),
    freeze() {
      isFrozen = true;
    },
    thaw() {
      isFrozen = false;
      cut();
    },
    close() {
      proxy.close();
      cut();
    },
  };
}
