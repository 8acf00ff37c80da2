import type { Schema, SchemaType, UpdateQuery } from 'mongoose';
import { nearMiss } from '../config/checks.js';
import { EmailTaken, type FieldFault, ValidationFailed } from '../errors.js';
import { normalizeEmail } from '../security/email-address.js';
import { BASE_PATHS } from './base-user.js';
import { byId } from './by-id.js';
import { trusted } from './collection.js';
import { CREDENTIAL_PATHS, concealCredentials } from './conceal-credentials.js';
import { duplicateKey, INSERT_MAJORITY, MAJORITY, onDatabase } from './database.js';
import type { HashFields } from './hash-fields.js';
import { loadTogether } from './load-together.js';
import { createLookUp } from './login-field.js';
import { createStamp, stampOf } from './security-stamp.js';
import type { UserDocument, UserId, UserModel, WayIn } from './user.js';
import { rethrowValidation, taken } from './validation-faults.js';

/** What a new user is made of; `fields` are the app's own, already picked by name. */
export interface NewUser {
  email: string;
  name?: string | null;
  roles?: string[];
  fields?: Readonly<Record<string, unknown>>;
}

/** A new password. It brings new stamps, which ends the sessions and voids the links of before. */
export interface PasswordChange {
  passwordHash: string;
  /** The new security stamp, for a session that is to go on. */
  stamp: string;
  emailVerifiedAt?: Date;
  /** Only if no session-ending change was made since the user was read; else nothing is written. */
  ifUnchangedSince?: UserDocument;
  /** Only if password and address are those that were read, and the user is not disabled; else nothing is written. */
  ifRecoverableAs?: UserDocument;
}

/** What came of a write that brings a new security stamp. */
export interface Written {
  /** As stored now. */
  user: UserDocument;
  /** The stamp of before. */
  replacedStamp: string;
}

export interface UserStore {
  /**
   * A document that is not stored yet.
   *
   * @throws TypeError for a field that the model does not have: mongoose would leave it out, and say nothing
   */
  build(user: Partial<NewUser>): UserDocument;
  /** By its schema, the app's own fields too. @throws ValidationFailed (`validation_failed`, 422) */
  validate(document: UserDocument): Promise<void>;
  /**
   * Stores a document that is valid.
   *
   * @param passwordHash of whichever form: the schema, which knows bcrypt alone, is not asked about it
   */
  insert(document: UserDocument, passwordHash?: string): Promise<void>;
  /**
   * Looks whether another value of the document's is taken: of several the database tells one, which may be the address.
   *
   * @throws ValidationFailed (`validation_failed`, 422)
   */
  requireUnique(document: UserDocument): Promise<void>;
  /** With the credentials, whatever form the address is typed in. */
  findByEmail(email: string): Promise<UserDocument | undefined>;
  /** With the credentials: whose first login field, in their order, is this text. It takes the same work for every name. */
  findByLogin(name: string): Promise<UserDocument | undefined>;
  /** Who has an address and is not disabled, with the stamps: the same query whether there is one. */
  findRecipient(email: string): Promise<UserDocument | undefined>;
  /** With the stamps; with the hash and the ways in too when asked, as whoever signs a user in needs. */
  findById(id: unknown, options?: { withCredentials?: boolean }): Promise<UserDocument | undefined>;
  /** With the security stamp: many at once by one query, outside any transaction of the app's. */
  load(id: UserId): Promise<UserDocument | undefined>;
  /** The id in the model's own type; undefined when it can be nobody's. */
  castId(id: unknown): UserId | undefined;
  /** @returns undefined when a condition did not hold, and nothing was written */
  changePassword(id: UserId, change: PasswordChange): Promise<Written | undefined>;
  /**
   * Notes that the address is verified. Ends nothing.
   *
   * @param user only if the address is still this one, is not verified yet, and the user is not disabled
   * @returns whether it was noted: of many at once one is told so
   */
  verifyEmail(user: UserDocument, at: Date): Promise<boolean>;
  /**
   * Puts another address in force, which is verified by that. Ends nothing.
   *
   * @param user only if password and address are those that were read, and the user is not disabled
   * @returns whether it was done
   * @throws EmailTaken (`email_taken`)
   */
  changeEmail(user: UserDocument, change: { email: string; at: Date }): Promise<boolean>;
  /**
   * Puts an earlier address in force again, which is verified by that. The password goes, and what was set up since.
   *
   * @param user only if the credentials are those that were read
   * @returns undefined when they are not, and nothing was written
   * @throws EmailTaken (`email_taken`)
   */
  restoreEmail(
    user: UserDocument,
    change: { email: string; at: Date; since: Date; securityStamp: string },
  ): Promise<Written | undefined>;
  /** Replaces a hash by a stronger one of the same password, unless that has changed since. Ends nothing. */
  upgradeHash(user: UserDocument, passwordHash: string): Promise<void>;
  /** Ends what was made under the old stamp. @returns undefined when there is no such user */
  setStamp(id: UserId, stamp: string): Promise<Written | undefined>;
  /** Lets the user sign in no more, and ends what was made under the old stamp. @returns undefined as above */
  disable(id: UserId, at: Date, stamp: string): Promise<Written | undefined>;
  /**
   * Replaces a user's roles, by the rules of the schema.
   *
   * @returns whether the user exists
   * @throws ValidationFailed (`validation_failed`) for roles that the schema refuses
   */
  setRoles(user: UserDocument, roles: readonly string[]): Promise<boolean>;
  /**
   * Writes some fields and no others, as `save` does: by the rules of the schema, with its hooks. Null and undefined clear a
   * field.
   *
   * @returns the user as it is stored now; undefined when there is no such user
   * @throws ValidationFailed (`validation_failed`), also for a value that somebody else has; TypeError for a base field but
   * `name`, and for one that the model does not have
   */
  change(id: UserId, values: Readonly<Record<string, unknown>>): Promise<UserDocument | undefined>;
  /** Whether `change` would refuse the values, as far as the schema tells. @throws ValidationFailed */
  checkChange(user: UserDocument, values: Readonly<Record<string, unknown>>): Promise<void>;
  /** Lets the user sign in again. @returns whether the user exists */
  enable(id: UserId): Promise<boolean>;
  /** Notes what a user has set up, once. @returns undefined when there is no such user, or it is noted already */
  addWayIn(id: UserId, wayIn: WayIn, stamp: string): Promise<Written | undefined>;
  /**
   * Strikes it out.
   *
   * @param options.unlessLastOf the methods that let a user in by themselves: only if one of them or a password remains
   * @returns undefined when it is not there, or the last
   */
  removeWayIn(
    id: UserId,
    wayIn: Omit<WayIn, 'addedAt'>,
    stamp: string,
    options?: { unlessLastOf?: readonly string[] | undefined },
  ): Promise<Written | undefined>;
  /** @param options.ifUnchangedSince only if these are the user's credentials still. @returns whether one was deleted */
  remove(id: UserId, options?: { ifUnchangedSince?: UserDocument | undefined }): Promise<boolean>;
}

const NO_LIST: FieldFault = {
  code: 'invalid_type',
  detail: 'The roles must be a list.',
  pointer: '#/roles',
};

/** What is not loaded unless it is named. */
const STAMPS = '+securityStamp +passwordStamp';

interface UserStoreParts {
  /** Resolves when the indexes stand. */
  ready(): Promise<void>;
  loginFields: readonly string[];
  hashFields: HashFields;
}

export function createUserStore(
  model: UserModel,
  { ready, loginFields, hashFields }: UserStoreParts,
): UserStore {
  const credentials = [...CREDENTIAL_PATHS, ...hashFields.paths].map((path) => `+${path}`).join(' ');
  // Its types leave this out, in 8 and in 9.
  const idType = model.schema.path('_id') as SchemaType & { applyGetters(id: unknown, scope: null): unknown };

  const castId = (id: unknown): UserId | undefined => {
    try {
      // As documents have it: for a UUID, mongoose 8 casts to bytes, and its documents have a text.
      return (idType.applyGetters(idType.cast(id, undefined, undefined), null) as UserId) ?? undefined;
    } catch {
      return undefined;
    }
  };

  const write = async (
    id: UserId,
    change: UpdateQuery<unknown>,
    conditions: object = {},
  ): Promise<Written | undefined> => {
    const options = { returnDocument: 'before', writeConcern: MAJORITY } as const;
    const filter = { ...byId(id), ...conditions };
    const query = model.findOneAndUpdate(filter, change, options).select('+securityStamp');
    const user = (await onDatabase(() => query.exec())) as UserDocument | null;
    if (!user) return undefined;
    const replacedStamp = stampOf(user);
    // As it is stored now: what was there, and on it what was written, the time of it included.
    const written = (query.getUpdate() as { $set?: object } | null)?.$set ?? {};
    for (const [path, value] of Object.entries(written)) {
      user.set(path, value);
      user.unmarkModified(path);
    }
    concealCredentials(user);
    return { user, replacedStamp };
  };
  const update = (id: UserId, set: object, conditions?: object) => write(id, { $set: set }, conditions);

  const findWithCredentials = async (
    filter: Record<string, unknown>,
    collation?: object,
  ): Promise<UserDocument | undefined> => {
    const query = model.findOne(filter).select(credentials).read('primary');
    if (collation) query.collation(collation as never);
    const user = (await onDatabase(() => query.exec())) as UserDocument | null;
    if (user) hashFields.adopt(user);
    return user ?? undefined;
  };
  const findByEmail = (email: string) => findWithCredentials({ email: normalizeEmail(email) });
  const lookUps = loginFields.map((field) =>
    field === 'email' ? findByEmail : createLookUp(model, field, findWithCredentials),
  );

  return {
    castId,

    build({ email, name, roles, fields }) {
      const given: Record<string, unknown> = { ...fields };
      for (const path of CREDENTIAL_PATHS) delete given[path];
      const user = new model({ ...given, email, name, roles, securityStamp: createStamp() }) as UserDocument;
      refuseUnknown(user.schema, Object.keys(given));
      return user;
    },

    async validate(document) {
      await document.validate().catch(rethrowValidation);
    },

    async insert(document, passwordHash) {
      await ready();
      if (passwordHash !== undefined) document.set('password', passwordHash);
      const options = { ...INSERT_MAJORITY, validateBeforeSave: passwordHash === undefined };
      await onDatabase(() => document.save(options)).catch((error) => {
        if (duplicateKey(error)?.includes('email')) rethrowEmailTaken(error);
        return rethrowTaken(error);
      });
    },

    async requireUnique(document) {
      const indexes = model.schema.indexes().filter(([keys, { unique }]) => unique && !('email' in keys));
      for (const [keys, { collation }] of indexes) {
        const fields = Object.keys(keys);
        const values = fields.map((field) => document.get(field) ?? undefined);
        if (values.includes(undefined)) continue;
        const filter = Object.fromEntries(
          fields.map((field, index) => [field, trusted({ $eq: values[index] })]),
        );
        const query = model.exists(filter).read('primary');
        if (collation) query.collation(collation as never);
        if (await onDatabase(() => query.exec())) throw new ValidationFailed(fields.map(taken));
      }
    },

    findByEmail,
    // All at once: how many there were would tell which field it was, or that it was none.
    findByLogin: async (name) => (await Promise.all(lookUps.map((find) => find(name)))).find(Boolean),

    async findRecipient(email) {
      const filter = { email: normalizeEmail(email), disabledAt: null };
      const query = () => model.findOne(filter).select(STAMPS).read('primary').exec();
      return ((await onDatabase(query)) as UserDocument | null) ?? undefined;
    },

    async findById(id, { withCredentials = false } = {}) {
      const _id = castId(id);
      if (_id === undefined) return undefined;
      if (withCredentials) return findWithCredentials(byId(_id));
      const query = () => model.findOne(byId(_id)).select(STAMPS).read('primary').exec();
      return ((await onDatabase(query)) as UserDocument | null) ?? undefined;
    },

    load: loadTogether<UserId, UserDocument>({
      async load(ids) {
        const query = () =>
          model
            .find({ _id: trusted({ $in: ids }) })
            .select('+securityStamp')
            .read('primary')
            .exec();
        return (await onDatabase(query)) as UserDocument[];
      },
      nameOfKey: String,
      // Exactly: a collation finds more than was asked for.
      nameOfRow: ({ _id }) => String(_id),
      copy: (user) => user.$clone(),
    }),

    changePassword(id, { passwordHash, stamp, emailVerifiedAt, ifUnchangedSince, ifRecoverableAs }) {
      const conditions = {
        ...(ifUnchangedSince && unchanged(ifUnchangedSince)),
        ...(ifRecoverableAs && recoverable(ifRecoverableAs)),
      };
      const stamps = { securityStamp: stamp, passwordStamp: createStamp() };
      const set = { password: passwordHash, ...stamps, ...(emailVerifiedAt && { emailVerifiedAt }) };
      return write(id, { $set: set, ...hashFields.removal }, conditions);
    },

    async verifyEmail({ _id, email }, at) {
      const conditions = { email, emailVerifiedAt: null, disabledAt: null };
      return (await update(_id, { emailVerifiedAt: at }, conditions)) !== undefined;
    },

    async changeEmail(user, { email, at }) {
      const change = { email, emailVerifiedAt: at };
      return (await update(user._id, change, recoverable(user)).catch(rethrowEmailTaken)) !== undefined;
    },

    async restoreEmail(user, { email, at, since, securityStamp }) {
      const stamps = { securityStamp, passwordStamp: createStamp() };
      const { $unset = {} } = hashFields.removal as { $unset?: object };
      const change = {
        $set: { email, emailVerifiedAt: at, ...stamps },
        $unset: { ...$unset, password: 1 },
        $pull: { waysIn: { addedAt: { $gte: since } } },
      };
      return write(user._id, change, unchanged(user)).catch(rethrowEmailTaken);
    },

    async upgradeHash(user, passwordHash) {
      const filter = { ...byId(user._id), passwordStamp: user.passwordStamp ?? null };
      const change = { $set: { password: passwordHash }, ...hashFields.removal };
      await onDatabase(() => model.updateOne(filter, change, { timestamps: false }).exec());
    },

    setStamp: (id, stamp) => update(id, { securityStamp: stamp }),
    disable: (id, at, stamp) => update(id, { disabledAt: at, securityStamp: stamp }),
    enable: async (id) => (await update(id, { disabledAt: null })) !== undefined,

    async setRoles(user, roles) {
      // Callers in JavaScript may give none at all: undefined would be no change, which is said to be done.
      if (!Array.isArray(roles)) throw new ValidationFailed([NO_LIST]);
      user.set('roles', roles);
      await user.validate(['roles']).catch(rethrowValidation);
      return (await update(user._id, { roles: user.roles })) !== undefined;
    },

    async change(id, values) {
      const query = () => model.findOne(byId(id)).read('primary').exec();
      const user = (await onDatabase(query)) as UserDocument | null;
      if (!user) return undefined;
      assign(user, values);
      const options = { ...INSERT_MAJORITY, validateModifiedOnly: true };
      await onDatabase(() => user.save(options)).catch(rethrowTaken);
      return user;
    },

    async checkChange(user, values) {
      const copy = user.$clone();
      assign(copy, values);
      await copy.validate(copy.modifiedPaths()).catch(rethrowValidation);
    },

    addWayIn(id, wayIn, securityStamp) {
      const isNew = { waysIn: trusted({ $not: { $elemMatch: exactly(wayIn) } }) };
      return write(id, { $set: { securityStamp }, $push: { waysIn: wayIn } }, isNew);
    },

    removeWayIn(id, wayIn, securityStamp, { unlessLastOf } = {}) {
      const entry = exactly(wayIn);
      const another = { $elemMatch: { method: { $in: unlessLastOf }, $nor: [entry] } };
      const conditions = {
        waysIn: trusted({ $elemMatch: entry }),
        ...(unlessLastOf && {
          $or: [...hashFields.present, { waysIn: trusted(another) }],
        }),
      };
      return write(id, { $set: { securityStamp }, $pull: { waysIn: entry } }, conditions);
    },

    async remove(id, { ifUnchangedSince } = {}) {
      const filter = { ...byId(id), ...(ifUnchangedSince && unchanged(ifUnchangedSince)) };
      const options = { writeConcern: MAJORITY };
      const { deletedCount } = await onDatabase<{ deletedCount: number }>(() =>
        model.deleteOne(filter, options).exec(),
      );
      return deletedCount === 1;
    },
  };
}

/** Null clears a field for good: a unique index takes two nulls for one value, and no two that are not there. */
function assign(user: UserDocument, values: Readonly<Record<string, unknown>>): void {
  const names = Object.keys(values);
  const base = names.find((name) => name !== 'name' && (BASE_PATHS.includes(name) || name.startsWith('_')));
  if (base !== undefined)
    throw new TypeError(`${base}: a base field given; allowed: name, and fields of the app's own`);
  refuseUnknown(user.schema, names);
  for (const [path, value] of Object.entries(values)) user.set(path, value ?? undefined);
  // A value of another type changes nothing, and a validation of what has changed would not tell of it.
  for (const path of Object.keys(user.errors ?? {})) user.markModified(path);
}

/** @throws EmailTaken for an address that somebody else has */
function rethrowEmailTaken(error: unknown): never {
  if (duplicateKey(error)?.includes('email')) throw new EmailTaken({ cause: error });
  throw error;
}

/** @throws ValidationFailed for a value that somebody else has, and for what the schema refuses */
function rethrowTaken(error: unknown): never {
  const fields = duplicateKey(error);
  if (fields) throw new ValidationFailed(fields.map(taken), { cause: error });
  return rethrowValidation(error);
}

/** @param schema of the document: a discriminator has fields that its base has not */
function refuseUnknown(schema: Schema, fields: readonly string[]): void {
  if (schema.get('strict') === false) return;
  const unknown = fields.find((field) => schema.pathType(field) === 'adhocOrUndefined');
  if (unknown === undefined) return;
  const meant = nearMiss(unknown, Object.keys(schema.paths));
  throw new TypeError(`${unknown}: no field of the user model${meant ? `; did you mean ${meant}?` : ''}`);
}

/** By the stamp and not by the hash: filters end up in the database's logs. Null also finds a user without one. */
function unchanged(user: UserDocument): object {
  return { securityStamp: user.securityStamp ?? null };
}

/** By value: what a client gave for an id is no operator. */
function exactly({ method, id }: Pick<WayIn, 'method' | 'id'>): object {
  return { method: { $eq: method }, id: { $eq: id } };
}

function recoverable(user: UserDocument): object {
  return { passwordStamp: user.passwordStamp ?? null, email: user.email, disabledAt: null };
}
