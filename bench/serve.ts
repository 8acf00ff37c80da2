import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { CreateServer } from './servers.js';

/** What the bench asks for: a load or a task by its name, or the memory. */
export interface Ask {
  id: number;
  what: 'load' | 'task' | 'memory';
  name?: string;
}

/** In bytes, after the garbage was collected. */
export interface Memory {
  rss: number;
  heapUsed: number;
}

// A process of its own for one server: `serve.ts <module in servers/> <setup as JSON>`.
const [name, setup] = process.argv.slice(2);
// Nobody else would end it.
process.on('disconnect', () => process.exit());
// A Ctrl-C in the terminal is for the bench, which ends its servers.
process.on('SIGINT', () => {});

const { default: create } = (await import(`./servers/${name}.js`)) as { default: CreateServer };
const { app, loads, tasks } = await create(JSON.parse(setup as string));
// As behind a proxy, which keeps its connections.
const server = createServer({ keepAliveTimeout: 60_000 }, app).listen(0, '127.0.0.1');
await once(server, 'listening');

process.on('message', async ({ id, what, name = '' }: Ask) => {
  try {
    process.send?.({ id, answer: await answer(what, name) });
  } catch (error) {
    process.send?.({ id, error: String((error as Error).stack) });
  }
});
process.send?.({ port: (server.address() as AddressInfo).port });

function answer(what: Ask['what'], name: string): unknown {
  if (what === 'memory') return memory();
  const task = what === 'load' ? loads[name] : tasks?.[name];
  if (!task) throw new Error(`no ${what} ${name}`);
  return task();
}

function memory(): Memory {
  // The second one takes what the first has let go.
  for (let round = 0; round < 2; round += 1) globalThis.gc?.();
  const { rss, heapUsed } = process.memoryUsage();
  return { rss, heapUsed };
}
