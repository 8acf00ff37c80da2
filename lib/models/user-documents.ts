import type { Schema } from 'mongoose';
import { nearMiss } from '../config/checks.js';
import { ValidationFailed } from '../errors.js';
import { BASE_PATHS } from './base-user.js';
import { byId } from './by-id.js';
import { trusted } from './collection.js';
import { CREDENTIAL_PATHS } from './conceal-credentials.js';
import { DEADLINE, duplicateKey, INSERT_MAJORITY, onDatabase } from './database.js';
import { createStamp } from './security-stamp.js';
import type { UserDocument, UserId, UserModel } from './user.js';
import { rethrowEmailTaken, rethrowTaken, rethrowValidation, taken } from './validation-faults.js';

/** What a new user is made of; `fields` are the app's own, already picked by name. */
export interface NewUser {
  email: string;
  name?: string | null;
  roles?: string[];
  fields?: Readonly<Record<string, unknown>>;
}

/** Users as documents: what the schema of the model decides, with its hooks and its unique indexes. */
export interface UserDocuments {
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
}

/** @param ready resolves when the indexes stand */
export function createUserDocuments(model: UserModel, ready: () => Promise<void>): UserDocuments {
  return {
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
        const query = model.exists(filter).read('primary').maxTimeMS(DEADLINE);
        if (collation) query.collation(collation as never);
        if (await onDatabase(() => query.exec())) throw new ValidationFailed(fields.map(taken));
      }
    },

    async change(id, values) {
      const query = () => model.findOne(byId(id)).read('primary').maxTimeMS(DEADLINE).exec();
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

/** @param schema of the document: a discriminator has fields that its base has not */
function refuseUnknown(schema: Schema, fields: readonly string[]): void {
  if (schema.get('strict') === false) return;
  const unknown = fields.find((field) => schema.pathType(field) === 'adhocOrUndefined');
  if (unknown === undefined) return;
  const meant = nearMiss(unknown, Object.keys(schema.paths));
  throw new TypeError(`${unknown}: no field of the user model${meant ? `; did you mean ${meant}?` : ''}`);
}
