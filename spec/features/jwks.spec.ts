import { createHmac, createPublicKey } from 'node:crypto';
import { expect } from 'chai';
import { calculateJwkThumbprint, createLocalJWKSet, createRemoteJWKSet, jwtVerify } from 'jose';
import { createKeyPair } from '../support/key-pairs.js';
import { bearer, createTestApp } from '../support/test-app.js';

describe('GET /.well-known/jwks.json', () => {
  it('shows no key of a shared secret', async () => {
    const app = await createTestApp();
    try {
      const { body } = await app.http.get('/auth/.well-known/jwks.json').expect(200);
      expect(body).to.deep.equal({ keys: [] });
    } finally {
      await app.close();
    }
  });

  for (const algorithm of ['RS256', 'ES256'] as const) {
    it(`lets another library verify our access tokens by our keys: ${algorithm}`, async () => {
      const [now, before] = [createKeyPair(algorithm), createKeyPair(algorithm)];
      const app = await createTestApp({
        algorithm,
        secretKey: now.privateKey,
        previousSecretKeys: [before.publicKey],
        issuer: 'https://auth.example.com',
        audience: 'shop',
      });
      try {
        const { access_token, id, email } = await app.signUp();
        const remote = createRemoteJWKSet(new URL(`${app.url}/auth/.well-known/jwks.json`));
        const { payload, protectedHeader } = await jwtVerify(access_token, remote, {
          issuer: 'https://auth.example.com',
          audience: 'shop',
          algorithms: [algorithm],
          typ: 'at+jwt',
        });
        expect(payload).to.include({ sub: id, email, type: 'access' });

        const { body, headers } = await app.http.get('/auth/.well-known/jwks.json').expect(200);
        expect(headers['cache-control']).to.equal('public, max-age=300');
        expect(body.keys.length).to.equal(2);
        for (const key of body.keys) {
          expect(key).to.include({ use: 'sig', alg: algorithm, kid: await calculateJwkThumbprint(key) });
          expect(key).to.not.have.any.keys('d', 'p', 'q', 'dp', 'dq', 'qi', 'k');
        }
        expect(protectedHeader.kid).to.equal(body.keys[0].kid);
        await app.http.get('/protected').set(bearer(access_token)).expect(200);
      } finally {
        await app.close();
      }
    });
  }

  it('takes no token that is signed with the public key as a secret (hold 4, RFC 8725 section 2.1)', async () => {
    const pair = createKeyPair('RS256');
    const app = await createTestApp({ algorithm: 'RS256', secretKey: pair.privateKey });
    try {
      const { access_token } = await app.signUp();
      const [header = '', payload] = access_token.split('.');
      const { kid } = JSON.parse(Buffer.from(header, 'base64url').toString());
      const spki = createPublicKey(pair.publicKey).export({ type: 'spki', format: 'pem' });
      for (const secret of [pair.publicKey, pair.publicKey.trim(), spki]) {
        const forged = Buffer.from(JSON.stringify({ alg: 'HS256', typ: 'at+jwt', kid })).toString(
          'base64url',
        );
        const signature = createHmac('sha256', secret).update(`${forged}.${payload}`).digest('base64url');
        const { body } = await app.http
          .get('/protected')
          .set(bearer(`${forged}.${payload}.${signature}`))
          .expect(401);
        expect(body.code).to.equal('invalid_token');
      }
    } finally {
      await app.close();
    }
  });

  it('keeps verifying with a previous key, and signs with the current one alone (hold 15)', async () => {
    const [old, next] = [createKeyPair('ES256'), createKeyPair('ES256')];
    const app = await createTestApp({
      algorithm: 'ES256',
      secretKey: next.privateKey,
      previousSecretKeys: [old.publicKey],
    });
    try {
      const { access_token } = await app.signUp();
      const { body } = await app.http.get('/auth/.well-known/jwks.json');
      const [current] = body.keys;
      await jwtVerify(access_token, createLocalJWKSet({ keys: [current] }), { algorithms: ['ES256'] });
    } finally {
      await app.close();
    }
  });
});
