import { baseUserPlugin } from 'express-auth-kit';
import { Schema, type SchemaDefinition, type SchemaOptions } from 'mongoose';
import { createStores, type Stores } from '../../lib/models/stores.js';
import type { NewUser, UserDocument, UserModel } from '../../lib/models/user-store.js';
import { createTestDatabase, type TestDatabase } from './database.js';

export interface TestStores extends Stores {
  database: TestDatabase;
  model: UserModel;
  /** Stores a user, as a registration does. */
  addUser(user?: Partial<NewUser> & { password?: string }): Promise<UserDocument>;
}

export interface TestStoresOptions {
  /** The app's own fields. */
  fields?: SchemaDefinition;
  schemaOptions?: SchemaOptions;
  database?: TestDatabase;
}

let users = 0;

/** What the kit stores, for a user model with `baseUserPlugin`, on a database of its own unless one is given. */
export async function createTestStores(options: TestStoresOptions = {}): Promise<TestStores> {
  const database = options.database ?? (await createTestDatabase());
  const schema = new Schema(options.fields ?? {}, options.schemaOptions as object);
  schema.plugin(baseUserPlugin);
  const model = database.connection.model('User', schema) as UserModel;
  const stores = createStores(model, (error) => console.error(error));
  return {
    ...stores,
    database,
    model,
    async addUser({ password, ...user } = {}) {
      users += 1;
      const document = await stores.users.build({ email: `stored-${users}@example.com`, ...user });
      if (password !== undefined) document.set('password', password);
      await stores.users.insert(document);
      return document;
    },
  };
}
