import { createHash, randomBytes } from 'node:crypto';
import { expect } from 'chai';
import { calculateJwkThumbprint, type JWK } from 'jose';
import { createKeyRing } from '../../lib/security/key-ring.js';
import { createKeyPair } from '../support/key-pairs.js';

const secretKey = randomBytes(64).toString('base64');
const earlier = randomBytes(64).toString('base64');
const settings = { secretKey, previousSecretKeys: [earlier], algorithm: 'HS256' } as const;

describe('the key ring', () => {
  it('names a key the same in every process that has it', () => {
    expect(createKeyRing(settings).current.kid).to.equal(createKeyRing(settings).current.kid);
  });

  it('names another secret, and another algorithm, differently', () => {
    const names = [
      createKeyRing(settings),
      createKeyRing({ ...settings, secretKey: earlier }),
      createKeyRing({ ...settings, algorithm: 'HS512' }),
    ].map(({ current }) => current.kid);
    expect(new Set(names).size).to.equal(3);
  });

  it('knows no key by the name it has for another kind of users (hold 74)', () => {
    const [users, admins] = [createKeyRing(settings), createKeyRing({ ...settings, kind: 'admins' })];
    expect(admins.current.kid).to.equal(`${users.current.kid}.admins`);
    expect([admins.find(users.current.kid), users.find(admins.current.kid)]).to.deep.equal([
      undefined,
      undefined,
    ]);
    const { kid } = createKeyRing({ ...settings, secretKey: earlier, kind: 'admins' }).current;
    expect(admins.find(kid)).to.not.equal(undefined);
  });

  it('tells nothing of the secret in the name', () => {
    const { kid } = createKeyRing(settings).current;
    expect(kid).to.match(/^[\w-]{16}$/);
    const guesses = ['sha1', 'sha256', 'sha512'].map((name) =>
      createHash(name).update(secretKey).digest('base64url'),
    );
    for (const text of [secretKey, ...guesses]) expect(text).to.not.include(kid);
  });

  it('signs with the current key, and finds it and the earlier ones by name (hold 15)', () => {
    const ring = createKeyRing(settings);
    const former = createKeyRing({ ...settings, secretKey: earlier, previousSecretKeys: [] }).current;
    expect(ring.find(ring.current.kid)).to.equal(ring.current);
    const found = ring.find(former.kid);
    expect(found?.verifying.equals(former.signing)).to.equal(true);
    expect(ring.current.signing.equals(former.signing)).to.equal(false);
  });

  it('finds nothing by another name or another type of name (hold 5)', () => {
    const ring = createKeyRing(settings);
    for (const kid of ['', 'other', '__proto__', 'constructor', undefined, null, 5, {}, [ring.current.kid]]) {
      expect(ring.find(kid)).to.equal(undefined);
    }
  });

  it('holds the secret as a key object, which does not print', () => {
    const { signing, verifying } = createKeyRing(settings).current;
    expect([signing.type, verifying.type]).to.deep.equal(['secret', 'secret']);
    expect(JSON.stringify(createKeyRing(settings))).to.not.include(secretKey.slice(0, 16));
    expect(signing.export().toString()).to.equal(secretKey);
  });

  it('takes a secret that is among the earlier ones too', () => {
    const ring = createKeyRing({ ...settings, previousSecretKeys: [secretKey] });
    expect(ring.find(ring.current.kid)?.verifying.equals(ring.current.signing)).to.equal(true);
  });

  it('publishes nothing of shared secrets', () => {
    expect(createKeyRing(settings).jwks()).to.deep.equal({ keys: [] });
  });

  for (const algorithm of ['RS256', 'ES256'] as const) {
    describe(`of ${algorithm} key pairs`, () => {
      const [pair, former, retired] = [
        createKeyPair(algorithm),
        createKeyPair(algorithm),
        createKeyPair(algorithm),
      ];
      const ring = createKeyRing({
        secretKey: pair.privateKey,
        previousSecretKeys: [former.privateKey, retired.publicKey],
        algorithm,
      });

      it('signs with the private key, verifies with the public one', () => {
        expect(ring.algorithm).to.equal(algorithm);
        expect([ring.current.signing.type, ring.current.verifying.type]).to.deep.equal(['private', 'public']);
      });

      it('verifies with earlier keys, of which the public half is enough (hold 15)', () => {
        for (const { publicKey } of [former, retired]) {
          const { current } = createKeyRing({
            secretKey: pair.privateKey,
            previousSecretKeys: [publicKey],
            algorithm,
          });
          expect(current.kid).to.equal(ring.current.kid);
        }
        const kids = ring.jwks().keys.map(({ kid }) => kid);
        expect(kids.map((kid) => ring.find(kid)?.verifying.type)).to.deep.equal([
          'public',
          'public',
          'public',
        ]);
        expect(kids[0]).to.equal(ring.current.kid);
      });

      it('names a key by its thumbprint (RFC 7638) and publishes no private member', async () => {
        for (const { kid, use, alg, ...jwk } of ring.jwks().keys) {
          expect(kid).to.equal(await calculateJwkThumbprint(jwk as JWK));
          expect({ use, alg }).to.deep.equal({ use: 'sig', alg: algorithm });
          expect(jwk).to.not.have.any.keys('d', 'p', 'q', 'dp', 'dq', 'qi', 'k');
        }
      });
    });
  }
});
