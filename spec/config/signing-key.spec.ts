import { generateKeyPairSync, randomBytes, randomInt } from 'node:crypto';
import { expect } from 'chai';
import { optionsFromEnv } from '../../lib/config/options-from-env.js';
import { resolveOptions } from '../../lib/config/resolve-options.js';
import {
  ALGORITHMS,
  type Algorithm,
  checkSigningKey,
  checkVerifyingKey,
  likelyAlgorithm,
} from '../../lib/config/signing-key.js';
import { expectStartRefused } from '../support/failure.js';
import { createKeyPair, toPem } from '../support/key-pairs.js';

const rsa = createKeyPair('RS256');
const ec = createKeyPair('ES256');
const secret = randomBytes(64).toString('base64');

describe('config: signing keys', () => {
  it('signs with five algorithms, and never with none (hold 2)', () => {
    expect(ALGORITHMS).to.deep.equal(['HS256', 'HS384', 'HS512', 'RS256', 'ES256']);
    for (const algorithm of ['none', 'RS512', 'HS1', '']) {
      expect(() => resolveOptions({ algorithm: algorithm as Algorithm, secretKey: secret }, {})).to.throw(
        TypeError,
        /^algorithm: /,
      );
    }
  });

  it('takes a key that fits', () => {
    expect(checkSigningKey('secretKey', secret, 'HS512')).to.equal(secret);
    expect(checkSigningKey('secretKey', rsa.privateKey, 'RS256')).to.equal(rsa.privateKey);
    expect(checkSigningKey('secretKey', ec.privateKey, 'ES256')).to.equal(ec.privateKey);
  });

  it('takes a public key for verifying alone', () => {
    expect(checkVerifyingKey('previousSecretKeys', rsa.publicKey, 'RS256')).to.equal(rsa.publicKey);
    expect(checkVerifyingKey('previousSecretKeys', ec.privateKey, 'ES256')).to.equal(ec.privateKey);
    expect(() => checkSigningKey('secretKey', rsa.publicKey, 'RS256')).to.throw(
      TypeError,
      'secretKey: what is no private key given; allowed: a private key in PEM: an RSA key of at least 2048 bits for RS256',
    );
  });

  const misfits: [string, string, Algorithm, RegExp][] = [
    ['an EC key for RS256', ec.privateKey, 'RS256', /a key of type ec \(prime256v1\) given/],
    ['an RSA key for ES256', rsa.privateKey, 'ES256', /a key of type rsa \(2048 bits\) given/],
    [
      'a short RSA key',
      toPem(generateKeyPairSync('rsa', { modulusLength: 1024 })).privateKey,
      'RS256',
      /rsa \(1024 bits\)/,
    ],
    [
      'another curve',
      toPem(generateKeyPairSync('ec', { namedCurve: 'P-384' })).privateKey,
      'ES256',
      /ec \(secp384r1\)/,
    ],
    ['an Ed25519 key', toPem(generateKeyPairSync('ed25519')).privateKey, 'ES256', /a key of type ed25519/],
    ['a secret for RS256', secret, 'RS256', /a secret, or no PEM, given/],
    ['a PEM key for HS256', rsa.privateKey, 'HS256', /a PEM key given, which does not fit HS256/],
    [
      'an RSA key with an exponent anybody can sign for',
      generateKeyPairSync('rsa', { modulusLength: 2048, publicExponent: 3 })
        .privateKey.export({ type: 'pkcs8', format: 'pem' })
        .toString(),
      'RS256',
      /a key of type rsa \(2048 bits\) given/,
    ],
    ['a broken PEM', rsa.privateKey.slice(0, 200), 'RS256', /what is no private key given/],
  ];
  for (const [what, key, algorithm, message] of misfits) {
    it(`refuses ${what}, in one line without the key (hold 2)`, () => {
      const start = () => resolveOptions({ secretKey: key, algorithm }, {});
      expect(start).to.throw(TypeError, message);
      expect(start).to.throw(/^secretKey: [^\n]*$/);
      expect(start).to.not.throw(key.slice(30, 60));
    });
  }

  it('reads a PEM key from a variable, with \\n for line breaks', () => {
    const oneLine = ec.privateKey.trim().replaceAll('\n', '\\n');
    const options = optionsFromEnv({ AUTH_SECRET_KEY: oneLine, AUTH_ALGORITHM: 'ES256' });
    expect(resolveOptions(options, {}).algorithm).to.equal('ES256');
  });

  it('reads a key from the environment whose algorithm is an explicit option', () => {
    const env = {
      AUTH_SECRET_KEY: ec.privateKey,
      AUTH_PREVIOUS_SECRET_KEYS: `${ec.publicKey},${ec.privateKey}`,
    };
    const settings = resolveOptions({ algorithm: 'ES256' }, env);
    expect(settings.secretKey).to.equal(ec.privateKey.trim());
    expect(settings.previousSecretKeys.length).to.equal(2);
    expect(() => resolveOptions({ algorithm: 'RS256' }, env)).to.throw(TypeError, /AUTH_SECRET_KEY/);
  });

  it('knows which algorithm a key is likely for', () => {
    expect([secret, rsa.privateKey, ec.publicKey, '-----BEGIN junk'].map(likelyAlgorithm)).to.deep.equal([
      'HS256',
      'RS256',
      'ES256',
      'RS256',
    ]);
  });
});

/** RFC 7518 section 3.2. */
const KEY_BYTES = { HS256: 32, HS384: 48, HS512: 64 } as const;
const algorithms = Object.entries(KEY_BYTES) as [keyof typeof KEY_BYTES, number][];

function allowed(algorithm: keyof typeof KEY_BYTES): string {
  const bytes = KEY_BYTES[algorithm];
  return `allowed: a random secret of at least ${bytes} bytes for ${algorithm}, e.g. from \`openssl rand -base64 ${bytes}\``;
}

/** Text of so many bytes that no placeholder is in. */
function secretOf(bytes: number): string {
  return randomBytes(bytes).toString('hex').slice(0, bytes);
}

describe('the check of a secret', () => {
  for (const [algorithm, bytes] of algorithms) {
    it(`takes ${bytes} bytes for ${algorithm} and refuses one less (hold 1)`, () => {
      const secret = secretOf(bytes);
      expect(checkSigningKey('secretKey', secret, algorithm)).to.equal(secret);
      expect(expectStartRefused(() => checkSigningKey('secretKey', secret.slice(1), algorithm))).to.equal(
        `secretKey: a secret of ${bytes - 1} bytes given; ${allowed(algorithm)}`,
      );
    });
  }

  it('counts bytes, not characters', () => {
    const secret = 'éèêëàâäîïôöùûüçñ';
    expect(checkSigningKey('secretKey', secret, 'HS256')).to.equal(secret);
    expect(() => checkSigningKey('secretKey', secret.slice(1), 'HS256')).to.throw(
      'a secret of 30 bytes given',
    );
  });

  it('says that one is missing, by the name it is set by (hold 1)', () => {
    for (const nothing of [undefined, '', ' '.repeat(40), '\n']) {
      expect(expectStartRefused(() => checkSigningKey('AUTH_SECRET_KEY', nothing, 'HS256'))).to.equal(
        `AUTH_SECRET_KEY: required and not given; ${allowed('HS256')}`,
      );
    }
  });

  for (const placeholder of [
    'change-me-change-me-change-me-change-me',
    'please_change_this_to_a_long_random_text',
    'CHANGEME0123456789012345678901234567890',
    'replace-with-a-random-secret-of-32-bytes',
    'your-secret-key-your-secret-key-your-secret-key',
    'your_own_secret_0123456789_0123456789',
    'this-is-a-placeholder-for-your-environment',
    '<a random secret of at least 32 bytes>',
    // From jwt.io, Supabase and other places that are copied from.
    'a-string-secret-at-least-256-bits-long',
    'super-secret-jwt-token-with-at-least-32-characters-long',
    'your-256-bit-secret-your-256-bit-secret',
    'insert-a-long-random-secret-here-please',
    'my-secret-key-0123456789-0123456789-abcd',
    // What a shell would have replaced.
    '$(openssl rand -base64 32)__________',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: as an env file has it
    '${AUTH_SECRET_KEY_OF_THE_DEPLOYMENT}',
  ]) {
    it(`refuses the placeholder ${placeholder} without repeating it (hold 1)`, () => {
      expect(expectStartRefused(() => checkSigningKey('secretKey', placeholder, 'HS256'))).to.equal(
        `secretKey: a placeholder given; ${allowed('HS256')}`,
      );
    });
  }

  for (const [words, predictable] of [
    // From the FastAPI tutorial, copied into a great many apps.
    ['a published key', '09d25e094faa6ca2556c818166b7a9563b93f7099f6f0f4caa6cf63b88e8d3e7'],
    ['a secret of repetitions or sequences', 'a'.repeat(32)],
    ['a secret of words', 'nobody will ever guess what I wrote'],
  ] as const) {
    it(`refuses ${words}, as the current key and as a previous one, without repeating it (hold 87)`, () => {
      const message = (option: string) => `${option}: ${words} given; ${allowed('HS256')}`;
      const start = (options: object, env = {}) =>
        expectStartRefused(() => resolveOptions({ secretKey: secret, ...options }, env));
      expect(start({ secretKey: predictable })).to.equal(message('secretKey'));
      expect(start({ previousSecretKeys: [predictable] })).to.equal(message('previousSecretKeys'));
      for (const variable of ['AUTH_SECRET_KEY', 'AUTH_PREVIOUS_SECRET_KEYS']) {
        expect(expectStartRefused(() => optionsFromEnv({ [variable]: predictable }))).to.equal(
          message(variable),
        );
      }
    });
  }

  it('refuses a PEM key, which an HMAC would take for text (hold 2)', () => {
    const pem = `-----BEGIN PRIVATE KEY-----\n${randomBytes(96).toString('base64')}\n-----END PRIVATE KEY-----\n`;
    for (const key of [pem, `\n ${pem}`]) {
      expect(expectStartRefused(() => checkSigningKey('secretKey', key, 'HS256'))).to.equal(
        `secretKey: a PEM key given, which does not fit HS256; ${allowed('HS256')}`,
      );
    }
  });

  it('refuses other types, without repeating them', () => {
    for (const [value, type] of [
      [12_345_678_901_234, 'number'],
      [true, 'boolean'],
      [null, 'object'],
      [Buffer.alloc(64, 'secret'), 'object'],
      [['secret'], 'object'],
    ]) {
      expect(expectStartRefused(() => checkSigningKey('secretKey', value, 'HS256'))).to.equal(
        `secretKey: a value of type ${type} given; ${allowed('HS256')}`,
      );
    }
  });

  it('takes random secrets of all printable characters, quotes and dollars among them', () => {
    const printable = Array.from({ length: 94 }, (_, index) => String.fromCharCode(33 + index));
    for (const first of printable) {
      const secret = first + Array.from({ length: 63 }, () => printable[randomInt(94)]).join('');
      expect(checkSigningKey('secretKey', secret, 'HS256')).to.equal(secret);
    }
  });
});
