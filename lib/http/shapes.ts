import type { JsonSchema } from './validation.js';

const text: JsonSchema = { type: 'string' };
const time: JsonSchema = { type: ['string', 'null'], format: 'date-time' };

/**
 * An object with these members, all of them there.
 *
 * @example
 * answer: objectOf({ id: { type: 'string' } })
 */
export function objectOf(properties: Readonly<Record<string, JsonSchema>>): JsonSchema {
  return { type: 'object', properties, required: Object.keys(properties) };
}

/** The answer of what has no more to say. */
export const MESSAGE = objectOf({ message: text });

export const TOKEN_PAIR = objectOf({
  access_token: text,
  refresh_token: text,
  token_type: { const: 'bearer' },
  expires_in: { type: 'integer', minimum: 0 },
});

export const SESSION_LIST: JsonSchema = {
  type: 'array',
  items: objectOf({
    id: text,
    current: { type: 'boolean' },
    device: { type: ['string', 'null'] },
    ip: { type: ['string', 'null'] },
    user_agent: { type: ['string', 'null'] },
    created_at: { type: 'string', format: 'date-time' },
    last_used_at: { type: 'string', format: 'date-time' },
    expires_at: { type: 'string', format: 'date-time' },
  }),
};

/** Beside these the app's own fields. */
export const PUBLIC_USER = objectOf({
  id: text,
  email: { type: 'string', format: 'email' },
  name: { type: ['string', 'null'] },
  displayName: text,
  initials: text,
  roles: { type: 'array', items: text },
  emailVerifiedAt: time,
  createdAt: time,
  updatedAt: time,
});
