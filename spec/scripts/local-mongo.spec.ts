import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { type AddressInfo, createConnection, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import mongoose from 'mongoose';
import type { Mongod } from '../../scripts/find-mongod.js';
import { type LocalMongo, type LocalMongoOptions, startLocalMongo } from '../../scripts/local-mongo.js';
import { mongodOrSkip } from '../support/mongod.js';

const run = promisify(execFile);

describe('startLocalMongo', () => {
  let root: string;
  let mongod: Mongod;
  const mongos: LocalMongo[] = [];
  const connections: mongoose.Connection[] = [];

  before(async function () {
    mongod = await mongodOrSkip(this);
    root = await mkdtemp(join(tmpdir(), 'local-mongo-spec-'));
  });

  afterEach(async () => {
    await Promise.all(connections.splice(0).map((connection) => connection.close()));
    await Promise.all(mongos.splice(0).map((mongo) => mongo.stop()));
  });

  after(async () => {
    if (root) await rm(root, { recursive: true, force: true });
  });

  describe('starts a server', () => {
    it('unless MONGODB_URI names one, which it leaves running', async () => {
      const own = await start();
      const given = await startLocalMongo({ env: { MONGODB_URI: own.uri, PATH: '' } });
      expect(given.uri).to.equal(own.uri);
      await given.stop();
      expect(await (await connect(own)).db?.command({ ping: 1 })).to.include({ ok: 1 });
    });

    it('of its own on a port of 127.0.0.1, whose data end with it', async () => {
      const mongo = await start({ args: ['--setParameter', 'ttlMonitorSleepSecs=1'] });
      expect(mongo.uri).to.match(/^mongodb:\/\/127\.0\.0\.1:\d+\/$/);
      const admin = (await connect(mongo)).db!.admin();
      const { parsed } = await admin.command({ getCmdLineOpts: 1 });
      expect(parsed.net.bindIp).to.equal('127.0.0.1');
      expect(parsed.storage.engine).to.equal('wiredTiger');
      expect(parsed.storage.wiredTiger.engineConfig.cacheSizeGB).to.equal(0.25);
      expect(parsed.setParameter).to.deep.equal({ ttlMonitorSleepSecs: '1' });
      expect(existsSync(parsed.storage.dbPath)).to.equal(true);
      await stop(mongo);
      expect(existsSync(parsed.storage.dbPath)).to.equal(false);
    });

    it('and removes the temporary data of one that was killed, not of one that runs or starts', async () => {
      const ended = await temporaryData('', 0);
      const running = await temporaryData(`${process.pid}\n`, 0);
      const starting = await temporaryData('', Date.now() / 1000);
      await start();
      const left = [ended, running, starting].map((folder) => existsSync(folder));
      await Promise.all([running, starting].map((folder) => rm(folder, { recursive: true })));
      expect(left).to.deep.equal([false, true, true]);
    });

    it('again on the data it had', async () => {
      const dataFolder = join(root, 'kept', 'mongodb');
      const first = await start({ dataFolder });
      await insert(first, 3);
      await stop(first);
      expect(await count(await start({ dataFolder }))).to.equal(3);
    });

    it('again after a SIGKILL with every acknowledged write, whoever has its process id by now', async () => {
      const dataFolder = join(root, 'killed');
      const first = await start({ dataFolder });
      const { pid } = await (await connect(first)).db!.admin().serverStatus();
      await insert(first, 200);
      process.kill(Number(pid), 'SIGKILL');
      await stop(first);
      expect(await readFile(join(dataFolder, 'mongod.lock'), 'utf8')).to.equal(`${pid}\n`);
      await writeFile(join(dataFolder, 'mongod.lock'), `${process.pid}\n`);
      expect(await count(await start({ dataFolder }))).to.equal(200);
    });

    it('again at once when the process that had started it was killed, and leaves no server behind', async () => {
      const dataFolder = join(root, 'orphaned');
      const { port } = await writeAndBeKilled(dataFolder, mongod.binary);
      expect(await count(await start({ dataFolder }))).to.equal(1);
      const error = await failureOf(once(createConnection(Number(port), '127.0.0.1'), 'connect'));
      expect(error).to.include({ code: 'ECONNREFUSED' });
    });

    it('but no second one on the same data: it says "already running", and the first one goes on', async () => {
      const dataFolder = join(root, 'shared');
      const first = await start({ dataFolder });
      const error = await failureOf(start({ dataFolder }));
      expect(error.message).to.equal(
        `MongoDB is already running on ${dataFolder}: stop the process that started it first.`,
      );
      await insert(first, 1);
      expect(await count(first)).to.equal(1);
    });

    it('but not on a port that is taken', async () => {
      const taken = createServer().listen(0, '127.0.0.1');
      await once(taken, 'listening');
      const { port } = taken.address() as AddressInfo;
      const dataFolder = join(root, 'port-taken');
      const error = await failureOf(start({ dataFolder, port })).finally(() => taken.close());
      expect(error.message).to.equal(
        `MongoDB ${mongod.version} does not start on ${dataFolder}: Port "${port}" already in use`,
      );
    });

    it('but not on data it cannot read: it says what can be done', async () => {
      const dataFolder = join(root, 'unreadable');
      await mkdir(dataFolder);
      await writeFile(join(dataFolder, 'WiredTiger'), '');
      await writeFile(join(dataFolder, 'WiredTiger.turtle'), 'no turtle');
      const error = await failureOf(start({ dataFolder }));
      expect(error.message).to.match(
        /does not start on .*unreadable: .*\nIf another version wrote what is there, name that one in MONGOMS_SYSTEM_BINARY or remove the folder\.$/s,
      );
    });
  });

  async function start(options: LocalMongoOptions = {}): Promise<LocalMongo> {
    const mongo = await startLocalMongo({ env: { MONGOMS_SYSTEM_BINARY: mongod.binary }, ...options });
    mongos.push(mongo);
    return mongo;
  }

  /** What a mongod leaves in the system's temporary folder, locked at a time. */
  async function temporaryData(lock: string, time: number): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), 'express-auth-kit-mongo-'));
    await writeFile(join(folder, 'mongod.lock'), lock);
    await utimes(join(folder, 'mongod.lock'), time, time);
    return folder;
  }

  async function stop(mongo: LocalMongo): Promise<void> {
    await Promise.all(connections.splice(0).map((connection) => connection.close()));
    await mongo.stop();
  }

  async function connect(mongo: LocalMongo): Promise<mongoose.Connection> {
    const connection = await mongoose.createConnection(mongo.uri).asPromise();
    connections.push(connection);
    return connection;
  }

  async function insert(mongo: LocalMongo, documents: number): Promise<void> {
    const collection = (await connect(mongo)).collection('kept');
    for (let number = 0; number < documents; number += 1) await collection.insertOne({ number });
  }

  async function count(mongo: LocalMongo): Promise<number> {
    return (await connect(mongo)).collection('kept').countDocuments();
  }
});

/** Lets a process of its own start a server, write to it and be killed; tells the server's address. */
async function writeAndBeKilled(dataFolder: string, binary: string): Promise<URL> {
  const module = JSON.stringify(new URL('../../scripts/local-mongo.ts', import.meta.url));
  const source = `
    import mongoose from 'mongoose';
    import { startLocalMongo } from ${module};
    const { uri } = await startLocalMongo({ dataFolder: ${JSON.stringify(dataFolder)} });
    const connection = await mongoose.createConnection(uri).asPromise();
    await connection.collection('kept').insertOne({});
    process.stdout.write(uri, () => process.kill(process.pid, 'SIGKILL'));`;
  const env = { ...process.env, MONGODB_URI: '', MONGOMS_SYSTEM_BINARY: binary };
  const command = ['--import', 'tsx', '--input-type=module', '--eval', source];
  const killed = await run(process.execPath, command, { env }).catch((error) => error);
  expect(killed).to.include({ signal: 'SIGKILL' });
  return new URL(killed.stdout);
}

async function failureOf(work: Promise<unknown>): Promise<Error> {
  return work.then(
    () => expect.fail('it should have failed'),
    (error) => error,
  );
}
