import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { findPredictable } from './predictable-secret.js';

/** The algorithms that sign with a shared secret (RFC 7518 section 3.2), and the bytes each needs. */
export const KEY_BYTES = { HS256: 32, HS384: 48, HS512: 64 } as const;

export type HmacAlgorithm = keyof typeof KEY_BYTES;

/** The algorithms (RFC 7518 section 3.1) that sign with a private key, and the kind of key each needs. */
const KEY_KINDS = {
  RS256: 'an RSA key of at least 2048 bits',
  ES256: 'an EC key on the curve P-256',
} as const;

type AsymmetricAlgorithm = keyof typeof KEY_KINDS;

/** The signature algorithms that tokens can have. `none` is not among them. */
export type Algorithm = HmacAlgorithm | AsymmetricAlgorithm;

export const ALGORITHMS = [...Object.keys(KEY_BYTES), ...Object.keys(KEY_KINDS)] as readonly Algorithm[];

export function isHmac(algorithm: Algorithm): algorithm is HmacAlgorithm {
  return algorithm in KEY_BYTES;
}

/** The weakest algorithm that a key can be for: what it must fit as long as the algorithm is not known. */
export function likelyAlgorithm(key: string): Algorithm {
  if (!isPem(key)) return 'HS256';
  return tryTo(() => parsePublicKey(key))?.asymmetricKeyType === 'ec' ? 'ES256' : 'RS256';
}

/**
 * Checks that a key can sign with the algorithm: a secret that is long enough, or a private key in PEM of the right
 * kind. Its value never appears in the message.
 *
 * @throws TypeError that names the option or variable
 */
export function checkSigningKey(name: string, value: unknown, algorithm: Algorithm): string {
  return isHmac(algorithm)
    ? checkSecret(name, value, algorithm)
    : checkPem(name, value, algorithm, 'private key', parsePrivateKey);
}

/**
 * Checks that a key can verify: as {@link checkSigningKey}, but of a pair the public key is enough.
 *
 * @throws TypeError that names the option or variable
 */
export function checkVerifyingKey(name: string, value: unknown, algorithm: Algorithm): string {
  return isHmac(algorithm)
    ? checkSecret(name, value, algorithm)
    : checkPem(name, value, algorithm, 'private or public key', parsePublicKey);
}

/** An environment variable has no line breaks: `\\n` stands for one. */
export function parsePrivateKey(pem: string): KeyObject {
  return createPrivateKey(withLineBreaks(pem));
}

/** The public key of a pair, from either of its keys. */
export function parsePublicKey(pem: string): KeyObject {
  return createPublicKey(withLineBreaks(pem));
}

function withLineBreaks(pem: string): string {
  return pem.replaceAll('\\n', '\n');
}

function checkPem(
  name: string,
  value: unknown,
  algorithm: AsymmetricAlgorithm,
  what: string,
  parse: (pem: string) => KeyObject,
): string {
  const allowed = `a ${what} in PEM: ${KEY_KINDS[algorithm]} for ${algorithm}`;
  const given = (words: string): never => {
    throw new TypeError(`${name}: ${words} given; allowed: ${allowed}`);
  };
  if (value === undefined || value === '')
    throw new TypeError(`${name}: required and not given; allowed: ${allowed}`);
  if (typeof value !== 'string') return given(`a value of type ${typeof value}`);
  if (!isPem(value)) return given('a secret, or no PEM,');
  const key = tryTo(() => parse(value));
  if (!key) return given(`what is no ${what}`);
  const { modulusLength = 0, publicExponent = 0n, namedCurve } = key.asymmetricKeyDetails ?? {};
  const kind = key.asymmetricKeyType ?? 'unknown';
  const fits = {
    // With an exponent of 1 anybody can sign; NIST SP 800-56B section 6.2 asks for more than 65536.
    RS256: kind === 'rsa' && modulusLength >= 2048 && publicExponent > 65_536n,
    ES256: kind === 'ec' && namedCurve === 'prime256v1',
  };
  return fits[algorithm] ? value : given(`a key of type ${kind} (${namedCurve ?? `${modulusLength} bits`})`);
}

/**
 * Checks that a secret can sign with the algorithm: long enough (RFC 7518 section 3.2: a key of at least the size of
 * the hash), not predictable ({@link findPredictable}), not a PEM key. Its value never appears in the message. A previous one
 * is checked like the current one: who guesses a key that verifies makes tokens that pass.
 *
 * @throws TypeError that names the option or variable
 */
function checkSecret(name: string, value: unknown, algorithm: HmacAlgorithm): string {
  const needed = KEY_BYTES[algorithm];
  const allowed = `a random secret of at least ${needed} bytes for ${algorithm}, e.g. from \`openssl rand -base64 ${needed}\``;
  if (value === undefined || (typeof value === 'string' && value.trim() === ''))
    throw new TypeError(`${name}: required and not given; allowed: ${allowed}`);
  if (typeof value !== 'string')
    throw new TypeError(`${name}: a value of type ${typeof value} given; allowed: ${allowed}`);
  const bytes = Buffer.byteLength(value, 'utf8');
  if (isPem(value)) {
    throw new TypeError(`${name}: a PEM key given, which does not fit ${algorithm}; allowed: ${allowed}`);
  }
  if (bytes < needed) throw new TypeError(`${name}: a secret of ${bytes} bytes given; allowed: ${allowed}`);
  const predictable = findPredictable(value);
  if (predictable) throw new TypeError(`${name}: ${predictable} given; allowed: ${allowed}`);
  return value;
}

/** Whether a key is of the kind that comes in PEM (RFC 7468). */
function isPem(value: string): boolean {
  return /^\s*-----BEGIN/.test(value);
}

/** Without the reason: OpenSSL's is unreadable, and it is about a secret. */
function tryTo<T>(run: () => T): T | undefined {
  try {
    return run();
  } catch {
    return undefined;
  }
}
