import { createHmac, createSecretKey, type KeyObject } from 'node:crypto';
import type { Algorithm } from '../config/secret.js';

/** One key: what signs, what verifies, and the name both go by in a token's header. */
export interface Key {
  /** The header parameter `kid` (RFC 7515 section 4.1.4). */
  kid: string;
  algorithm: Algorithm;
  signing: KeyObject;
  verifying: KeyObject;
}

/** The current key signs; the current and the previous ones verify, found by `kid`. */
export interface KeyRing {
  current: Key;
  find(kid: unknown): Key | undefined;
}

interface KeySettings {
  secretKey: string;
  previousSecretKeys: readonly string[];
  algorithm: Algorithm;
}

/**
 * Makes the keys once. A `KeyObject` spares jsonwebtoken its attempt to parse a string secret as a public key, at
 * every verification.
 *
 * The one place where kinds of keys differ: an asymmetric algorithm comes as another way to make a {@link Key}.
 *
 * @param settings checked by `resolveOptions`
 */
export function createKeyRing({ secretKey, previousSecretKeys, algorithm }: KeySettings): KeyRing {
  const current = createHmacKey(secretKey, algorithm);
  const byKid = new Map(
    [current, ...previousSecretKeys.map((secret) => createHmacKey(secret, algorithm))].map(entry),
  );
  return {
    current,
    find: (kid) => (typeof kid === 'string' ? byKid.get(kid) : undefined),
  };
}

function entry(key: Key): [string, Key] {
  return [key.kid, key];
}

function createHmacKey(secret: string, algorithm: Algorithm): Key {
  const key = createSecretKey(Buffer.from(secret, 'utf8'));
  // One-way in the secret, so that the name of a key can be public; the same in every process that has the key.
  const kid = createHmac('sha256', key).update(`kid ${algorithm}`).digest('base64url').slice(0, 16);
  return { kid, algorithm, signing: key, verifying: key };
}
