import { createHash, createHmac, createSecretKey, type KeyObject } from 'node:crypto';
import {
  type Algorithm,
  type HmacAlgorithm,
  isHmac,
  parsePrivateKey,
  parsePublicKey,
} from '../config/signing-key.js';

/** What verifies a token, and the name it goes by in the token's header. */
export interface Key {
  /** The header parameter `kid` (RFC 7515 section 4.1.4). */
  kid: string;
  verifying: KeyObject;
}

/** A key that signs too. */
export interface SigningKey extends Key {
  signing: KeyObject;
}

/** A public key as others read it (RFC 7517 section 4). */
export interface Jwk {
  kid: string;
  use: 'sig';
  alg: Algorithm;
  /** The members of the kind of key: `kty`, `n`, `e` and so on. */
  [member: string]: unknown;
}

/** The current key signs; the current and the previous ones verify, found by `kid`. */
export interface KeyRing {
  algorithm: Algorithm;
  current: SigningKey;
  find(kid: unknown): Key | undefined;
  /** What others may verify our tokens with: the public keys (RFC 7517 section 5); none of shared secrets. */
  jwks(): { keys: Jwk[] };
}

interface KeySettings {
  secretKey: string;
  previousSecretKeys: readonly string[];
  algorithm: Algorithm;
  /** Whose tokens they are: the collection of the users; that of `BaseUser` by default. */
  kind?: string;
}

/** Needs no mention in the name of a key. */
const USUAL_KIND = 'users';

/**
 * Makes the keys once. A `KeyObject` spares jsonwebtoken its attempt to parse a string secret as a public key, at
 * every verification.
 *
 * The name of a key is also that of the kind of users, but for the usual one: a token of another kind then names no key of
 * ours, though it was signed with the same, and no guard has to ask the database to know.
 *
 * @param settings checked by `resolveOptions`
 */
export function createKeyRing(settings: KeySettings): KeyRing {
  const { secretKey, previousSecretKeys, algorithm, kind = USUAL_KIND } = settings;
  const named = <K extends Key>(key: K): K =>
    kind === USUAL_KIND ? key : { ...key, kid: `${key.kid}.${kind}` };
  const current = named(isHmac(algorithm) ? secretOf(secretKey, algorithm) : pairOf(secretKey));
  const previous = previousSecretKeys.map((key) =>
    named(isHmac(algorithm) ? secretOf(key, algorithm) : publicOf(key)),
  );
  const keys: Key[] = [current, ...previous];
  const byKid = new Map(keys.map((key) => [key.kid, key]));
  return {
    algorithm,
    current,
    find: (kid) => (typeof kid === 'string' ? byKid.get(kid) : undefined),
    jwks: () => ({
      keys: isHmac(algorithm) ? [] : [...byKid.values()].map((key) => publicJwk(key, algorithm)),
    }),
  };
}

function secretOf(secret: string, algorithm: HmacAlgorithm): SigningKey {
  const key = createSecretKey(Buffer.from(secret, 'utf8'));
  // One-way in the secret, so that the name of a key can be public; the same in every process that has the key.
  const kid = createHmac('sha256', key).update(`kid ${algorithm}`).digest('base64url').slice(0, 16);
  return { kid, signing: key, verifying: key };
}

function pairOf(pem: string): SigningKey {
  return { ...publicOf(pem), signing: parsePrivateKey(pem) };
}

function publicOf(pem: string): Key {
  const verifying = parsePublicKey(pem);
  return { kid: thumbprint(verifying), verifying };
}

/** RFC 7638: the hash of the members that make the key, in the order of the alphabet. */
function thumbprint(key: KeyObject): string {
  const { crv, e, kty, n, x, y } = key.export({ format: 'jwk' });
  return createHash('sha256').update(JSON.stringify({ crv, e, kty, n, x, y })).digest('base64url');
}

function publicJwk({ kid, verifying }: Key, algorithm: Algorithm): Jwk {
  return { ...verifying.export({ format: 'jwk' }), kid, use: 'sig', alg: algorithm };
}
