import type { Document, Schema, SchemaType } from 'mongoose';

/** A hydrated document of whichever model: mongoose's own default for its generics. */
// biome-ignore lint/suspicious/noExplicitAny: Document is invariant in its generics
export type AnyDocument = Document<any, any, any>;

type Plain = Record<string, unknown>;

/**
 * A document as a plain object, without what its schema declares `select: false`, also where that happens to be loaded. So
 * are its subdocuments, by whichever way they hang on it, and the documents that were populated.
 *
 * @param show what a populated document is shown as, where it is not just its fields
 */
export function selectedFields(
  document: AnyDocument,
  show: (populated: AnyDocument) => object | undefined,
): Plain {
  return document.toObject({
    virtuals: false,
    flattenMaps: true,
    // Mongoose asks it about every document that it meets on its way, the innermost first.
    transform: (each: AnyDocument, plain: Plain) => {
      const shown = each === document ? undefined : show(each);
      if (shown) return shown;
      for (const path of hiddenPaths(each.schema)) removePath(plain, path.split('.'));
      for (const path of leanPaths(each)) setPath(plain, path.split('.'), idsOf(each.get(path)));
      return plain;
    },
  });
}

/** The paths of a schema that are `select: false`; those of its subdocuments are their schemas' own. */
export function hiddenPaths(schema: Schema): string[] {
  return Object.values(schema.paths)
    .filter(isHidden)
    .map(({ path }) => path.replace(/\.\$\*.*$/, ''));
}

/** By itself, or by what it is an array, a map or a union of. */
function isHidden(type: SchemaType): boolean {
  const {
    embeddedSchemaType,
    $embeddedSchemaType,
    schemaTypes = [],
  } = type as SchemaType & {
    embeddedSchemaType?: SchemaType;
    /** Its name in mongoose 8. */
    $embeddedSchemaType?: SchemaType;
    schemaTypes?: SchemaType[];
  };
  const item = embeddedSchemaType ?? $embeddedSchemaType;
  const inner = item ? [item, ...schemaTypes] : schemaTypes;
  return (type as { selected?: boolean }).selected === false || inner.some(isHidden);
}

/**
 * Where `lean` has populated: what is there has no schema, and nothing tells what of it may be shown. (In a map mongoose has
 * made documents of it.)
 */
function leanPaths(document: AnyDocument): string[] {
  return Object.keys(document.schema.paths).filter(
    (path) => !path.includes('$*') && document.populated(path) && isLean(document.get(path)),
  );
}

function isLean(value: unknown): boolean {
  return Array.isArray(value) ? value.some(isLean) : isPlainObject(value);
}

/** What no class has made: no document, no date, no id. */
export function isPlainObject(value: unknown): value is Plain {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

function idsOf(value: unknown): unknown {
  if (Array.isArray(value)) return Array.from(value, idsOf);
  return (value as { _id?: unknown } | null)?._id ?? null;
}

function setPath(plain: Plain, [head = '', ...rest]: string[], value: unknown): void {
  if (rest.length === 0) plain[head] = value;
  else setPath(plain[head] as Plain, rest, value);
}

function removePath(plain: unknown, [head = '', ...rest]: string[]): void {
  if (typeof plain !== 'object' || plain === null) return;
  if (rest.length === 0) delete (plain as Plain)[head];
  else removePath((plain as Plain)[head], rest);
}
