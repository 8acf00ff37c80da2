/** The algorithms that sign with a shared secret (RFC 7518 section 3.2), and the bytes each needs. */
export const KEY_BYTES = { HS256: 32, HS384: 48, HS512: 64 } as const;

export type HmacAlgorithm = keyof typeof KEY_BYTES;

/** Words that only example files use, commands that nobody carried out, and keys that others have published. */
const PLACEHOLDERS = [
  /change[-_ ]?(me|this|it)|(replace|insert|put|enter|use)[-_ ]?(me|this|it|with|a|your)[-_ ]|placeholder|example[-_ ]?(secret|key)/i,
  /your[-_ ](own[-_ ])?(secret|key|jwt|auth|super|random|long|private|\d+[-_ ]?(bit|byte))/i,
  /^<.*>$|^["']?(\$[({]|`)/,
  /(super|my|top)[-_ ]?(super[-_ ]?)?secret|secret[-_ ]?(jwt|key|token)|at[-_ ]least[-_ ]\d+/i,
  // The tutorial of FastAPI, since 2018.
  /^09d25e094faa6ca2556c818166b7a9563b93f7099f6f0f4caa6cf63b88e8d3e7$/,
];

/** Fewer different characters than any random secret has: `aaaa...`, `12341234...`. */
const MIN_DISTINCT = 8;

/** Whether a key is of the kind that comes in PEM (RFC 7468). */
export function isPem(value: string): boolean {
  return /^\s*-----BEGIN/.test(value);
}

/**
 * Checks that a secret can sign with the algorithm: long enough (RFC 7518 section 3.2: a key of at least the size of
 * the hash), not a placeholder, not a PEM key. Its value never appears in the message.
 *
 * @throws TypeError that names the option or variable
 */
export function checkSecretKey(name: string, value: unknown, algorithm: HmacAlgorithm): string {
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
  const isPlaceholder = PLACEHOLDERS.some((placeholder) => placeholder.test(value));
  if (isPlaceholder || new Set(value).size < MIN_DISTINCT)
    throw new TypeError(`${name}: a placeholder given; allowed: ${allowed}`);
  return value;
}
