import { expect } from 'chai';
import { MongoMemoryReplSet } from 'mongodb-memory-server-core';
import mongoose from 'mongoose';
import { createTestDatabase, withDatabase } from './database.js';
import { mongodOrSkip } from './mongod.js';

describe('createTestDatabase', () => {
  it('gives each caller a database of its own, and drops it', async () => {
    const [one, other] = await Promise.all([createTestDatabase(), createTestDatabase()]);
    await one.connection.collection('things').insertOne({ of: 'one' });
    expect(await other.connection.collection('things').countDocuments()).to.equal(0);
    expect(await databases(other.connection)).to.include(one.connection.name);
    await one.drop();
    expect(one.connection.readyState).to.equal(mongoose.ConnectionStates.disconnected);
    expect(await databases(other.connection)).not.to.include(one.connection.name);
    await other.drop();
  });

  it('gives a URI that another connection reaches the same database with', async () => {
    const { uri, connection, drop } = await createTestDatabase();
    await connection.collection('things').insertOne({});
    const second = await mongoose.createConnection(uri).asPromise();
    expect(await second.collection('things').countDocuments()).to.equal(1);
    await second.close();
    await drop();
  });

  it('logs in to a replica set, and keeps the options of its URI', async function () {
    const { binary, version } = await mongodOrSkip(this);
    const replicaSet = await MongoMemoryReplSet.create({
      binary: { systemBinary: binary, version },
      replSet: { name: 'rs', auth: { enable: true, customRootName: 'root', customRootPwd: 'p@ss/word' } },
      instanceOpts: [{ storageEngine: 'wiredTiger' }],
    });
    try {
      const host = replicaSet.getUri().replace('mongodb://', 'mongodb://root:p%40ss%2Fword@');
      const { connection, drop } = await createTestDatabase(`${host.replace('/?', '/admin?')}&appName=spec`);
      const { replicaSet: name, appName } = connection.getClient().options;
      expect({ name, appName }).to.deep.equal({ name: 'rs', appName: 'spec' });
      await connection.collection('things').insertOne({}, { writeConcern: { w: 'majority' } });
      await drop();
    } finally {
      await replicaSet.stop();
    }
  });
});

describe('withDatabase', () => {
  const cases = [
    ['mongodb://127.0.0.1:27017/', 'mongodb://127.0.0.1:27017/spec'],
    ['mongodb://localhost', 'mongodb://localhost/spec'],
    ['mongodb://a:1,b:2/app?replicaSet=rs&w=1', 'mongodb://a:1,b:2/spec?replicaSet=rs&w=1'],
    ['mongodb://a,b?replicaSet=rs', 'mongodb://a,b/spec?replicaSet=rs'],
    ['mongodb+srv://me:secret@cluster.example/app', 'mongodb+srv://me:secret@cluster.example/spec'],
    ['mongodb://me:secret@a/app', 'mongodb://me:secret@a/spec?authSource=app'],
    ['mongodb://me:secret@a/?tls=true', 'mongodb://me:secret@a/spec?tls=true&authSource=admin'],
    ['mongodb://me:secret@a/app?authSource=users', 'mongodb://me:secret@a/spec?authSource=users'],
  ] as const;

  for (const [uri, expected] of cases) {
    it(`makes ${expected} of ${uri}`, () => {
      expect(withDatabase(uri, 'spec')).to.equal(expected);
    });
  }

  it('refuses what is no MongoDB URI, without repeating it: there can be a password in it', () => {
    expect(() => withDatabase('postgres://me:secret@a/app', 'spec')).to.throw(
      TypeError,
      /^This is no MongoDB URI: it begins with mongodb:\/\/ and names a host\.$/,
    );
  });
});

async function databases(connection: mongoose.Connection): Promise<string[]> {
  const { databases: all } = await connection.getClient().db().admin().listDatabases();
  return all.map(({ name }) => name);
}
