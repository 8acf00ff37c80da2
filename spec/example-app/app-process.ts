import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';

const ROOT = resolve(import.meta.dirname, '../..');

export const ENV_EXAMPLE = join(ROOT, '.env.example');

/** What `npm start` runs, by full paths, so that it runs in a folder of a spec's own too. */
export const START_COMMAND = readStartCommand();

/** Longer than a slow machine takes, in milliseconds. */
const PATIENCE = 30_000;

export interface AppProcess {
  child: ChildProcess;
  url: string;
  /** Standard output and error so far. */
  output(): string;
  /** Sends a signal. @returns the exit code, once the process has ended */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
}

export interface AppFolder {
  path: string;
  /** Starts the app in the folder and waits until it says where it listens. */
  start(env?: NodeJS.ProcessEnv): Promise<AppProcess>;
  /** Starts what is expected to end by itself. */
  runToEnd(env?: NodeJS.ProcessEnv): Promise<{ code: number | null; stdout: string; stderr: string }>;
  /** Ends what still runs, and removes the folder. */
  remove(): Promise<void>;
}

/** A temporary folder to start the app in: `.env` and `.data` there, and nothing of the developer's. */
export async function createAppFolder(): Promise<AppFolder> {
  const path = await mkdtemp(join(tmpdir(), 'example-app-spec-'));
  const running = new Set<ChildProcess>();
  const launch = (env: NodeJS.ProcessEnv) => {
    const [command = '', ...args] = START_COMMAND;
    const child = spawn(command, args, { cwd: path, env: { ...bareEnvironment(), PORT: '0', ...env } });
    const closed = once(child, 'close') as Promise<[number | null]>;
    running.add(child);
    closed.finally(() => running.delete(child));
    const texts = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr'] as const) {
      child[name].setEncoding('utf8').on('data', (text) => {
        texts[name] += text;
      });
    }
    return { child, closed, texts };
  };

  return {
    path,
    async start(env = {}) {
      const { child, closed, texts } = launch(env);
      const output = () => texts.stdout + texts.stderr;
      const url = await poll(() => {
        if (child.exitCode !== null) throw new Error(`the app ended: ${output()}`);
        return /listens on (http:\S+)\n/.exec(texts.stdout)?.[1];
      });
      const stop = async (signal: NodeJS.Signals = 'SIGTERM') => {
        child.kill(signal);
        return (await closed)[0];
      };
      return { child, url, output, stop };
    },
    async runToEnd(env = {}) {
      const { closed, texts } = launch(env);
      const [code] = await closed;
      return { code, ...texts };
    },
    async remove() {
      await Promise.all(
        [...running].map(async (child) => {
          child.kill('SIGKILL');
          await once(child, 'close');
        }),
      );
      await rm(path, { recursive: true, force: true });
    },
  };
}

/** Asks again and again, until the answer is neither undefined nor false. */
export async function poll<T>(ask: () => T | Promise<T>): Promise<Exclude<T, undefined | false>> {
  const deadline = Date.now() + PATIENCE;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer as Exclude<T, undefined | false>;
    if (Date.now() > deadline) throw new Error(`not within ${PATIENCE / 1000} s: ${ask}`);
    await wait(20);
  }
}

/** Whether a request gets no answer any more. */
export async function isGone(url: string): Promise<boolean> {
  return fetch(`${url}/healthz`).then(
    () => false,
    () => true,
  );
}

/** This process's environment without what configures the app or comes from npm. */
export function bareEnvironment(): NodeJS.ProcessEnv {
  const configures =
    /^(AUTH_|npm_|SMTP_URL$|MAIL_FROM$|NODE_ENV$|PORT$|HOST$|TRUST_PROXY$|CORS_ORIGINS$|MONGODB_URI$)/i;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !configures.test(name)));
}

function readStartCommand(): string[] {
  const { resolve: find } = createRequire(import.meta.url);
  const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  return String(scripts.start)
    .split(' ')
    .map((word) => {
      if (word === 'node') return process.execPath;
      if (word === 'tsx') return pathToFileURL(find('tsx')).href;
      return word.startsWith('example-app/') ? join(ROOT, word) : word;
    });
}
