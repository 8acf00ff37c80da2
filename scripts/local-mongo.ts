import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { MongoInstance } from 'mongodb-memory-server-core';
import { MongoInstanceEvents } from 'mongodb-memory-server-core/lib/util/MongoInstance.js';
import { type FindMongodOptions, findMongod, type Mongod } from './find-mongod.js';

/** A process that died hard leaves its mongod to the library's killer, which looks every two seconds. */
const ORPHAN_LIFETIME = 3_000;

/** Hands the journal to the system at each write; else a mongod that is killed takes its last 100 ms along. */
const DURABLE = ['--wiredTigerEngineConfigString', 'transaction_sync=(enabled=true,method=none)'];

/** A mongod that is killed would leave its socket file behind. */
const WITHOUT_SOCKET_FILE = process.platform === 'win32' ? [] : ['--nounixsocket'];

/** What the temporary folders begin with. */
const TEMPORARY = 'express-auth-kit-mongo-';

export interface LocalMongo {
  /** What to connect to; it names no database, unless `MONGODB_URI` does. */
  uri: string;
  /** Shuts the server down, if it was started here, and removes its data if they are not to be kept. */
  stop(): Promise<void>;
}

export interface LocalMongoOptions extends FindMongodOptions {
  /** Where the data are kept; without it they live in a temporary folder and end with the server. */
  dataFolder?: string;
  /** A fixed port; any free one otherwise. */
  port?: number;
  /** More arguments for mongod. */
  args?: string[];
}

/**
 * Gives a real MongoDB for development, specs and benchmarks: the server in `MONGODB_URI`, else a mongod of
 * this machine (see `findMongod`), started on 127.0.0.1. It is shut down too when this process dies hard.
 *
 * @throws {Error} when no mongod is found, or one is already running on `dataFolder`
 * @example
 * const mongo = await startLocalMongo({ dataFolder: '.data/mongodb' });
 * await mongoose.connect(mongo.uri);
 */
export async function startLocalMongo(options: LocalMongoOptions = {}): Promise<LocalMongo> {
  const { env = process.env, dataFolder, args = [] } = options;
  if (env.MONGODB_URI) return { uri: env.MONGODB_URI, stop: async () => {} };

  const mongod = await findMongod(options);
  const port = options.port ?? (await freePort());
  const dbPath = dataFolder ? resolve(dataFolder) : await temporaryFolder();
  const removeData = async () => {
    if (!dataFolder) await rm(dbPath, { recursive: true, force: true });
  };
  await mkdir(dbPath, { recursive: true });
  try {
    const server = await launchWhenFree(mongod, {
      dbPath,
      port,
      args: dataFolder ? [...DURABLE, ...args] : args,
    });
    return {
      uri: `mongodb://127.0.0.1:${port}/`,
      stop: async () => {
        await server.stop();
        await removeData();
      },
    };
  } catch (error) {
    await removeData();
    throw error;
  }
}

interface Launch {
  dbPath: string;
  port: number;
  args: string[];
}

/**
 * mongod itself tells whether its folder is free: it holds a lock that the system takes back when it dies,
 * while the process id in mongod.lock can be long dead, or somebody else's by now.
 */
async function launchWhenFree(mongod: Mongod, options: Launch): Promise<MongoInstance> {
  const { dbPath } = options;
  const deadline = Date.now() + ORPHAN_LIFETIME;
  for (;;) {
    try {
      return await launch(mongod, options);
    } catch (error) {
      const { message } = error as Error;
      if (!message.includes('DBPathInUse')) throw startFailure(mongod, options, message);
      if (Date.now() > deadline) {
        throw new Error(`MongoDB is already running on ${dbPath}: stop the process that started it first.`);
      }
      await wait(200);
    }
  }
}

function startFailure({ version }: Mongod, { dbPath }: Launch, message: string): Error {
  const failure = `MongoDB ${version} does not start on ${dbPath}: ${message}`;
  // Data are read by the version that wrote them and the one after it.
  const isAboutData = existsSync(join(dbPath, 'WiredTiger')) && !message.includes('already in use');
  if (!isAboutData) return new Error(failure);
  return new Error(
    `${failure}\nIf another version wrote what is there, name that one in MONGOMS_SYSTEM_BINARY or remove the folder.`,
  );
}

async function launch({ binary, version }: Mongod, { dbPath, port, args }: Launch): Promise<MongoInstance> {
  const server = new Server({
    binary: { systemBinary: binary, version },
    instance: {
      dbPath,
      port,
      ip: '127.0.0.1',
      storageEngine: 'wiredTiger',
      // After a hard end, the journal is read first.
      launchTimeout: 60_000,
      args: ['--wiredTigerCacheSizeGB', '0.25', ...WITHOUT_SOCKET_FILE, ...args],
    },
    // A Ctrl-C in the terminal is for the app, which ends its requests before it stops the server.
    spawn: { detached: process.platform !== 'win32' },
  });
  try {
    await server.start();
    return server;
  } catch (error) {
    await server.stop();
    throw error;
  }
}

class Server extends MongoInstance {
  /** The library takes all that arrives at once for one line of JSON; what that throws ends the process. */
  protected override checkErrorInLine(lines: string): void {
    for (const line of lines.split('\n')) {
      try {
        super.checkErrorInLine(line);
      } catch {
        this.emit(MongoInstanceEvents.instanceError, new Error(line));
      }
    }
  }
}

/** Makes a temporary folder, and removes those of processes that died hard: they are 300 MB each. */
async function temporaryFolder(): Promise<string> {
  const names = await readdir(tmpdir());
  for (const name of names.filter((each) => each.startsWith(TEMPORARY))) {
    const folder = join(tmpdir(), name);
    if (await isAbandoned(folder)) await rm(folder, { recursive: true, force: true });
  }
  return mkdtemp(join(tmpdir(), TEMPORARY));
}

/** Whether a mongod was in a folder and is no more; one that just starts may not have written its id yet. */
async function isAbandoned(folder: string): Promise<boolean> {
  const lock = join(folder, 'mongod.lock');
  try {
    const pid = Number(await readFile(lock, 'utf8'));
    const { mtimeMs } = await stat(lock);
    if (mtimeMs > Date.now() - 60_000) return false;
    return pid === 0 || !process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}

async function freePort(): Promise<number> {
  const server = createServer().unref();
  return new Promise((resolvePort, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolvePort(typeof address === 'object' && address ? address.port : 0));
    });
  });
}
