import { execFile } from 'node:child_process';
import { mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import bcrypt from 'bcrypt';
import { expect } from 'chai';
import { passportLocalMongoose } from 'express-auth-kit/verifiers';
import mongoose, { Schema, Types } from 'mongoose';
import plugin from 'passport-local-mongoose';
import { poll } from '../../example-app/app-process.js';
import { runCli } from '../../support/cli.js';
import { startLoneMongod } from '../../support/lone-mongod.js';
import { createTestApp, PASSWORD, type TestApp } from '../../support/test-app.js';

const text = { type: String, select: false };

describe('user import', () => {
  let app: TestApp;
  let folder: string;
  let file: string;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'express-auth-kit-import-'));
    file = join(folder, 'users.jsonl');
  });
  after(() => rm(folder, { recursive: true, force: true }));
  beforeEach(async () => {
    app = await createTestApp({
      fields: { hash: text, salt: text, username: { type: String, unique: true, sparse: true } },
      loginFields: ['email', 'username'],
      password: { verifiers: [passportLocalMongoose()] },
    });
    await app.auth.service.createIndexes();
  });
  afterEach(() => app.close());

  async function runOn(lines: readonly (object | string)[], ...more: string[]) {
    await writeFile(
      file,
      lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n'),
    );
    return runCli(['user', 'import', file, ...more], { uri: app.uri });
  }
  const stored = () => app.connection.collection('users').find().sort({ email: 1 }).toArray();
  const find = (email: string) => app.connection.collection('users').findOne({ email });

  it('stores users with roles, fields and hashes, who log in', async () => {
    const passwordHash = await bcrypt.hash(PASSWORD, 4);
    const { code, stdout, stderr } = await runOn([
      {
        email: 'Ada@example.com',
        name: 'Ada',
        roles: ['admin'],
        emailVerified: true,
        passwordHash,
        fields: { phone: '1' },
      },
      { email: 'grace@example.com' },
    ]);
    expect({ code, stderr }).to.include({ code: 0 });
    expect(stdout.split('\n')).to.deep.equal([
      'stored: 2, skipped: 0, failed: 0',
      '1 with a bcrypt hash',
      '1 without a password: they set the first by POST /forgot-password',
    ]);
    expect(stdout + stderr).not.to.include(passwordHash);
    const ada = await find('ada@example.com');
    expect(ada).to.deep.include({ name: 'Ada', roles: ['admin'], phone: '1', password: passwordHash });
    expect(ada?.['emailVerifiedAt']).to.be.instanceOf(Date);
    expect(ada?.['securityStamp']).to.be.a('string');
    await app.login({ email: 'ada@example.com', password: PASSWORD });
    expect(await find('grace@example.com')).to.not.have.property('password');
  });

  it('stores what mongoexport writes of passport-local-mongoose: they log in, by name too, and are moved to bcrypt', async () => {
    const schema = new Schema({ email: String, phone: String });
    schema.plugin(plugin as never, {} as never);
    const Former = app.connection.model('Former', schema, 'former') as unknown as {
      register(user: object, password: string): Promise<unknown>;
    };
    await Former.register({ username: 'ada', email: 'Ada@Example.com', phone: '1' }, PASSWORD);
    const [document] = await app.connection.collection('former').find().toArray();
    const { code, stdout } = await runOn([mongoose.mongo.BSON.EJSON.stringify(document)]);
    expect(code).to.equal(0);
    expect(stdout).to.include(
      '1 with a hash for which the app names password.verifiers: [passportLocalMongoose()]',
    );

    const imported = await find('ada@example.com');
    expect(imported).to.deep.include({ _id: document?._id, username: 'ada', phone: '1' });
    expect(imported).to.not.have.any.keys('hash', 'salt');
    await app.login({ email: 'ada', password: PASSWORD });
    expect((await find('ada@example.com'))?.['password']).to.match(/^\$2b\$04\$/);
    await app.login({ email: 'ada@example.com', password: PASSWORD });
  });

  it('keeps who was disabled and when, and takes no credentials of another database', async () => {
    const id = new Types.ObjectId();
    const at = '2020-01-02T03:04:05.000Z';
    await runOn([
      {
        _id: { $oid: String(id) },
        email: 'ada@example.com',
        disabledAt: { $date: at },
        createdAt: { $date: at },
        emailVerifiedAt: at,
        securityStamp: 'geheim',
        waysIn: [{ method: 'totp', id: '1' }],
      },
    ]);
    const ada = await find('ada@example.com');
    const date = new Date(at);
    expect(ada).to.deep.include({ _id: id, disabledAt: date, createdAt: date, emailVerifiedAt: date });
    expect(ada?.['securityStamp']).to.not.equal('geheim');
    expect(ada).not.to.have.property('waysIn');
  });

  const LINES = [
    { email: 'ada@example.com' },
    'nonsense',
    { name: 'nobody' },
    { email: 'ADA@example.com' },
    { email: 'bob@example.com', passwordHash: 'md5:geheim' },
    { email: 'taken@example.com' },
    { email: 'no address' },
    { email: 'name@example.com', username: 'taken' },
    '',
    { email: 'grace@example.com' },
  ];
  const FAULTS = [
    'line 2: this is no JSON',
    'line 3: the address is missing',
    'line 4: ADA@example.com: differs from ada@example.com in line 1 by case alone',
    'line 5: no verifier knows the hash of the password',
    'line 6: taken@example.com: is there already, and was left as it is',
    'line 7: no address: email: This is not an email address that can be used.',
  ];
  const fillTaken = async () => {
    await app.auth.service.createUser({
      email: 'taken@example.com',
      name: 'Kept',
      username: 'taken',
    } as never);
  };

  it('tells every fault by its line, and lets none stop the others', async () => {
    await fillTaken();
    const { code, stdout, stderr } = await runOn([...LINES]);
    expect(code).to.equal(1);
    expect(stderr.split('\n')).to.deep.equal([
      ...FAULTS,
      'line 8: name@example.com: username: This username is already in use.',
      'error: 6 of 9 lines failed',
    ]);
    expect(stdout).to.include('stored: 2, skipped: 1, failed: 6');
    expect((await stored()).map(({ email }) => email)).to.deep.equal([
      'ada@example.com',
      'grace@example.com',
      'taken@example.com',
    ]);
    expect(await find('taken@example.com')).to.include({ name: 'Kept' });
  });

  it('tells the same beforehand, and stores nothing', async () => {
    await fillTaken();
    const { code, stderr, json } = await runOn([...LINES], '--dry-run', '--json');
    expect(code).to.equal(1);
    expect(stderr.split('\n')).to.deep.equal([...FAULTS, 'error: 5 of 9 lines failed']);
    const { lines, ...counts } = json();
    expect(counts).to.deep.equal({ dryRun: true, created: 3, skipped: 1, failed: 5, hashes: { none: 3 } });
    expect(lines[4]).to.deep.equal({
      line: 6,
      email: 'taken@example.com',
      result: 'skipped',
      reason: 'is there already, and was left as it is',
    });
    expect(await stored()).to.have.length(1);
  });

  it('may be run again', async () => {
    const lines = Array.from({ length: 40 }, (_, count) => ({ email: `user-${count}@example.com` }));
    expect((await runOn(lines, '--json')).json()).to.include({ created: 40 });
    const again = await runOn(lines, '--json');
    expect(again).to.include({ code: 0 });
    expect(again.json()).to.include({ created: 0, skipped: 40, failed: 0 });
  });

  it('stops where the database goes away, and says at which line', async function () {
    this.timeout(60_000);
    const mongod = await startLoneMongod(this);
    const uri = mongod.uri('import');
    const connection = await mongoose.createConnection(uri).asPromise();
    try {
      // A file that is still being written.
      const pipe = join(folder, 'pipe');
      await promisify(execFile)('mkfifo', [pipe]);
      const importing = runCli(['user', 'import', pipe], { uri });
      const writer = await open(pipe, 'w');
      const write = (from: number, to: number) => {
        const lines = Array.from({ length: to - from }, (_, count) => ({
          email: `u${from + count}@example.com`,
        }));
        return writer.write(lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
      };
      await write(0, 16);
      await poll(async () => (await connection.collection('users').countDocuments()) === 16);
      await mongod.pause();
      await write(16, 40);
      await writer.close();
      const { code, stdout, stderr } = await importing;
      mongod.resume();
      expect({ code, stdout }).to.deep.equal({ code: 1, stdout: '' });
      const told = /error: stopped at line (\d+): the database did not answer in time; .*run it again/.exec(
        stderr,
      );
      // Some of the 16 may have been stored and not yet acknowledged when it stood still.
      const line = Number(told?.[1]);
      expect(line, stderr).to.be.within(1, 17);
      const before = Array.from({ length: line - 1 }, (_, count) => `u${count}@example.com`);
      const stored = await connection.collection('users').countDocuments({ email: { $in: before } });
      expect(stored).to.equal(before.length);
    } finally {
      await connection.close(true);
      await mongod.stop();
    }
  });

  it('says that a file cannot be read, before the database is asked', async () => {
    const { code, stdout, stderr } = await runCli(['user', 'import', join(folder, 'missing')]);
    expect({ code, stdout }).to.deep.equal({ code: 1, stdout: '' });
    expect(stderr).to.match(/^error: .*missing cannot be read: ENOENT$/);
  });

  it('takes an empty file', async () => {
    expect(await runOn([])).to.include({ code: 0, stdout: 'stored: 0, skipped: 0, failed: 0' });
  });
});
