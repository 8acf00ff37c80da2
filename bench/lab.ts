import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import mongoose, { type Connection } from 'mongoose';
import { startLocalMongo } from '../scripts/local-mongo.js';
import type { Load } from './load.js';
import type { Ask, Memory } from './serve.js';

/** A server in a process of its own. */
export interface Served {
  url: string;
  load(name: string): Promise<Load>;
  task(name: string): Promise<unknown>;
  memory(): Promise<Memory>;
  /** Ends the process, and drops its database. */
  stop(): Promise<void>;
}

/** Where servers are started: one MongoDB for all, and nothing of it outlives {@link Lab.close}. */
export interface Lab {
  /** Of all that is started here. */
  mongodVersion: string;
  /** A database of its own name, which is dropped at the end. */
  database(name: string): Connection;
  /** @param setup `database`: the name of one that is there and stays; by default one of the server's own */
  serve(module: string, setup?: Record<string, unknown>): Promise<Served>;
  /** Starts a file of `bench/` in a process of its own. */
  fork(file: string, args?: string[], execArgv?: string[]): ChildProcess;
  close(): Promise<void>;
}

export async function openLab(): Promise<Lab> {
  const mongo = await startLocalMongo({ log: console.error });
  const connection = await mongoose.createConnection(mongo.uri).asPromise();
  const prefix = `bench-${process.pid}-`;
  const children = new Set<ChildProcess>();
  let databases = 0;

  const start: Lab['fork'] = (file, args = [], execArgv = []) => {
    const path = fileURLToPath(new URL(file, import.meta.url));
    const env = { ...process.env, NODE_ENV: 'production' };
    const child = fork(path, args, { env, execArgv: ['--import', import.meta.resolve('tsx'), ...execArgv] });
    children.add(child);
    child.once('exit', () => children.delete(child));
    return child;
  };
  const dropAll = async () => {
    const { databases: all } = await connection.listDatabases();
    const own = all.filter(({ name }) => name.startsWith(prefix));
    await Promise.all(own.map(({ name }) => connection.useDb(name).dropDatabase()));
  };

  return {
    mongodVersion: (await connection.db?.admin().serverInfo())?.['version'],
    database: (name) => connection.useDb(prefix + name),
    fork: start,
    async serve(module, { database, ...options } = {}) {
      const name = `${prefix}${database ?? `${module}-${databases++}`}`;
      const setup = JSON.stringify({ uri: withDatabase(mongo.uri, name), ...options });
      const child = start('serve.ts', [module, setup], ['--expose-gc']);
      const served = await talkTo(child, module);
      return {
        ...served,
        async stop() {
          await end(child);
          if (!database) await connection.useDb(name).dropDatabase();
        },
      };
    },
    async close() {
      await Promise.all([...children].map(end));
      await dropAll().finally(async () => {
        await connection.close();
        await mongo.stop();
      });
    },
  };
}

function withDatabase(uri: string, name: string): string {
  const url = new URL(uri);
  url.pathname = `/${name}`;
  return url.href;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
}

/** Waits until the server listens, and asks it by messages. */
async function talkTo(child: ChildProcess, module: string): Promise<Omit<Served, 'stop'>> {
  const waiting = new Map<number, { resolve(answer: unknown): void; reject(error: Error): void }>();
  const gone = new Promise<never>((_, reject) => {
    child.once('exit', () => {
      const error = new Error(`the server ${module} has ended`);
      for (const { reject: refuse } of waiting.values()) refuse(error);
      reject(error);
    });
  });
  gone.catch(() => {});
  const [{ port }] = (await Promise.race([once(child, 'message'), gone])) as [{ port: number }];
  child.on('message', ({ id, answer, error }: { id: number; answer: unknown; error?: string }) => {
    const asker = waiting.get(id);
    waiting.delete(id);
    if (error === undefined) asker?.resolve(answer);
    else asker?.reject(new Error(`${module}: ${error}`));
  });
  let asked = 0;
  const ask = <T>(what: Ask['what'], name?: string) =>
    new Promise<T>((resolve, reject) => {
      const id = asked++;
      waiting.set(id, { resolve: (answer) => resolve(answer as T), reject });
      child.send({ id, what, name }, (error) => error && reject(error));
    });
  return {
    url: `http://127.0.0.1:${port}`,
    load: (name) => ask<Load>('load', name),
    task: (name) => ask('task', name),
    memory: () => ask<Memory>('memory'),
  };
}
