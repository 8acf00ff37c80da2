import type { Document, Schema, SchemaType } from 'mongoose';
import { CREDENTIAL_PATHS } from './conceal-credentials.js';

/** The user as the HTTP interface shows it: these, always present, and the app's own fields. */
export interface PublicUser {
  id: string;
  email: string;
  name: string | null;
  displayName: string;
  initials: string;
  roles: string[];
  emailVerifiedAt: Date | null;
  createdAt: Date | null;
  updatedAt: Date | null;
  [field: string]: unknown;
}

/** A hydrated document of whichever model: mongoose's own default for its generics. */
// biome-ignore lint/suspicious/noExplicitAny: Document is invariant in its generics
type AnyDocument = Document<any, any, any, any, any>;

interface Userlike {
  email: string;
  name?: string | null;
  displayName: string;
  initials: string;
  roles: string[];
  emailVerifiedAt?: Date | null;
  createdAt?: Date;
  updatedAt?: Date;
}

/** Internal whatever their `select` says. */
const NEVER = ['_id', ...CREDENTIAL_PATHS, 'disabledAt'];

/**
 * What may be shown of a user: never the hash, the stamps, `disabledAt`, `_id`, `__v`, `__t`, nor what the schema declares
 * `select: false`, also where a document happens to have it loaded.
 */
export function publicUser(document: AnyDocument): PublicUser {
  const user = document as unknown as Userlike;
  const { schema } = document;
  const plain = document.toObject({ transform: false, virtuals: false, flattenMaps: true });
  for (const path of hiddenPaths(schema)) removePath(plain, path.split('.'));
  const base = {
    id: String(document._id),
    email: user.email,
    name: user.name ?? null,
    displayName: user.displayName,
    initials: user.initials,
    roles: [...(user.roles ?? [])],
    emailVerifiedAt: user.emailVerifiedAt ?? null,
    createdAt: user.createdAt ?? null,
    updatedAt: user.updatedAt ?? null,
  };
  const own = topLevelFields(schema).filter((field) => !Object.hasOwn(base, field));
  return { ...base, ...Object.fromEntries(own.map((field) => [field, inJson(plain[field] ?? null)])) };
}

/** JSON has no integers of any size, and would fail; as text they lose nothing. */
function inJson(value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString();
  if (Array.isArray(value)) return value.map(inJson);
  const isPlain =
    typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
  return isPlain
    ? Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, inJson(inner)]))
    : value;
}

function topLevelFields(schema: Schema): string[] {
  const internal = [...NEVER, schema.get('versionKey') || '__v', schema.get('discriminatorKey') || '__t'];
  const hidden = hiddenPaths(schema);
  const fields = new Set(Object.keys(schema.paths).map((path) => path.split('.')[0] as string));
  return [...fields].filter((field) => !internal.includes(field) && !hidden.includes(field));
}

/** The paths that are `select: false`, those of nested schemas included. */
function hiddenPaths(schema: Schema): string[] {
  const hidden: string[] = [];
  schema.eachPath((path, type) => {
    const inner = innerSchema(type);
    if (type.options.select === false) hidden.push(path);
    else if (inner)
      hidden.push(
        ...kindsOf(inner)
          .flatMap(hiddenPaths)
          .map((field) => `${path}.${field}`),
      );
  });
  return hidden;
}

/** A schema of subdocuments and its discriminators. */
function kindsOf(schema: Schema): Schema[] {
  return [schema, ...(Object.values(schema.discriminators ?? {}) as Schema[])];
}

/** The schema of a path's subdocuments, in arrays of arrays too. */
function innerSchema(type: SchemaType): Schema | undefined {
  const { schema, embeddedSchemaType } = type as SchemaType & { embeddedSchemaType?: SchemaType };
  return schema ?? (embeddedSchemaType && innerSchema(embeddedSchemaType));
}

function removePath(value: unknown, [head, ...rest]: string[]): void {
  if (head === undefined || typeof value !== 'object' || value === null) return;
  if (Array.isArray(value)) {
    for (const item of value) removePath(item, [head, ...rest]);
  } else if (rest.length === 0) {
    delete (value as Record<string, unknown>)[head];
  } else {
    removePath((value as Record<string, unknown>)[head], rest);
  }
}
