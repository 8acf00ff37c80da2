import { MongoMemoryReplSet, type MongoMemoryServer } from 'mongodb-memory-server-core';
import mongoose from 'mongoose';
import { mongodOrSkip } from './mongod.js';
import { type MongodProcess, mongodProcess } from './mongod-process.js';

/** One of the servers of a replica set. */
export interface Member extends MongodProcess {
  host: string;
  /** Lets it take over what the primary writes, or not: then it answers, and falls behind. */
  follow(isFollowing: boolean): Promise<void>;
}

export interface ReplicaSet {
  uri: string;
  members: readonly Member[];
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
      launchTimeout: 60_000,
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
    members: replicaSet.servers.map(memberOf),
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

function memberOf(server: MongoMemoryServer): Member {
  const host = `127.0.0.1:${server.instanceInfo?.port}`;
  return Object.assign(mongodProcess(server), {
    host,
    async follow(isFollowing: boolean) {
      const mode = isFollowing ? 'off' : 'alwaysOn';
      const uri = `mongodb://${host}/?directConnection=true`;
      const connection = await mongoose.createConnection(uri).asPromise();
      try {
        await connection.getClient().db('admin').command({ configureFailPoint: 'stopReplProducer', mode });
      } finally {
        await connection.close();
      }
    },
  });
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
