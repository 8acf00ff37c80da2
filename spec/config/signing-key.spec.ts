import { generateKeyPairSync, randomBytes } from 'node:crypto';
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
