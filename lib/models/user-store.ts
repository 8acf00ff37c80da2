import { type HydratedDocument, type Model, Error as MongooseErrors } from 'mongoose';
import { EmailTaken, type FieldFault, ValidationFailed } from '../errors.js';
import { createSecurityStamp } from '../security/one-time-secret.js';
import type { BaseUserFields } from './base-user.js';
import { duplicateKey, INSERT_MAJORITY, MAJORITY, onDatabase } from './database.js';
import { normalizeEmail } from './email.js';
import type { UserId } from './session-store.js';

/** What the kit itself reads of a user besides the public fields. */
interface Credentials {
  password?: string | null;
  securityStamp?: string | null;
}

/** A user as the kit sees it: the base fields, whatever else the app's model has. */
export type UserDocument = HydratedDocument<BaseUserFields & Credentials>;
// biome-ignore lint/suspicious/noExplicitAny: any model of the app's; `checkUserModel` makes sure of the base fields
export type UserModel = Model<any>;

/** What a new user is made of; `fields` are the app's own, already picked by name. */
export interface NewUser {
  email: string;
  name?: string | null;
  roles?: string[];
  fields?: Readonly<Record<string, unknown>>;
}

/** A change of credentials: each gives the user a new stamp, which ends the sessions made under the old one. */
export interface CredentialChange {
  passwordHash: string;
  stamp: string;
  /** Only if these are the user's credentials still; else nothing is written. */
  ifUnchangedSince?: UserDocument;
  /** Only if this is the address still; else nothing is written. */
  ifEmail?: string;
  emailVerifiedAt?: Date;
}

export interface UserStore {
  /** A document that is not stored yet, its fields validated. */
  build(user: NewUser): Promise<UserDocument>;
  insert(document: UserDocument): Promise<void>;
  /** With hash and stamp, whatever form the address is typed in. */
  findByEmail(email: string): Promise<UserDocument | undefined>;
  /** With the stamp; with the hash too when asked. */
  findById(id: unknown, options?: { withPassword?: boolean }): Promise<UserDocument | undefined>;
  /** The id in the model's own type; undefined when it can be nobody's. */
  castId(id: unknown): UserId | undefined;
  /** @returns the user as stored, or undefined when a condition did not hold */
  changeCredentials(id: UserId, change: CredentialChange): Promise<UserDocument | undefined>;
  /** Replaces a hash by a stronger one of the same password, unless that has changed since. Ends nothing. */
  upgradeHash(user: UserDocument, passwordHash: string): Promise<void>;
  /** Ends what was made under the old stamp. @returns whether the user exists */
  renewStamp(id: UserId): Promise<boolean>;
  /** @param at since when; null lets the user sign in again. @returns whether the user exists */
  setDisabled(id: UserId, at: Date | null): Promise<boolean>;
  /** @param options.ifUnchangedSince only if these are the user's credentials still. @returns whether one was deleted */
  remove(id: UserId, options?: { ifUnchangedSince?: UserDocument }): Promise<boolean>;
}

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

  const update = async (filter: { _id: UserId }, set: object): Promise<UserDocument | undefined> => {
    const options = { returnDocument: 'after', writeConcern: MAJORITY } as const;
    const user = await onDatabase(() => model.findOneAndUpdate(filter, { $set: set }, options).exec());
    return (user as UserDocument | null) ?? undefined;
  };

  return {
    castId,

    async build({ email, name, roles, fields }) {
      const document = new model({ ...fields, email, name, roles, securityStamp: createSecurityStamp() });
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
      const query = () => model.findOne(filter).select('+password +securityStamp').read('primary').exec();
      return ((await onDatabase(query)) as UserDocument | null) ?? undefined;
    },

    async findById(id, { withPassword = false } = {}) {
      const _id = castId(id);
      if (_id === undefined) return undefined;
      const hidden = withPassword ? '+password +securityStamp' : '+securityStamp';
      const query = () => model.findOne({ _id }).select(hidden).read('primary').exec();
      return ((await onDatabase(query)) as UserDocument | null) ?? undefined;
    },

    changeCredentials(id, { passwordHash, stamp, ifUnchangedSince, ifEmail, emailVerifiedAt }) {
      const filter = {
        _id: id,
        ...(ifUnchangedSince && unchanged(ifUnchangedSince)),
        ...(ifEmail !== undefined && { email: ifEmail }),
      };
      const verified = emailVerifiedAt && { emailVerifiedAt };
      return update(filter, { password: passwordHash, securityStamp: stamp, ...verified });
    },

    async upgradeHash(user, passwordHash) {
      const filter = { _id: user._id, ...unchanged(user) };
      const change = { $set: { password: passwordHash } };
      await onDatabase(() => model.updateOne(filter, change, { timestamps: false }).exec());
    },

    renewStamp: async (id) =>
      (await update({ _id: id }, { securityStamp: createSecurityStamp() })) !== undefined,

    setDisabled: async (id, at) =>
      (await update({ _id: id }, { disabledAt: at, ...(at && { securityStamp: createSecurityStamp() }) })) !==
      undefined,

    async remove(id, { ifUnchangedSince } = {}) {
      const filter = { _id: id, ...(ifUnchangedSince && unchanged(ifUnchangedSince)) };
      const options = { writeConcern: MAJORITY };
      const { deletedCount } = await onDatabase(() => model.deleteOne(filter, options).exec());
      return deletedCount === 1;
    },
  };
}

/** By the stamp and not by the hash: filters end up in the database's logs. Null also finds a user without one. */
function unchanged(user: UserDocument): { securityStamp: string | null } {
  return { securityStamp: user.securityStamp ?? null };
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
