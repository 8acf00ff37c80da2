import { createHash, randomBytes } from 'node:crypto';

const BYTES = 32;

/** A secret for a link that works once, and what is stored of it. */
export interface OneTimeSecret {
  secret: string;
  hash: string;
}

/** Makes one: 256 random bits. Only its hash is ever stored (OWASP ASVS 5.0 6.5.2). */
export function createOneTimeSecret(): OneTimeSecret {
  const secret = randomBytes(BYTES).toString('base64url');
  return { secret, hash: hashOneTimeSecret(secret) };
}

/** A plain hash is enough: what is hashed has 256 bits of entropy and cannot be guessed. */
export function hashOneTimeSecret(secret: string): string {
  return createHash('sha256').update(secret, 'utf8').digest('base64url');
}
