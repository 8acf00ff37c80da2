import mongoose from 'mongoose';
import { StartError } from './start-error.js';

/** How long a server may take to be found, at the start and later, in milliseconds. */
const SELECTION_TIMEOUT = 5000;
/** How long the answer to a ping may take, in milliseconds. */
const PING_TIMEOUT = 2000;

/** In a MongoDB that is started here. */
const NAME = 'example-app';

export interface Database {
  /** Of the MongoDB that was started here: what `MONGODB_URI` is for the command line. */
  ownUri?: string;
  /** Disconnects, and shuts down the MongoDB that was started here. */
  close(): Promise<void>;
}

/**
 * Connects mongoose's default connection: to the server in `uri`, or to a MongoDB started here.
 *
 * @param options.dataFolder where the data of the latter are kept
 * @throws StartError
 */
export async function openDatabase({
  uri,
  dataFolder,
}: {
  uri: string | undefined;
  dataFolder: string;
}): Promise<Database> {
  if (uri) {
    await connect(uri);
    return { close: () => mongoose.connection.close() };
  }
  // Only for development: where there is a server, what starts one is not even loaded.
  const { startLocalMongo } = await import('../scripts/local-mongo.js');
  const mongo = await startLocalMongo({ dataFolder }).catch((error) => {
    throw new StartError(error.message, { cause: error });
  });
  try {
    await connect(mongo.uri, NAME);
  } catch (error) {
    await mongo.stop();
    throw error;
  }
  return {
    ownUri: mongo.uri + NAME,
    async close() {
      await mongoose.connection.close();
      await mongo.stop();
    },
  };
}

/** @throws when the database does not answer in time */
export async function pingDatabase(): Promise<void> {
  const { db } = mongoose.connection;
  if (!db) throw new Error('not connected');
  // Without a deadline of the driver's own, pings would pile up on a server that has stopped answering.
  await db.command({ ping: 1 }, { signal: AbortSignal.timeout(PING_TIMEOUT) });
}

async function connect(uri: string, dbName?: string): Promise<void> {
  try {
    // What the URI says itself is left to it.
    const limit = /serverSelectionTimeoutMS=/i.test(uri)
      ? {}
      : { serverSelectionTimeoutMS: SELECTION_TIMEOUT };
    await mongoose.connect(uri, { ...limit, ...(dbName && { dbName }) });
  } catch (error) {
    await mongoose.connection.close();
    throw new StartError(`MONGODB_URI: ${reasonOf(error)}`, { cause: error });
  }
}

/** Not every message of the driver's is repeated: some quote the URI, and with it a password. */
function reasonOf(error: unknown): string {
  const { name, message } = error as Error;
  const isAnswer =
    /^(Mongo\w*ServerSelection|MongoServer|MongoNetwork)/.test(name) || 'syscall' in (error as Error);
  if (!isAnswer) return 'not a URI that MongoDB takes; allowed: mongodb://... or mongodb+srv://...';
  return `the server cannot be used: ${message.replace(/\s+/g, ' ')}`;
}
