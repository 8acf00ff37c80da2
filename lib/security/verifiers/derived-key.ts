import { pbkdf2, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';

const derivePbkdf2 = promisify(pbkdf2);
const deriveScrypt = promisify<Buffer | string, Buffer | string, number, ScryptOptions, Buffer>(scrypt);

/** A hash of PBKDF2 (RFC 8018), and what it was made with. */
export interface Pbkdf2Hash {
  digest: string;
  iterations: number;
  salt: string;
  key: Buffer;
}

/** A hash of scrypt (RFC 7914), and what it was made with. */
export interface ScryptHash {
  N: number;
  r: number;
  p: number;
  salt: string;
  key: Buffer;
}

/** How long the digests are, in bytes. */
const DIGEST_BYTES: Readonly<Record<string, number>> = { sha1: 20, sha256: 32, sha512: 64 };
/** Of a key in bytes: one that was cut short would fit by chance. */
const MIN_KEY_BYTES = 16;
/** Iterations, times the blocks of the key: a second or two. Django 6 asks for 1,200,000. */
const MAX_ITERATIONS = 5_000_000;
/** N times r: 128 bytes each, 128 MiB. */
const MAX_SCRYPT_MEMORY = 2 ** 20;
/** r times p: 128 bytes each, 2 MiB, which PBKDF2 fills and reads again, whatever N is. Usual are 8 to 128. */
const MAX_SCRYPT_BLOCKS = 2 ** 14;
/** N times r times p: about two seconds. */
const MAX_SCRYPT_WORK = 2 ** 22;

/** Whether a hash is one that can be computed, and in bearable time. */
export function isBearablePbkdf2({ digest, iterations, key }: Pbkdf2Hash): boolean {
  const size = DIGEST_BYTES[digest];
  if (size === undefined || key.length < MIN_KEY_BYTES || !isPositive(iterations)) return false;
  return iterations * Math.ceil(key.length / size) <= MAX_ITERATIONS;
}

/** Whether a hash is one that can be computed, and in bearable time and memory. */
export function isBearableScrypt({ N, r, p, key }: ScryptHash): boolean {
  const isPossible =
    [N, r, p].every(isPositive) && N > 1 && Number.isInteger(Math.log2(N)) && key.length >= MIN_KEY_BYTES;
  return (
    isPossible && N * r <= MAX_SCRYPT_MEMORY && r * p <= MAX_SCRYPT_BLOCKS && N * r * p <= MAX_SCRYPT_WORK
  );
}

export async function fitsPbkdf2(
  password: string,
  { digest, iterations, salt, key }: Pbkdf2Hash,
): Promise<boolean> {
  return timingSafeEqual(await derivePbkdf2(password, salt, iterations, key.length, digest), key);
}

export async function fitsScrypt(password: string, { N, r, p, salt, key }: ScryptHash): Promise<boolean> {
  // Node.js refuses by its own bound of 32 MiB, which is reached by Django's parameters.
  const options = { N, r, p, maxmem: 2 * 128 * N * r + 128 * r * p };
  return timingSafeEqual(await deriveScrypt(password, salt, key.length, options), key);
}

function isPositive(value: number): boolean {
  return Number.isSafeInteger(value) && value > 0;
}
