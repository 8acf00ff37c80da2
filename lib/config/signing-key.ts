import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { checkSecretKey, type HmacAlgorithm, isPem, KEY_BYTES } from './secret.js';

export type { HmacAlgorithm };

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
    ? checkSecretKey(name, value, algorithm)
    : checkPem(name, value, algorithm, 'private key', parsePrivateKey);
}

/**
 * Checks that a key can verify: as {@link checkSigningKey}, but of a pair the public key is enough.
 *
 * @throws TypeError that names the option or variable
 */
export function checkVerifyingKey(name: string, value: unknown, algorithm: Algorithm): string {
  return isHmac(algorithm)
    ? checkSecretKey(name, value, algorithm)
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

/** Without the reason: OpenSSL's is unreadable, and it is about a secret. */
function tryTo<T>(run: () => T): T | undefined {
  try {
    return run();
  } catch {
    return undefined;
  }
}
