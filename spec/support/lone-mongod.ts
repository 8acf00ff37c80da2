import { MongoMemoryServer } from 'mongodb-memory-server-core';
import { mongodOrSkip } from './mongod.js';

/** A mongod for faults: without a replica set, and with nothing set that a production server would not have set. */
export interface LoneMongod {
  pid: number;
  /** @param database the database's name */
  uri(database: string): string;
  signal(name: 'SIGSTOP' | 'SIGCONT' | 'SIGKILL'): void;
  /** SIGKILL, and no sooner back than it is gone. */
  kill(): Promise<void>;
  /** Starts it again, on the same port and data. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** @param context of the hook that asks: where there is no mongod to start, its specs are skipped */
export async function startLoneMongod(context: Mocha.Context): Promise<LoneMongod> {
  const { binary, version } = await mongodOrSkip(context);
  const server = await MongoMemoryServer.create({
    binary: { systemBinary: binary, version },
    instance: {
      storageEngine: 'wiredTiger',
      args: ['--wiredTigerCacheSizeGB', '0.25', '--setParameter', 'enableTestCommands=1'],
    },
  });
  const mongod = () => {
    const process = server.instanceInfo?.instance.mongodProcess;
    if (!process?.pid) throw new Error('mongod does not run');
    return { process, pid: process.pid };
  };
  return {
    get pid() {
      return mongod().pid;
    },
    uri: (database) => server.getUri(database),
    signal: (name) => void mongod().process.kill(name),
    async kill() {
      mongod().process.kill('SIGKILL');
      await server.stop({ doCleanup: false });
    },
    restart: () => server.start(true),
    stop: async () => {
      await server.stop();
    },
  };
}
