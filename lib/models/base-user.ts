import mongoose, { Schema, type SchemaDefinition } from 'mongoose';
import { isEmailAddress, normalizeEmail } from '../security/email-address.js';
import { BCRYPT_HASH } from '../security/password-hash.js';
import type { BaseUserModel, BaseUserSchema } from './base-user-types.js';
import { publicUser } from './public-user.js';

export const NAME_MAX_LENGTH = 200;

export const baseUserDefinition = {
  email: {
    type: String,
    required: true,
    unique: true,
    set: (email: unknown) => (typeof email === 'string' ? normalizeEmail(email) : email),
    validate: {
      validator: isEmailAddress,
      message: 'This is not an email address that can be used.',
      // The code of the fault.
      type: 'invalid_email',
    },
  },
  name: {
    type: String,
    default: null,
    // Blanks alone are no name.
    set: (name: unknown) => (typeof name === 'string' ? name.trim() || null : name),
    maxlength: NAME_MAX_LENGTH,
  },
  password: {
    type: String,
    select: false,
    // A password assigned in plain text would be stored in plain text: set one by `router.service.setPassword`.
    match: [BCRYPT_HASH, 'The password must be stored as a bcrypt hash.'],
  },
  roles: { type: [String], default: () => [] },
  emailVerifiedAt: { type: Date, default: null },
  disabledAt: { type: Date, default: null },
  // See `security-stamp.ts`.
  securityStamp: { type: String, select: false },
  passwordStamp: { type: String, select: false },
  // What the user has set up beside the password: see `accounts/ways-in.ts`.
  waysIn: {
    type: [Schema.Types.Mixed],
    select: false,
    default: undefined,
  },
} as const satisfies SchemaDefinition;

/** The base fields that no request may set and no app may offer as fields of its own. */
export const BASE_PATHS: readonly string[] = [
  // Mongoose's virtual: who sets it, sets `_id`.
  'id',
  ...Object.keys(baseUserDefinition),
  'createdAt',
  'updatedAt',
  'displayName',
  'initials',
];

const virtuals = {
  displayName: {
    get(this: { name?: string | null; email: string }): string {
      return (typeof this.name === 'string' && this.name.trim()) || this.email;
    },
  },
  initials: {
    get(this: { name?: string | null; email: string }): string {
      return initialsOf(typeof this.name === 'string' ? this.name : '', this.email);
    },
  },
};

/**
 * Lets documents become the public user in JSON. A schema that says itself how they do has the last word; one that has
 * other options for JSON keeps them.
 */
export function showPublicUser(schema: Schema): void {
  const toJSON = schema.get('toJSON');
  if (!toJSON?.transform) schema.set('toJSON', { ...toJSON, transform: (document) => publicUser(document) });
}

/**
 * The schema of {@link BaseUser}. Extend the model by a discriminator, or a schema of your own by {@link baseUserPlugin}.
 *
 * @example
 * const Member = createConnection(uri).model('Member', baseUserSchema);
 */
export const baseUserSchema: BaseUserSchema = new Schema();
baseUserPlugin(baseUserSchema);

/**
 * Gives a schema of the app's own the base fields, with their index and virtuals: `schema.plugin(baseUserPlugin)`.
 * A `name` that the schema has stays the schema's.
 *
 * @throws TypeError when the schema defines another base field itself
 *
 * @example
 * const schema = new Schema({ plan: String });
 * schema.plugin(baseUserPlugin);
 * const Member = connection.model('Member', schema);
 */
export function baseUserPlugin(schema: Schema): void {
  const base = [...Object.keys(baseUserDefinition), ...Object.keys(virtuals)];
  const own = base.filter((path) => schema.pathType(path) !== 'adhocOrUndefined');
  // All of them: plugged in already.
  if (own.length === base.length) return;
  const clash = own.filter((path) => path !== 'name');
  if (clash.length > 0) {
    throw new TypeError(
      `baseUserPlugin: the schema defines ${clash.join(', ')} itself; leave it to the plugin`,
    );
  }
  const { name, ...others } = baseUserDefinition;
  schema.add(own.includes('name') ? others : { name, ...others });
  for (const [path, { get }] of Object.entries(virtuals)) schema.virtual(path).get(get);
  if (!schema.get('timestamps')) schema.set('timestamps', true);
  showPublicUser(schema);
}

/**
 * The user model on mongoose's default connection, collection `users`.
 *
 * @example
 * const User = BaseUser.discriminator('User', new Schema({ phone: String }));
 */
export const BaseUser: BaseUserModel = mongoose.model(
  'BaseUser',
  withoutSideEffects(baseUserSchema),
  'users',
);

/**
 * Who imports the kit and has users of another model gets no collection and no index: the router makes those of the
 * model it is given.
 */
function withoutSideEffects<S extends Schema>(schema: S): S {
  const copy = schema.clone();
  copy.set('autoCreate', false);
  copy.set('autoIndex', false);
  return copy;
}

/** `Jean Paul Dupont` JD, `jean.dupont@` JD; a single word gives its first two letters: `francois@` FR. */
function initialsOf(name: string, email: string): string {
  const words = name.split(/\s+/).filter(Boolean);
  const parts = words.length > 0 ? words : (email.split('@')[0] ?? '').split(/[._+-]+/).filter(Boolean);
  const [first = '', ...rest] = parts;
  const last = rest.at(-1);
  const letters =
    last === undefined ? lettersOf(first).slice(0, 2) : [lettersOf(first)[0], lettersOf(last)[0]];
  return letters.join('').toUpperCase();
}

/** As a reader sees them: an accent stays on its letter, an emoji is one. */
function lettersOf(word: string): string[] {
  return Array.from(new Intl.Segmenter().segment(word), ({ segment }) => segment);
}
