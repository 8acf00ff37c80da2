import { baseUserPlugin } from 'express-auth-kit';
import { type Connection, type mongo, Schema, type SchemaDefinition, type SchemaOptions } from 'mongoose';
import type { PasswordVerifier } from '../../lib/config/password.js';
import type { RotationClock } from '../../lib/models/session-rotation.js';
import { createStores, type Stores } from '../../lib/models/stores.js';
import type { UserDocument, UserModel } from '../../lib/models/user.js';
import type { NewUser } from '../../lib/models/user-documents.js';
import { createTestDatabase, type TestDatabase } from './database.js';

export interface TestStores extends Stores {
  database: TestDatabase;
  model: UserModel;
  /** Stores a user, as a registration does. */
  addUser(user?: Partial<NewUser> & { password?: string }): Promise<UserDocument>;
  /** A user as the database has it. */
  storedUser(id: unknown): Promise<mongo.Document | null>;
}

export interface TestStoresOptions {
  /** The app's own fields. */
  fields?: SchemaDefinition;
  schemaOptions?: SchemaOptions;
  database?: TestDatabase;
  /** The app's by default. */
  clock?: RotationClock;
  /** How long a session may be idle. */
  idleMs?: number;
  loginFields?: readonly string[];
  verifiers?: readonly PasswordVerifier[];
}

let users = 0;

function createModel(connection: Connection, { fields = {}, schemaOptions }: TestStoresOptions): UserModel {
  const schema = new Schema(fields, schemaOptions as object);
  schema.plugin(baseUserPlugin);
  return connection.model('User', schema);
}

/** What the kit stores, for a user model with `baseUserPlugin`, on a database of its own unless one is given. */
export async function createTestStores(options: TestStoresOptions = {}): Promise<TestStores> {
  const database = options.database ?? (await createTestDatabase());
  const model = database.connection.models['User'] ?? createModel(database.connection, options);
  const { clock = 'app', idleMs, loginFields, verifiers } = options;
  const ofKit = { clock, idleMs, loginFields, verifiers };
  const stores = createStores(model, { ...ofKit, onIndexFailure: console.error });
  return {
    ...stores,
    database,
    model,
    async addUser({ password, ...user } = {}) {
      users += 1;
      const document = stores.users.build({ email: `stored-${users}@example.com`, ...user });
      if (password !== undefined) document.set('password', password);
      await stores.users.insert(document);
      return document;
    },
    storedUser: (id) => database.connection.collection('users').findOne({ _id: id as never }),
  };
}
