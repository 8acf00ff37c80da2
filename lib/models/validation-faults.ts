import { isObject } from '../config/checks.js';
import {
  type AuthError,
  EmailTaken,
  type Fault,
  type FieldFault,
  Unavailable,
  ValidationFailed,
} from '../errors.js';
import { duplicateKey, isAway } from './database.js';

/** The fault of a field whose value somebody else has already. */
export function taken(field: string): FieldFault {
  return { code: 'taken', detail: `This ${field} is already in use.`, pointer: pointerTo(field) };
}

/**
 * What a schema refuses, as the client is told it; anything else goes on as it is.
 *
 * @throws ValidationFailed (`validation_failed`, 422), Unavailable (`unavailable`, 503), or the error
 */
export function rethrowValidation(error: unknown): never {
  throw schemaRefusal(error) ?? error;
}

/** @throws EmailTaken for an address that somebody else has */
export function rethrowEmailTaken(error: unknown): never {
  if (duplicateKey(error)?.includes('email')) throw new EmailTaken({ cause: error });
  throw error;
}

/** @throws ValidationFailed for a value that somebody else has, and for what the schema refuses */
export function rethrowTaken(error: unknown): never {
  const fields = duplicateKey(error);
  if (fields) throw new ValidationFailed(fields.map(taken), { cause: error });
  return rethrowValidation(error);
}

/**
 * Mongoose's `ValidationError` as a refusal. It is known by its form, since an app may have another copy of mongoose.
 *
 * @returns ValidationFailed; Unavailable where a validator asked a database that is away; undefined for other errors
 */
export function schemaRefusal(error: unknown): AuthError | undefined {
  if (!isValidationError(error)) return undefined;
  const broken = Object.entries(error.errors);
  const outage = broken.map(([, { reason }]) => reason).find(isAway);
  if (outage) return new Unavailable({ message: 'a validator could not reach its database', cause: outage });
  const faults: FieldFault[] = broken
    // A nested document is there by itself too, beside what is wrong in it.
    .filter(([, fault]) => !isValidationError(fault))
    .map(([path, fault]) => ({ ...describe(fault), pointer: pointerTo(path) }));
  return new ValidationFailed(faults, { message: error.message });
}

/** Mongoose's `ValidatorError`, `CastError` and their like. */
interface SchemaFault extends Error {
  /** Which rule was broken; of a CastError, the type. */
  kind?: unknown;
  /** What the validator threw. */
  reason?: unknown;
  properties?: Readonly<Record<string, unknown>>;
}

function isValidationError(
  error: unknown,
): error is { errors: Record<string, SchemaFault>; message: string } {
  if (!(error instanceof Error) || error.name !== 'ValidationError') return false;
  const { errors } = error as { errors?: unknown };
  return isObject(errors) && Object.values(errors).every((fault) => fault instanceof Error);
}

/** Mongoose's rules, in words that name no path and repeat no value. */
const RULES: Readonly<Record<string, (limits: Readonly<Record<string, unknown>>) => Fault>> = {
  required: () => ({ code: 'required', detail: 'This field is required.' }),
  enum: () => ({ code: 'invalid_choice', detail: 'This value is not one of those allowed.' }),
  regexp: () => ({ code: 'invalid_format', detail: 'This value is not of the right form.' }),
  min: ({ min }) => ({ code: 'too_small', detail: bound('This value', 'be at least', min, 'is too small') }),
  max: ({ max }) => ({ code: 'too_large', detail: bound('This value', 'be at most', max, 'is too large') }),
  minlength: ({ minlength }) => ({
    code: 'too_short',
    detail: `This value must have at least ${minlength} characters.`,
  }),
  maxlength: ({ maxlength }) => ({
    code: 'too_long',
    detail: `This value must have at most ${maxlength} characters.`,
  }),
};

/** The limits of dates and of big numbers have no plain form. */
function bound(subject: string, verb: string, limit: unknown, otherwise: string): string {
  return typeof limit === 'number' ? `${subject} must ${verb} ${limit}.` : `${subject} ${otherwise}.`;
}

function describe({ name, kind, message, reason, properties = {} }: SchemaFault): Fault {
  if (name !== 'ValidatorError') return { code: 'invalid_type', detail: 'This value is of the wrong type.' };
  const plain = RULES[String(kind)]?.(properties) ?? {
    code: codeOf(kind),
    detail: 'This value is not valid.',
  };
  return isOwnMessage(message, reason) ? { ...plain, detail: message } : plain;
}

/** An app's own validator may name its code by `type`; mongoose's word for none is `user defined`. */
function codeOf(kind: unknown): Fault['code'] {
  return typeof kind === 'string' && /^\w+$/.test(kind) ? kind : 'invalid';
}

/** What mongoose says where the app says nothing: it names the path and quotes the value. */
const MONGOOSE_MESSAGE = /^(Path `|Validator failed for path `|`.*` is not a valid enum value for path `)/s;

/** A validator may throw its message. What is more than a plain Error was not meant for a client. */
function isOwnMessage(message: string, reason: unknown): boolean {
  const isThrown = reason !== undefined;
  const isPlain = reason instanceof Error && reason.name === 'Error' && !('code' in reason);
  return !MONGOOSE_MESSAGE.test(message) && (!isThrown || isPlain);
}

/** A dotted path as a JSON pointer (RFC 6901). */
function pointerTo(path: string): string {
  return `#/${path.replaceAll('~', '~0').replaceAll('/', '~1').replaceAll('.', '/')}`;
}
