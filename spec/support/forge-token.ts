import { constants, createHmac, type KeyObject, sign } from 'node:crypto';

export interface Forgery {
  /** An object, or the JSON by hand: what `JSON.stringify` would not write. */
  header: object | string;
  payload: unknown;
  /** JSON by hand, instead of the payload. */
  rawPayload?: string;
  /** Signs by the header's `alg`, or by `algorithm`; absent: no signature. */
  key?: KeyObject | string;
  algorithm?: string;
}

/** Makes a token by hand, past every check that a library would make (RFC 7515 section 7.1). */
export function forgeToken({ header, payload, rawPayload, key, algorithm }: Forgery): string {
  const head = typeof header === 'string' ? header : JSON.stringify(header);
  const input = [head, rawPayload ?? JSON.stringify(payload)]
    .map((part) => Buffer.from(part).toString('base64url'))
    .join('.');
  const alg = algorithm ?? (typeof header === 'object' ? (header as { alg?: string }).alg : undefined);
  return `${input}.${key === undefined ? '' : signature(input, key, String(alg))}`;
}

/** By an algorithm of RFC 7518 section 3.1. */
function signature(input: string, key: KeyObject | string, alg: string): string {
  const hash = `sha${alg.slice(2)}`;
  if (alg.startsWith('HS')) return createHmac(hash, key).update(input).digest('base64url');
  const options = {
    key: key as KeyObject,
    dsaEncoding: 'ieee-p1363' as const,
    ...(alg.startsWith('PS') && {
      padding: constants.RSA_PKCS1_PSS_PADDING,
      saltLength: constants.RSA_PSS_SALTLEN_DIGEST,
    }),
  };
  return sign(hash, Buffer.from(input), options).toString('base64url');
}
