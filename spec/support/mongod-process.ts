import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import type { MongoMemoryServer } from 'mongodb-memory-server-core';

/** What can happen to a mongod that runs on this machine. */
export interface MongodProcess {
  readonly pid: number;
  /** Lets it stand still (SIGSTOP): it answers nothing and breaks nothing. Resolves when it does. */
  pause(): Promise<void>;
  /** Lets it go on (SIGCONT): it carries out what it was sent meanwhile. */
  resume(): void;
  /** SIGKILL, unless it is dead. Resolves when it is gone. */
  kill(): Promise<void>;
  /** Starts it again, on the same port and data. */
  restart(): Promise<void>;
}

export function mongodProcess(server: MongoMemoryServer): MongodProcess {
  const running = () => server.instanceInfo?.instance.mongodProcess;
  const pidOf = () => {
    const pid = running()?.pid;
    if (!pid) throw new Error('mongod does not run');
    return pid;
  };
  return {
    get pid() {
      return pidOf();
    },
    async pause() {
      const pid = pidOf();
      process.kill(pid, 'SIGSTOP');
      // On a busy machine it may still take in what it is sent a moment later.
      while (!isStopped(pid)) await wait(1);
    },
    resume: () => void process.kill(pidOf(), 'SIGCONT'),
    async kill() {
      const child = running();
      if (child && child.exitCode === null && child.signalCode === null) {
        const gone = once(child, 'exit');
        child.kill('SIGKILL');
        // A member that is asked to shut down before that is waited for, for seconds.
        await gone;
      }
      await server.stop({ doCleanup: false });
    },
    restart: () => server.start(true),
  };
}

function isStopped(pid: number): boolean {
  const stat = `/proc/${pid}/stat`;
  const state = existsSync(stat)
    ? readFileSync(stat, 'utf8').split(') ').at(-1)
    : execFileSync('ps', ['-o', 'state=', '-p', String(pid)], { encoding: 'utf8' });
  return /^[Tt]/.test(state ?? '');
}
