import { MongoMemoryReplSet } from 'mongodb-memory-server-core';
import mongoose from 'mongoose';
import { mongodOrSkip } from './mongod.js';

export interface ReplicaSet {
  uri: string;
  /** Kills the primary (SIGKILL). */
  killPrimary(): Promise<void>;
  /** The hosts that are not primary now. */
  secondaries(): Promise<string[]>;
  stop(): Promise<void>;
}

/**
 * Starts a replica set of three that elects a new primary in about a second.
 *
 * @param context of the hook that asks: where there is no mongod to start, its specs are skipped
 * @param database the name of the database in the URI
 */
export async function startReplicaSet(context: Mocha.Context, database: string): Promise<ReplicaSet> {
  const { binary, version } = await mongodOrSkip(context);
  const replicaSet = await MongoMemoryReplSet.create({
    binary: { systemBinary: binary, version },
    instanceOpts: Array.from({ length: 3 }, () => ({
      storageEngine: 'wiredTiger' as const,
      args: ['--wiredTigerCacheSizeGB', '0.25', '--setParameter', 'enableTestCommands=1'],
    })),
    replSet: {
      count: 3,
      configSettings: {
        electionTimeoutMillis: 500,
        heartbeatIntervalMillis: 200,
        // Else one that stands still may be where another one has its data from: then there is no majority.
        chainingAllowed: false,
      },
    },
  });
  const uri = replicaSet.getUri(database);
  return {
    uri,
    async killPrimary() {
      const { primary } = await hello(uri);
      const server = replicaSet.servers.find(({ instanceInfo }) =>
        primary.endsWith(`:${instanceInfo?.port}`),
      );
      server?.instanceInfo?.instance.mongodProcess?.kill('SIGKILL');
    },
    async secondaries() {
      const { primary, hosts } = await hello(uri);
      return hosts.filter((host) => host !== primary);
    },
    stop: async () => {
      await replicaSet.stop();
    },
  };
}

async function hello(uri: string): Promise<{ primary: string; hosts: string[] }> {
  const connection = await mongoose.createConnection(uri).asPromise();
  try {
    const { primary, hosts } = await connection.getClient().db('admin').command({ hello: 1 });
    return { primary, hosts };
  } finally {
    await connection.close();
  }
}
