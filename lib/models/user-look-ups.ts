import type { SchemaType } from 'mongoose';
import { normalizeEmail } from '../security/email-address.js';
import { byId } from './by-id.js';
import { trusted } from './collection.js';
import { CREDENTIAL_PATHS } from './conceal-credentials.js';
import { DEADLINE, onDatabase } from './database.js';
import type { HashFields } from './hash-fields.js';
import { loadTogether } from './load-together.js';
import { createLookUp } from './login-field.js';
import type { UserDocument, UserId, UserModel } from './user.js';

/** How users are found, from the primary. */
export interface UserLookUps {
  /** With the credentials, whatever form the address is typed in. */
  findByEmail(email: string): Promise<UserDocument | undefined>;
  /** With the credentials: whose first login field, in their order, is this text. It takes the same work for every name. */
  findByLogin(name: string): Promise<UserDocument | undefined>;
  /**
   * Who has an address and is not disabled, with the stamps, and the address as it is stored: the same query whether there
   * is one.
   */
  findRecipient(email: string): Promise<{ user: UserDocument | undefined; address: string }>;
  /** With the stamps; with the hash and the ways in too when asked, as whoever signs a user in needs. */
  findById(id: unknown, options?: { withCredentials?: boolean }): Promise<UserDocument | undefined>;
  /** With the security stamp: many at once by one query, outside any transaction of the app's. */
  load(id: UserId): Promise<UserDocument | undefined>;
  /** The id in the model's own type; undefined when it can be nobody's. */
  castId(id: unknown): UserId | undefined;
}

/** What is not loaded unless it is named. */
const STAMPS = '+securityStamp +passwordStamp';

interface LookUpParts {
  loginFields: readonly string[];
  hashFields: HashFields;
}

export function createUserLookUps(model: UserModel, { loginFields, hashFields }: LookUpParts): UserLookUps {
  const castId = createCastId(model);
  const findWithCredentials = createFind(model, hashFields);
  const findByEmail = (email: string) => findWithCredentials({ email: normalizeEmail(email) });
  const lookUps = loginFields.map((field) =>
    field === 'email' ? findByEmail : createLookUp(model, field, findWithCredentials),
  );

  return {
    castId,
    findByEmail,
    // All at once: how many there were would tell which field it was, or that it was none.
    findByLogin: async (name) => (await Promise.all(lookUps.map((find) => find(name)))).find(Boolean),

    async findRecipient(email) {
      const address = normalizeEmail(email);
      const filter = { email: address, disabledAt: null };
      const query = () => model.findOne(filter).select(STAMPS).read('primary').maxTimeMS(DEADLINE).exec();
      const found = (await onDatabase(query)) as UserDocument | null;
      // A document is made either way: the time of it would tell.
      if (!found) model.hydrate({ _id: null, email: address });
      return { user: found ?? undefined, address };
    },

    async findById(id, { withCredentials = false } = {}) {
      const _id = castId(id);
      if (_id === undefined) return undefined;
      if (withCredentials) return findWithCredentials(byId(_id));
      const query = () => model.findOne(byId(_id)).select(STAMPS).read('primary').maxTimeMS(DEADLINE).exec();
      return ((await onDatabase(query)) as UserDocument | null) ?? undefined;
    },

    load: loadTogether<UserId, UserDocument>({
      async load(ids) {
        const query = () =>
          model
            .find({ _id: trusted({ $in: ids }) })
            .select('+securityStamp')
            .read('primary')
            .maxTimeMS(DEADLINE)
            .exec();
        return (await onDatabase(query)) as UserDocument[];
      },
      nameOfKey: String,
      // Exactly: a collation finds more than was asked for.
      nameOfRow: ({ _id }) => String(_id),
      copy: (user) => user.$clone(),
    }),
  };
}

/** Finds one user by whatever filter, with the credentials. */
function createFind(model: UserModel, hashFields: HashFields) {
  const credentials = [...CREDENTIAL_PATHS, ...hashFields.paths].map((path) => `+${path}`).join(' ');
  return async (filter: Record<string, unknown>, collation?: object): Promise<UserDocument | undefined> => {
    const query = model.findOne(filter).select(credentials).read('primary').maxTimeMS(DEADLINE);
    if (collation) query.collation(collation as never);
    const user = (await onDatabase(() => query.exec())) as UserDocument | null;
    if (user) hashFields.adopt(user);
    return user ?? undefined;
  };
}

function createCastId(model: UserModel): UserLookUps['castId'] {
  // Its types leave this out, in 8 and in 9.
  const idType = model.schema.path('_id') as SchemaType & { applyGetters(id: unknown, scope: null): unknown };

  return (id) => {
    try {
      // As documents have it: for a UUID, mongoose 8 casts to bytes, and its documents have a text.
      return (idType.applyGetters(idType.cast(id, undefined, undefined), null) as UserId) ?? undefined;
    } catch {
      return undefined;
    }
  };
}
