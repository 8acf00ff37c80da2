import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { inspect } from 'node:util';
import { expect } from 'chai';
import { type AuthError, Unavailable } from 'express-auth-kit';
import mongoose, { type Connection } from 'mongoose';
import { duplicateKey, onDatabase } from '../../lib/models/database.js';
import type { RotationClock } from '../../lib/models/session-rotation.js';
import { draftSession, type Session } from '../../lib/models/session-store.js';
import type { UserDocument } from '../../lib/models/user.js';
import { recordCommands } from '../support/commands.js';
import { createTestDatabase } from '../support/database.js';
import { expectUnavailable, failureOf } from '../support/failure.js';
import { type LoneMongod, startLoneMongod } from '../support/lone-mongod.js';
import { createTestStores, type TestStores } from '../support/test-stores.js';

const { mongo } = mongoose;
const NOW = new Date('2030-01-01T00:00:00.000Z');
const LATER = new Date('2030-01-31T00:00:00.000Z');
const HASH = `$2b$04$${'a'.repeat(53)}`;

/** Milliseconds. */
const PATIENCE = 3500;

/** What became of an operation, and how long it took, in milliseconds. */
async function timed(run: () => unknown): Promise<{ error: AuthError; ms: number }> {
  const start = performance.now();
  const error = await expectUnavailable(run);
  return { error, ms: performance.now() - start };
}

/** 503 within 3 s: before the client gives up, long before mongoose would. */
function expectInTime(ms: number, what: string): void {
  expect(ms, what).to.be.lessThan(3000);
}

describe('an operation on the database', () => {
  it('gives what the operation gives', async () => {
    expect(await onDatabase(async () => 'value')).to.equal('value');
    expect(await onDatabase(() => Promise.resolve(undefined))).to.equal(undefined);
  });

  it('fails as the operation fails, when that is not for want of a database', async () => {
    for (const fault of [
      new Error('a bug'),
      new TypeError('a bug'),
      new mongo.MongoServerError({ message: 'E11000 duplicate key', code: 11000 }),
      new mongo.MongoServerError({ message: 'not authorized', code: 13 }),
      new mongo.MongoServerError({ message: 'bad value', code: 2 }),
      new mongo.MongoServerError({ message: '2: No such file or directory', code: 8 }),
      new mongoose.Error.CastError('ObjectId', 'x', '_id'),
      new mongoose.Error('Some other message'),
      Object.assign(new Error('ENOENT'), { code: 'ENOENT' }),
      'a text',
    ]) {
      let thrown: unknown;
      await onDatabase(() => Promise.reject(fault)).catch((error) => {
        thrown = error;
      });
      expect(thrown).to.equal(fault);
      await onDatabase(() => {
        throw fault;
      }).catch((error) => {
        thrown = error;
      });
      expect(thrown).to.equal(fault);
    }
  });

  const AWAY: [what: string, error: Error][] = [
    ...[
      6, 7, 24, 46, 50, 63, 64, 89, 91, 112, 133, 134, 150, 189, 202, 262, 365, 391, 462, 9001, 10058, 10107,
      11600, 11601, 11602, 13388, 13435, 13436, 14031,
    ].map((code): [string, Error] => [
      `code ${code}`,
      new mongo.MongoServerError({ message: 'try again', code }),
    ]),
    ...['EPIPE', 'ECONNRESET', 'ECONNREFUSED', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENOTFOUND', 'EAI_AGAIN'].map(
      (code): [string, Error] => [
        `a plain Error with ${code}`,
        Object.assign(new Error(`write ${code}`), { code }),
      ],
    ),
    ...['28: No space left on device', '122: Disk quota exceeded', '27: File too large'].map(
      (message): [string, Error] => [
        `a server whose disk is full: ${message}`,
        new mongo.MongoServerError({ message, code: 8 }),
      ],
    ),
    ['a network error', new mongo.MongoNetworkError('connection 1 closed')],
    ['a network timeout', new mongo.MongoNetworkTimeoutError('connection 1 timed out')],
    ['a server that cannot be selected', new mongo.MongoServerSelectionError('none', {} as never)],
    ['mongoose’s own form of that', new mongoose.Error.MongooseServerSelectionError('none')],
    ['a closed topology', new mongo.MongoTopologyClosedError('Topology is closed')],
    [
      'a closed client',
      new mongo.MongoNotConnectedError('Client must be connected before running operations'),
    ],
    [
      'mongoose’s buffer',
      new mongoose.Error('Operation `users.findOne()` buffering timed out after 10000ms'),
    ],
    [
      'a retryable write',
      withLabel(new mongo.MongoServerError({ message: 'x', code: 1 }), 'RetryableWriteError'),
    ],
    [
      'a write that was not replicated',
      new mongo.MongoWriteConcernError({ ok: 1, writeConcernError: { code: 100, errmsg: 'x' } }),
    ],
    [
      'what is wrapped around one of these',
      new Error('bulk', { cause: new mongo.MongoNetworkError('closed') }),
    ],
  ];
  for (const [what, error] of AWAY) {
    it(`says unavailable for ${what} (hold 67)`, async () => {
      const refusal = await expectUnavailable(() => onDatabase(() => Promise.reject(error)));
      expect(refusal.message).to.equal('the database is away');
      expect(refusal.cause).to.equal(error);
    });
  }

  it('hides from loggers what a server quotes of a document that it refuses (hold 63)', async () => {
    const { connection, drop } = await createTestDatabase();
    try {
      await connection.createCollection('strict', { validator: { password: { $type: 'int' } } });
      const insert = () => connection.collection('strict').insertOne({ password: HASH });
      const error = await failureOf<mongoose.mongo.MongoServerError>(() => onDatabase(insert));
      expect(JSON.stringify(error.errInfo)).to.include(HASH);
      expect(`${inspect(error, { depth: null })} ${JSON.stringify(error)}`).to.not.include(HASH);
    } finally {
      await drop();
    }
  });

  it('is given up after 2.5 s (hold 67)', async () => {
    const { error, ms } = await timed(() => onDatabase(() => new Promise<void>(() => {})));
    expect(error.message).to.equal('the database did not answer in time');
    expect(ms).to.be.within(2000, 3000);
  });

  it('leaves an Unavailable as it is', async () => {
    const inner = new Unavailable({ message: 'inner', retryAfterSeconds: 9 });
    expect(await failureOf(() => onDatabase(() => Promise.reject(inner)))).to.equal(inner);
  });

  it('tells the fields of a unique index that a write ran into', () => {
    const duplicate = (keyPattern?: object) =>
      Object.assign(new Error('E11000'), { code: 11000, keyPattern });
    expect(duplicateKey(duplicate({ email: 1 }))).to.deep.equal(['email']);
    expect(duplicateKey(duplicate({ user: 1, purpose: 1 }))).to.deep.equal(['user', 'purpose']);
    expect(duplicateKey(duplicate())).to.deep.equal([]);
    expect(duplicateKey(new Error('other'))).to.equal(undefined);
    expect(duplicateKey({ code: '11000' })).to.equal(undefined);
  });
});

describe('a database that is away', () => {
  let mongod: LoneMongod;
  let connection: Connection;
  let stores: TestStores;
  const connections: Connection[] = [];
  // What mongoose and the driver wait on their own is longer than what the kit waits, and no longer than need be: it
  // keeps the process alive.
  const patient = { serverSelectionTimeoutMS: PATIENCE };
  const ofMongoose = { bufferTimeoutMS: PATIENCE, autoIndex: false, autoCreate: false };

  before(async function () {
    mongod = await startLoneMongod(this);
    const options = { ...patient, monitorCommands: true };
    connection = await mongoose.createConnection(mongod.uri('away'), options).asPromise();
    connections.push(connection);
    stores = await storesOn(connection);
    await stores.indexes.ready();
    mongoose.set(ofMongoose);
  });
  after(async () => {
    await closeAll();
    await mongod?.stop();
    mongoose.set({ bufferTimeoutMS: 10_000, autoIndex: true, autoCreate: true });
  });

  /** Before the server ends: the driver would look for it for half a minute, to say goodbye. */
  async function closeAll(): Promise<void> {
    await Promise.all(connections.splice(0).map((each) => each.close(true)));
  }
  /** Where nobody listens. */
  async function deadUri(): Promise<string> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    server.close();
    await once(server, 'close');
    return `mongodb://127.0.0.1:${port}/away`;
  }
  function storesOn(on: Connection, clock: RotationClock = 'app'): Promise<TestStores> {
    return createTestStores({ database: { uri: '', connection: on, drop: async () => {} }, clock });
  }
  function login(user: UserDocument): Promise<Session> {
    const where = { ip: null, userAgent: null };
    const stamp = user.securityStamp as string;
    return stores.sessions.create(
      draftSession({
        user: user._id,
        stamp,
        proofs: [],
        now: NOW,
        expiresAt: LATER,
        ...where,
      }),
    );
  }

  /** Every operation there is, for a user of its own. */
  function operationsOf(
    { users, sessions, oneTimeTokens, collections, loadSignIn }: TestStores,
    user: UserDocument,
    id: string,
  ) {
    const session = {
      user: user._id,
      stamp: 's',
      proofs: [],
      now: NOW,
      expiresAt: LATER,
      ip: null,
      userAgent: null,
    };
    const token = {
      purpose: 'password-reset',
      email: user.email,
      stamp: 's',
      hash: id,
      expiresAt: LATER,
    } as const;
    return {
      insert: async () => users.insert(users.build({ email: `another-${user.email}` })),
      findByEmail: () => users.findByEmail(user.email),
      findById: () => users.findById(user._id),
      changePassword: () => users.changePassword('0'.repeat(24), { passwordHash: HASH, stamp: 's' }),
      findRecipient: () => users.findRecipient(user.email),
      verifyEmail: () => users.verifyEmail(user, NOW),
      upgradeHash: () => users.upgradeHash(user, HASH),
      setStamp: () => users.setStamp('0'.repeat(24), 's'),
      disable: () => users.disable('0'.repeat(24), NOW, 's'),
      enable: () => users.enable('0'.repeat(24)),
      remove: () => users.remove('0'.repeat(24)),
      create: () => sessions.create(draftSession(session)),
      find: () => sessions.find(user._id, id, NOW),
      rotate: () => sessions.rotate(user._id, id, { generation: 0, now: NOW, graceMs: 10_000 }),
      noteShown: () => sessions.noteShown(user._id, id, { generation: 1, now: NOW }),
      end: () => sessions.end(user._id, '0'.repeat(24)),
      endUnder: () => sessions.endUnder('nobody', 's'),
      admitStamp: () => sessions.admitStamp(user._id, '0'.repeat(24), 's'),
      dropStamp: () => sessions.dropStamp(user._id, '0'.repeat(24), 's'),
      add: () => oneTimeTokens.add({ user: user._id, ...token }, NOW, { atMost: 5 }),
      findToken: () => oneTimeTokens.find('password-reset', 'hash', NOW),
      giveWay: () => oneTimeTokens.giveWay('hash'),
      removeTokens: () => oneTimeTokens.removeAll('password-reset', user._id),
      removeToken: () => oneTimeTokens.remove('hash'),
      addWayIn: () => users.addWayIn('0'.repeat(24), { method: 'm', id: 'i', addedAt: NOW }, 's'),
      removeWayIn: () => users.removeWayIn('0'.repeat(24), { method: 'm', id: 'i' }, 's'),
      removeAllOf: () => collections.removeAllOf('nobody'),
      loadSignIn: () => loadSignIn(user.id, id, NOW),
    };
  }

  async function expectAllUnavailable(operations: Record<string, () => unknown>): Promise<void> {
    await Promise.all(
      Object.entries(operations).map(async ([name, run]) => {
        const { ms } = await timed(run);
        expectInTime(ms, name);
      }),
    );
  }

  it('is told within 3 s, whatever is asked and however it is away (hold 67)', async () => {
    const user = await stores.addUser({ password: HASH });
    const session = await login(user);
    const id = session._id.toString();

    const never = mongoose.createConnection();
    const nobody = mongoose.createConnection(await deadUri(), patient);
    nobody.asPromise().catch(() => {});
    const ended = await mongoose.createConnection(mongod.uri('away'), patient).asPromise();
    await ended.close();
    connections.push(nobody);
    const away = await Promise.all([never, nobody, ended].map((each) => storesOn(each)));

    await mongod.pause();
    try {
      await Promise.all([
        // It answers nothing and breaks nothing.
        expectAllUnavailable(operationsOf(stores, user, id)),
        // Never opened; nobody listens; closed by the app.
        ...away.map((each) => expectAllUnavailable(operationsOf(each, user, id))),
      ]);
    } finally {
      mongod.resume();
    }

    // It goes on, without a restart: the same stores, the same session.
    expect(await stores.users.findById(user._id)).to.include({ email: user.email });
    expect(await stores.loadSignIn(user.id, id, NOW)).to.not.equal(undefined);
  });

  it('is told how long each command may take, but for what `save` stores (hold 67)', async () => {
    const user = await stores.addUser({ password: HASH });
    const session = await login(user);
    const operations = operationsOf(stores, user, session._id.toString());
    const commands = await recordCommands(connection, () =>
      Promise.allSettled(Object.values(operations).map(async (run) => run())),
    );
    expect(commands.length).to.be.greaterThan(25);
    const unbounded = commands.filter(({ body }) => body['maxTimeMS'] !== 2500);
    expect(unbounded.map(({ name, collection }) => [name, collection])).to.deep.equal([['insert', 'users']]);
  });

  it('carries out late what it was sent, and forgives who repeats it (hold 38)', async () => {
    const user = await stores.addUser();
    const session = await login(user);
    const byItsClock = await storesOn(connection, 'database');
    // Less than the client is kept waiting.
    const present = (graceMs = 1000) =>
      byItsClock.sessions.rotate(user._id, session._id.toString(), { generation: 0, now: NOW, graceMs });
    await mongod.pause();
    try {
      await expectUnavailable(() => present());
    } finally {
      mongod.resume();
    }
    const stored = () => connection.collection('auth_sessions').findOne({ _id: session._id });
    let looks = 0;
    while ((await stored())?.['generation'] === 0 && looks < 1000) looks += 1;
    expect((await present()).outcome).to.equal('repeated');
    expect(await stored()).to.include({ generation: 1 });
  });

  it('is told at once where the app lets mongoose buffer nothing', async () => {
    const options = { bufferCommands: false, serverSelectionTimeoutMS: 50 };
    const unopened = mongoose.createConnection(await deadUri(), options);
    connections.push(unopened);
    await failureOf(() => unopened.asPromise());
    const { users, sessions } = await storesOn(unopened);
    for (const run of [
      () => users.findByEmail('a@example.com'),
      () => sessions.end('user', '0'.repeat(24)),
    ]) {
      const { error, ms } = await timed(run);
      expect(error.message).to.equal('the database is away');
      expect(ms).to.be.lessThan(1000);
    }
  });

  it('is told at once when it has died', async () => {
    const impatient = await mongoose
      .createConnection(mongod.uri('away'), { serverSelectionTimeoutMS: 100, bufferCommands: false })
      .asPromise();
    const { users, sessions, indexes } = await storesOn(impatient);
    await indexes.ready();
    await closeAll();
    connections.push(impatient);
    await mongod.kill();
    for (const run of [
      () => users.findByEmail('a@example.com'),
      () => sessions.end('user', '0'.repeat(24)),
    ]) {
      expectInTime((await timed(run)).ms, 'dead');
    }
  });
});

function withLabel(error: mongoose.mongo.MongoError, label: string): Error {
  error.addErrorLabel(label);
  return error;
}
