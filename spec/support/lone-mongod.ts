import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { MongoMemoryServer } from 'mongodb-memory-server-core';
import { type AppProcess, type AppProcessOptions, startApp } from './app-process.js';
import { mongodOrSkip } from './mongod.js';
import { type MongodProcess, mongodProcess } from './mongod-process.js';

/** A mongod for faults: without a replica set, and with nothing set that a production server would not have set. */
export interface LoneMongod extends MongodProcess {
  /** @param database the database's name */
  uri(database: string): string;
  /**
   * Lets every write to its files fail from now on, until it is started again, as on a disk that is full or a quota that is
   * used up.
   */
  fillDisk(): void;
  stop(): Promise<void>;
}

/**
 * @param context of the hook that asks: where there is no mongod to start, its specs are skipped
 * @param wrap makes of the mongod what is started in its place
 */
export async function startLoneMongod(
  context: Mocha.Context,
  wrap = (binary: string): string => binary,
): Promise<LoneMongod> {
  const { binary: found, version } = await mongodOrSkip(context);
  const binary = wrap(found);
  const server = await MongoMemoryServer.create({
    binary: { systemBinary: binary, version },
    instance: {
      storageEngine: 'wiredTiger',
      args: ['--wiredTigerCacheSizeGB', '0.25', '--setParameter', 'enableTestCommands=1'],
    },
  });
  const mongod = mongodProcess(server);
  return Object.assign(mongod, {
    uri: (database: string) => server.getUri(database),
    // Its files may have one byte each: the system refuses it all further ones.
    fillDisk: () => void execFileSync('prlimit', ['--pid', String(mongod.pid), '--fsize=1:']),
    stop: async () => {
      await server.stop();
    },
  });
}

export interface AppOnLoneMongod {
  mongod: LoneMongod;
  app: AppProcess;
  /** The URI of the app's database. */
  uri: string;
  stop(): Promise<void>;
}

/** An app in a process of its own, on a mongod of its own. `context` as for {@link startLoneMongod}. */
export async function startAppOnLoneMongod(
  context: Mocha.Context,
  options: AppProcessOptions['options'] = {},
): Promise<AppOnLoneMongod> {
  const mongod = await startLoneMongod(context);
  const uri = mongod.uri('lone');
  try {
    const app = await startApp({ mongodbUri: uri, secretKey: randomBytes(32).toString('base64'), options });
    const stop = async () => {
      await app.stop();
      await mongod.stop();
    };
    return { mongod, app, uri, stop };
  } catch (error) {
    await mongod.stop();
    throw error;
  }
}
