import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { skipOutsideCi } from './mongod.js';

/** A Redis server on loopback, which keeps nothing on the disk. */
export interface RedisServer {
  client: Redis;
  /** Lets it stand still (SIGSTOP). */
  pause(): void;
  resume(): void;
  /** SIGKILL. Resolves when it is gone. */
  kill(): Promise<void>;
  stop(): Promise<void>;
}

/** @param context of the hook that asks: where there is no redis-server, its specs are skipped, but not in a CI */
export async function startRedis(context: Mocha.Context): Promise<RedisServer> {
  const port = await freePort();
  const folder = await mkdtemp(join(tmpdir(), 'redis-'));
  const options = [
    '--port',
    `${port}`,
    '--bind',
    '127.0.0.1',
    '--save',
    '',
    '--appendonly',
    'no',
    '--dir',
    folder,
  ];
  const server = spawn('redis-server', options, { stdio: 'ignore' });
  const missing = once(server, 'error').then(
    () => true,
    () => true,
  );
  if (await Promise.race([missing, once(server, 'spawn').then(() => false)])) {
    await rm(folder, { recursive: true });
    return skipOutsideCi(context, 'there is no redis-server on the PATH');
  }
  const client = new Redis(port, '127.0.0.1', { lazyConnect: false, retryStrategy: () => 50 });
  // Until the server listens, and after it was killed.
  client.on('error', () => {});
  while (client.status !== 'ready') await wait(10);
  const kill = () => endOf(server, 'SIGKILL');
  return {
    client,
    pause: () => void server.kill('SIGSTOP'),
    resume: () => void server.kill('SIGCONT'),
    kill,
    async stop() {
      client.disconnect();
      await kill();
      await rm(folder, { recursive: true });
    },
  };
}

async function endOf(server: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  const ended = once(server, 'exit');
  server.kill(signal);
  await ended;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}
