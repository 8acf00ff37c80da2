import { generateKeyPairSync, type KeyPairKeyObjectResult } from 'node:crypto';

export interface PemPair {
  privateKey: string;
  publicKey: string;
}

/** A new key pair in PEM, as `openssl genpkey` and `openssl pkey -pubout` write it. */
export function createKeyPair(algorithm: 'RS256' | 'ES256'): PemPair {
  return toPem(
    algorithm === 'RS256'
      ? generateKeyPairSync('rsa', { modulusLength: 2048 })
      : generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  );
}

export function toPem({ privateKey, publicKey }: KeyPairKeyObjectResult): PemPair {
  return {
    privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    publicKey: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
  };
}
