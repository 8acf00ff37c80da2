import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { StartError } from './start-error.js';

/**
 * Listens.
 *
 * @returns the URL to open, the port that the system chose included
 * @throws StartError
 */
export async function listen(
  server: Server,
  { host, port }: { host: string; port: number },
): Promise<string> {
  server.listen(port, host);
  try {
    await once(server, 'listening');
  } catch (error) {
    throw new StartError(reasonOf(error as NodeJS.ErrnoException, host, port), { cause: error });
  }
  return urlOf(host, (server.address() as AddressInfo).port);
}

function reasonOf({ code }: NodeJS.ErrnoException, host: string, port: number): string {
  if (code === 'EADDRINUSE') return `PORT: ${port} is in use on ${host}; choose another one`;
  if (code === 'EACCES') return `PORT: ${port} is not allowed to this user; choose one above 1023`;
  return `HOST: ${JSON.stringify(host)} given, which is no address of this machine (${code})`;
}

function urlOf(host: string, port: number): string {
  const isAny = host === '0.0.0.0' || host === '::';
  const name = host.includes(':') ? `[${host}]` : host;
  return `http://${isAny ? 'localhost' : name}:${port}`;
}
