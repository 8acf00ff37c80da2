import { randomUUID } from 'node:crypto';
import mongoose from 'mongoose';

export interface TestDatabase {
  /** The URI of a database that nothing else uses. */
  uri: string;
  /** An open connection to it, whose commands can be recorded. */
  connection: mongoose.Connection;
  /** Drops the database and closes the connection. */
  drop(): Promise<void>;
}

/**
 * Gives a spec file a database of its own, on the run's MongoDB or another one.
 *
 * @param server the URI of the server; its hosts, credentials and options are kept, its database is not
 *
 * @example
 * let database: TestDatabase;
 * before(async () => {
 *   database = await createTestDatabase();
 * });
 * after(() => database.drop());
 */
export async function createTestDatabase(server = process.env.SPEC_MONGODB_URI): Promise<TestDatabase> {
  if (!server)
    throw new Error('No MongoDB was started: .mocharc.json requires spec/support/global-mongo.ts.');
  const uri = withDatabase(server, `auth-kit-spec-${randomUUID()}`);
  // A server that is away is told within mocha's own deadline, by its name.
  const options = { serverSelectionTimeoutMS: 5_000, monitorCommands: true };
  const connection = await mongoose.createConnection(uri, options).asPromise();
  const drop = async () => {
    await connection.dropDatabase();
    await connection.close();
  };
  return { uri, connection, drop };
}

/** Puts another database into a MongoDB URI. (`URL` refuses the several hosts of a replica set.) */
export function withDatabase(uri: string, name: string): string {
  const parts = /^(mongodb(?:\+srv)?:\/\/[^/?]+)(?:\/([^?]*))?(?:\?(.*))?$/.exec(uri);
  if (!parts?.[1]) throw new TypeError('This is no MongoDB URI: it begins with mongodb:// and names a host.');
  const [, server, former, query] = parts;
  const options = query ? [query] : [];
  // Who logs in without an authSource is looked up in the database of the path, which must not change with it.
  // (With mongodb+srv, the name service can tell the authSource: none is better than another one.)
  const logsIn = server.startsWith('mongodb://') && server.includes('@');
  if (logsIn && !/(^|&)authSource=/i.test(query ?? '')) options.push(`authSource=${former || 'admin'}`);
  return `${server}/${name}${options.length > 0 ? `?${options.join('&')}` : ''}`;
}
