import type {
  DiscriminatorOptions,
  HydratedDocument,
  InferSchemaType,
  Model,
  ObtainSchemaGeneric,
  Schema,
  Types,
} from 'mongoose';
import type { BaseUserVirtuals } from '../config/base-user-fields.js';
import type { StoredUser } from './user.js';

// Written out, since what mongoose infers differs from version to version, and fills the error messages of apps.

export type BaseUserSchema = Schema<StoredUser, BaseUserModel, object, object, BaseUserVirtuals>;

/**
 * As mongoose types it, except that a discriminator's type keeps the schema, as that of every other model does: there
 * `OwnFields` sees what is required.
 */
export type BaseUserModel = {
  discriminator<S extends AnySchema>(
    name: string | number,
    schema: S,
    value?: string | number | Types.ObjectId | DiscriminatorOptions,
  ): Discriminator<S>;
} & Model<StoredUser, object, object, BaseUserVirtuals>;

// biome-ignore lint/suspicious/noExplicitAny: any schema, whatever its generics
type AnySchema = Schema<any, any>;

type Discriminator<S extends AnySchema> = ModelOf<
  S,
  StoredUser & InferSchemaType<S>,
  ObtainSchemaGeneric<S, 'TQueryHelpers'>,
  ObtainSchemaGeneric<S, 'TInstanceMethods'>,
  BaseUserVirtuals & ObtainSchemaGeneric<S, 'TVirtuals'>
> &
  ObtainSchemaGeneric<S, 'TStaticMethods'>;

type ModelOf<S, Fields, QueryHelpers, Methods, Virtuals> = Model<
  Fields,
  QueryHelpers,
  Methods,
  Virtuals,
  HydratedDocument<Fields, Virtuals & Methods, QueryHelpers, Virtuals>,
  S
>;
