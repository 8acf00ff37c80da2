import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { type Command, Option } from 'commander';
import { ALGORITHMS, type Algorithm, checkSigningKey, isHmac, KEY_BYTES } from '../config/signing-key.js';
import type { Terminal } from './terminal.js';

/** A new key, as `AUTH_SECRET_KEY` takes it. */
export interface NewKey {
  secretKey: string;
  /** Of a pair. */
  publicKey?: string;
}

/** How often chance may make a secret that looks like none: less than once in 10^7. */
const ATTEMPTS = 5;

/** A random key that fits an algorithm and passes the start's own check. */
export function createKey(algorithm: Algorithm): NewKey {
  for (let attempt = 1; ; attempt += 1) {
    const key = isHmac(algorithm)
      ? { secretKey: randomBytes(KEY_BYTES[algorithm]).toString('base64') }
      : createPair(algorithm);
    try {
      checkSigningKey('secretKey', key.secretKey, algorithm);
      return key;
    } catch (error) {
      if (attempt === ATTEMPTS) throw error;
    }
  }
}

function createPair(algorithm: 'RS256' | 'ES256'): Required<NewKey> {
  const { privateKey, publicKey } =
    algorithm === 'RS256'
      ? generateKeyPairSync('rsa', { modulusLength: 3072 })
      : generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return {
    secretKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString().trim(),
    publicKey: publicKey.export({ type: 'spki', format: 'pem' }).toString().trim(),
  };
}

/** `secret`: a key for `AUTH_SECRET_KEY`, and nothing else on standard output. */
export function addSecret(program: Command, terminal: Terminal): void {
  program
    .command('secret')
    .description('print a new key for AUTH_SECRET_KEY')
    .addOption(
      new Option('--algorithm <name>', 'what it signs with; RS256 and ES256 print the private key in PEM')
        .choices(ALGORITHMS)
        .default('HS256'),
    )
    .option('--json', 'print JSON; of a pair with the public key')
    .action(({ algorithm, json }: { algorithm: Algorithm; json?: boolean }) => {
      const key = createKey(algorithm);
      terminal.print(json ? JSON.stringify({ algorithm, ...key }) : key.secretKey);
    });
}
