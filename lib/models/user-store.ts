import { type HydratedDocument, type Model, Error as MongooseErrors } from 'mongoose';
import { EmailTaken, type FieldFault, ValidationFailed } from '../errors.js';
import type { BaseUserFields } from './base-user.js';
import { concealCredentials } from './conceal-credentials.js';
import { duplicateKey, INSERT_MAJORITY, MAJORITY, onDatabase } from './database.js';
import { normalizeEmail } from './email.js';
import { createStamp, stampOf } from './security-stamp.js';

/** What the kit itself reads of a user besides the public fields. */
interface Credentials {
  password?: string | null;
  securityStamp?: string | null;
  passwordStamp?: string | null;
}

/** A user as the kit sees it: the base fields, whatever else the app's model has. */
export type UserDocument = HydratedDocument<BaseUserFields & Credentials>;
// biome-ignore lint/suspicious/noExplicitAny: any model of the app's; `checkUserModel` makes sure of the base fields
export type UserModel = Model<any>;

/** A user's id, of whichever type the app's model gives it. */
export type UserId = unknown;

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
  /** A document that is not stored yet, its fields validated. */
  build(user: NewUser): Promise<UserDocument>;
  insert(document: UserDocument): Promise<void>;
  /** With hash and stamps, whatever form the address is typed in. */
  findByEmail(email: string): Promise<UserDocument | undefined>;
  /** Id and address alone, of a user who is not disabled: it takes the same time whether there is one. */
  findRecipient(email: string): Promise<{ id: UserId; email: string } | undefined>;
  /** With the stamps; with the hash too when asked. */
  findById(id: unknown, options?: { withPassword?: boolean }): Promise<UserDocument | undefined>;
  /** The id in the model's own type; undefined when it can be nobody's. */
  castId(id: unknown): UserId | undefined;
  /** @returns undefined when a condition did not hold, and nothing was written */
  changePassword(id: UserId, change: PasswordChange): Promise<Written | undefined>;
  /** Replaces a hash by a stronger one of the same password, unless that has changed since. Ends nothing. */
  upgradeHash(user: UserDocument, passwordHash: string): Promise<void>;
  /** Ends what was made under the old stamp. @returns undefined when there is no such user */
  setStamp(id: UserId, stamp: string): Promise<Written | undefined>;
  /** Lets the user sign in no more, and ends what was made under the old stamp. @returns undefined as above */
  disable(id: UserId, at: Date, stamp: string): Promise<Written | undefined>;
  /** Lets the user sign in again. @returns whether the user exists */
  enable(id: UserId): Promise<boolean>;
  /** @param options.ifUnchangedSince only if these are the user's credentials still. @returns whether one was deleted */
  remove(id: UserId, options?: { ifUnchangedSince?: UserDocument }): Promise<boolean>;
}

/** What is not loaded unless it is named. */
const STAMPS = '+securityStamp +passwordStamp';

/** @param ready resolves when the indexes stand */
export function createUserStore(model: UserModel, ready: () => Promise<void>): UserStore {
  const idType = model.schema.path('_id');

  const castId = (id: unknown): UserId | undefined => {
    try {
      return (idType.cast(id, undefined, undefined) as UserId) ?? undefined;
    } catch {
      return undefined;
    }
  };

  const update = async (filter: { _id: UserId }, set: object): Promise<Written | undefined> => {
    const options = { returnDocument: 'before', writeConcern: MAJORITY } as const;
    const query = model.findOneAndUpdate(filter, { $set: set }, options).select('+securityStamp');
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

  return {
    castId,

    async build({ email, name, roles, fields }) {
      const document = new model({ ...fields, email, name, roles, securityStamp: createStamp() });
      await document.validate().catch(rethrowValidation);
      return document as UserDocument;
    },

    async insert(document) {
      await ready();
      await onDatabase(() => document.save(INSERT_MAJORITY)).catch((error) => {
        const fields = duplicateKey(error);
        if (fields?.includes('email')) throw new EmailTaken({ cause: error });
        if (fields) throw new ValidationFailed(fields.map(taken), { cause: error });
        return rethrowValidation(error);
      });
    },

    async findByEmail(email) {
      const filter = { email: normalizeEmail(email) };
      const query = () => model.findOne(filter).select(`+password ${STAMPS}`).read('primary').exec();
      return ((await onDatabase(query)) as UserDocument | null) ?? undefined;
    },

    async findRecipient(email) {
      const filter = { email: normalizeEmail(email), disabledAt: null };
      const query = () => model.findOne(filter).select('_id email').lean().read('primary').exec();
      const found = (await onDatabase(query)) as { _id: UserId; email: string } | null;
      return found ? { id: found._id, email: found.email } : undefined;
    },

    async findById(id, { withPassword = false } = {}) {
      const _id = castId(id);
      if (_id === undefined) return undefined;
      const selected = withPassword ? `+password ${STAMPS}` : STAMPS;
      const query = () => model.findOne({ _id }).select(selected).read('primary').exec();
      return ((await onDatabase(query)) as UserDocument | null) ?? undefined;
    },

    changePassword(id, { passwordHash, stamp, emailVerifiedAt, ifUnchangedSince, ifRecoverableAs }) {
      const filter = {
        _id: id,
        ...(ifUnchangedSince && unchanged(ifUnchangedSince)),
        ...(ifRecoverableAs && recoverable(ifRecoverableAs)),
      };
      const stamps = { securityStamp: stamp, passwordStamp: createStamp() };
      return update(filter, {
        password: passwordHash,
        ...stamps,
        ...(emailVerifiedAt && { emailVerifiedAt }),
      });
    },

    async upgradeHash(user, passwordHash) {
      const filter = { _id: user._id, passwordStamp: user.passwordStamp ?? null };
      const change = { $set: { password: passwordHash } };
      await onDatabase(() => model.updateOne(filter, change, { timestamps: false }).exec());
    },

    setStamp: (id, stamp) => update({ _id: id }, { securityStamp: stamp }),
    disable: (id, at, stamp) => update({ _id: id }, { disabledAt: at, securityStamp: stamp }),
    enable: async (id) => (await update({ _id: id }, { disabledAt: null })) !== undefined,

    async remove(id, { ifUnchangedSince } = {}) {
      const filter = { _id: id, ...(ifUnchangedSince && unchanged(ifUnchangedSince)) };
      const options = { writeConcern: MAJORITY };
      const { deletedCount } = await onDatabase(() => model.deleteOne(filter, options).exec());
      return deletedCount === 1;
    },
  };
}

/** By the stamp and not by the hash: filters end up in the database's logs. Null also finds a user without one. */
function unchanged(user: UserDocument): object {
  return { securityStamp: user.securityStamp ?? null };
}

function recoverable(user: UserDocument): object {
  return { passwordStamp: user.passwordStamp ?? null, email: user.email, disabledAt: null };
}

function taken(field: string): FieldFault {
  return { detail: `This ${field} is already in use.`, pointer: pointerTo(field) };
}

/** A dotted path as a JSON pointer (RFC 6901). */
function pointerTo(path: string): string {
  return `#/${path.replaceAll('~', '~0').replaceAll('/', '~1').replaceAll('.', '/')}`;
}

/** What the app's schema refuses, as the client is told it; anything else goes on as it is. */
function rethrowValidation(error: unknown): never {
  if (!(error instanceof MongooseErrors.ValidationError)) throw error;
  const faults = Object.entries(error.errors).map(([path, fault]): FieldFault => {
    const detail =
      fault instanceof MongooseErrors.CastError ? 'This value is of the wrong type.' : fault.message;
    return { detail, pointer: pointerTo(path) };
  });
  throw new ValidationFailed(faults, { message: error.message });
}
