import { randomBytes } from 'node:crypto';
import { expect } from 'chai';
import { checkSecretKey, KEY_BYTES } from '../../lib/config/secret.js';
import { expectStartRefused } from '../support/failure.js';

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
      expect(checkSecretKey('secretKey', secret, algorithm)).to.equal(secret);
      expect(expectStartRefused(() => checkSecretKey('secretKey', secret.slice(1), algorithm))).to.equal(
        `secretKey: a secret of ${bytes - 1} bytes given; ${allowed(algorithm)}`,
      );
    });
  }

  it('counts bytes, not characters', () => {
    const secret = 'éèêëàâäîïôöùûüçñ';
    expect(checkSecretKey('secretKey', secret, 'HS256')).to.equal(secret);
    expect(() => checkSecretKey('secretKey', secret.slice(1), 'HS256')).to.throw(
      'a secret of 30 bytes given',
    );
  });

  it('says that one is missing, by the name it is set by (hold 1)', () => {
    for (const nothing of [undefined, '', ' '.repeat(40), '\n']) {
      expect(expectStartRefused(() => checkSecretKey('AUTH_SECRET_KEY', nothing, 'HS256'))).to.equal(
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
    'a'.repeat(32),
    '0'.repeat(64),
    '1234567'.repeat(10),
    // From the FastAPI tutorial, copied into a great many apps.
    '09d25e094faa6ca2556c818166b7a9563b93f7099f6f0f4caa6cf63b88e8d3e7',
  ]) {
    it(`refuses the placeholder ${placeholder} without repeating it (hold 1)`, () => {
      expect(expectStartRefused(() => checkSecretKey('secretKey', placeholder, 'HS256'))).to.equal(
        `secretKey: a placeholder given; ${allowed('HS256')}`,
      );
    });
  }

  it('refuses a PEM key, which an HMAC would take for text (hold 2)', () => {
    const pem = `-----BEGIN PRIVATE KEY-----\n${randomBytes(96).toString('base64')}\n-----END PRIVATE KEY-----\n`;
    for (const key of [pem, `\n ${pem}`]) {
      expect(expectStartRefused(() => checkSecretKey('secretKey', key, 'HS256'))).to.equal(
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
      expect(expectStartRefused(() => checkSecretKey('secretKey', value, 'HS256'))).to.equal(
        `secretKey: a value of type ${type} given; ${allowed('HS256')}`,
      );
    }
  });

  it('takes random secrets of all printable characters, quotes and dollars among them', () => {
    const printable = Array.from({ length: 94 }, (_, index) => String.fromCharCode(33 + index));
    for (let shift = 0; shift < printable.length; shift += 1) {
      const secret = `x${[...printable.slice(shift), ...printable.slice(0, shift)].join('')}`;
      expect(checkSecretKey('secretKey', secret, 'HS256')).to.equal(secret);
    }
  });

  it('takes what openssl rand makes, a thousand times', () => {
    for (let time = 0; time < 1000; time += 1) {
      const secret = randomBytes(32).toString(time % 2 ? 'base64' : 'hex');
      expect(checkSecretKey('secretKey', secret, 'HS256')).to.equal(secret);
    }
  });
});
