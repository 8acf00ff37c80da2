import type { Model, ObtainSchemaGeneric } from 'mongoose';
import type { BaseUserFields } from '../config/base-user-fields.js';
import type { baseUserDefinition } from './base-user.js';
import type { UserModel } from './user.js';

/** The documents of a user model, and the base fields, which a plugin brings without mongoose's types knowing. */
export type UserOf<M extends UserModel> = InstanceType<M> & BaseUserFields;

/** What is the kit's, or mongoose's own. The same as `BASE_PATHS`, for the compiler. */
type BasePath = keyof BaseUserFields | keyof typeof baseUserDefinition | `_${string}`;

/** A value as a schema takes it: texts and numbers for dates too; where mongoose casts in more ways, it decides. */
type Given<Value> = Value extends string | number | bigint | boolean | null | undefined
  ? Value
  : Value extends Date
    ? Date | string | number
    : Value extends readonly (infer Item)[]
      ? readonly Given<Item>[]
      : unknown;

// biome-ignore lint/suspicious/noTsIgnore: for mongoose 8, whose types keep no definition
/** @ts-ignore Of a schema made by `Schema.create` mongoose 9 keeps the definition; of others, and in 8, it is not known. */
type DefinitionOf<S> = ObtainSchemaGeneric<S, 'TSchemaDefinition'>;

// biome-ignore lint/suspicious/noExplicitAny: any model, whatever its other generics
type SchemaOf<M> = M extends Model<any, any, any, any, any, infer S> ? S : unknown;

/** The fields that cannot be left out: required, and without a default. */
type RequiredOf<Definition> = {
  [Field in keyof Definition]: Definition[Field] extends { required: true | readonly [true, ...unknown[]] }
    ? Definition[Field] extends { default: unknown }
      ? never
      : Field
    : never;
}[keyof Definition];

/**
 * The fields that a model has beside the base fields, as `service.createUser` takes them: for `registerFields` and
 * `profileFields` their names count. Of a model that mongoose does not type, any field.
 */
export type OwnFields<M extends UserModel> =
  ReturnType<M['castObject']> extends infer Raw
    ? { [Field in Exclude<keyof Raw & string, BasePath>]?: Given<Raw[Field]> } & {
        [Field in RequiredOf<DefinitionOf<SchemaOf<M>>> & keyof Raw & string]: Given<Raw[Field]>;
      }
    : never;
