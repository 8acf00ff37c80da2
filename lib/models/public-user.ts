import type { Schema } from 'mongoose';
import type { PublicUser } from '../config/answers.js';
import { CREDENTIAL_PATHS } from './conceal-credentials.js';
import { type AnyDocument, hiddenPaths, isPlainObject, selectedFields } from './selected-fields.js';

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
 * What may be shown of a user: never the hash, the stamps, `disabledAt`, `_id`, `__v`, `__t`, nor what a schema declares
 * `select: false`, also where a document happens to have it loaded.
 */
export function publicUser(document: AnyDocument): PublicUser {
  const user = document as unknown as Userlike;
  const { schema } = document;
  const plain = selectedFields(document, publicIfUser);
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

/** A populated user is one too. */
function publicIfUser(document: AnyDocument): PublicUser | undefined {
  return document.schema.path('securityStamp') ? publicUser(document) : undefined;
}

/** JSON has no integers of any size, and would fail; as text they lose nothing. */
function inJson(value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString();
  if (Array.isArray(value)) return value.map(inJson);
  return isPlainObject(value)
    ? Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, inJson(inner)]))
    : value;
}

function topLevelFields(schema: Schema): string[] {
  const internal = [...NEVER, schema.get('versionKey') || '__v', schema.get('discriminatorKey') || '__t'];
  const hidden = hiddenPaths(schema);
  const fields = new Set(Object.keys(schema.paths).map((path) => path.split('.')[0] as string));
  return [...fields].filter((field) => !internal.includes(field) && !hidden.includes(field));
}
