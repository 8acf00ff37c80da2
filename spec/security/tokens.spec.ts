import { randomBytes } from 'node:crypto';
import { expect } from 'chai';
import jwt from 'jsonwebtoken';
import type { AuthOptions } from '../../lib/config/options.js';
import { resolveOptions } from '../../lib/config/resolve-options.js';
import { createKeyRing } from '../../lib/security/key-ring.js';
import { createTokenSigner } from '../../lib/security/tokens.js';
import { createKeyPair } from '../support/key-pairs.js';

const secretKey = randomBytes(64).toString('base64');
const now = Date.UTC(2030, 0, 1, 12, 0, 0, 999);
const validity = validFor(900_000);

/** From now on, for so many milliseconds. */
function validFor(ms: number) {
  return { from: new Date(now), to: new Date(now + ms) };
}

const subject = {
  userId: '6560e1f0c2a4b1d2e3f40506',
  email: 'jean@example.com',
  sessionId: 'session',
  generation: 7,
};

const AUTHENTICATION = { amr: ['pwd'], authTime: new Date(now - 60_000) };

function signerOf(options: AuthOptions<unknown, never> = {}, env: Record<string, string> = {}) {
  const settings = resolveOptions({ secretKey, ...options }, env);
  return { settings, signer: createTokenSigner(createKeyRing(settings), settings) };
}

/** Header and claims, the signature checked by the library on its own. */
function open(token: string): { header: jwt.JwtHeader; claims: jwt.JwtPayload } {
  const { header, payload } = jwt.verify(token, secretKey, { complete: true, clockTimestamp: now / 1000 });
  return { header, claims: payload as jwt.JwtPayload };
}

describe('the tokens', () => {
  it('say of an access token what the contract says', () => {
    const { settings, signer } = signerOf();
    const { header, claims } = open(signer.signAccess(subject, AUTHENTICATION, validity));
    const { kid } = createKeyRing(settings).current;
    expect(header).to.deep.equal({ alg: 'HS256', typ: 'at+jwt', kid });
    const { jti, ...rest } = claims;
    const iat = Math.floor(now / 1000);
    expect(rest).to.deep.equal({
      sub: subject.userId,
      email: subject.email,
      sid: 'session',
      type: 'access',
      amr: ['pwd'],
      auth_time: iat - 60,
      gen: 7,
      iat,
      exp: iat + 900,
    });
    expect(jti).to.match(/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/);
  });

  it('give every access token an id of its own', () => {
    const { signer } = signerOf();
    const ids = Array.from(
      { length: 50 },
      () => open(signer.signAccess(subject, AUTHENTICATION, validity)).claims.jti,
    );
    expect(new Set(ids).size).to.equal(50);
  });

  it('say of a refresh token what the contract says', () => {
    const { settings, signer } = signerOf();
    const expiresAt = now + 30 * 86_400_000;
    const { header, claims } = open(
      signer.signRefresh(subject, { from: new Date(now), to: new Date(expiresAt) }),
    );
    expect(header).to.deep.equal({ alg: 'HS256', typ: 'JWT', kid: createKeyRing(settings).current.kid });
    expect(claims).to.deep.equal({
      sub: subject.userId,
      email: subject.email,
      sid: 'session',
      type: 'refresh',
      gen: 7,
      iat: Math.floor(now / 1000),
      exp: Math.floor(expiresAt / 1000),
    });
  });

  it('make the refresh token of a generation a function of the session and the key', () => {
    const sign = (generation: number, key = secretKey) =>
      signerOf({ secretKey: key }).signer.signRefresh({ ...subject, generation }, validFor(1000));
    expect(sign(3)).to.equal(sign(3));
    expect(sign(4)).to.not.equal(sign(3));
    expect(sign(3, randomBytes(64).toString('base64'))).to.not.equal(sign(3));
  });

  it('name issuer and audience where they are set, and only there', () => {
    const { signer } = signerOf({ issuer: 'https://auth.example.com', audience: 'api' });
    for (const token of [
      signer.signAccess(subject, AUTHENTICATION, validity),
      signer.signRefresh(subject, validFor(1000)),
    ]) {
      expect(open(token).claims).to.include({ iss: 'https://auth.example.com', aud: 'api' });
    }
    expect(open(signerOf().signer.signAccess(subject, AUTHENTICATION, validity)).claims).to.not.have.any.keys(
      'iss',
      'aud',
    );
  });

  for (const algorithm of ['HS256', 'HS384', 'HS512'] as const) {
    it(`are signed by ${algorithm} where it is chosen`, () => {
      const { signer } = signerOf({ algorithm });
      expect(open(signer.signAccess(subject, AUTHENTICATION, validity)).header.alg).to.equal(algorithm);
      expect(open(signer.signRefresh(subject, validFor(1000))).header.alg).to.equal(algorithm);
    });
  }

  for (const algorithm of ['RS256', 'ES256'] as const) {
    it(`are signed by ${algorithm} with the private key, and open with the public one`, () => {
      const { privateKey, publicKey } = createKeyPair(algorithm);
      const { signer } = signerOf({ algorithm, secretKey: privateKey });
      for (const token of [
        signer.signAccess(subject, AUTHENTICATION, validity),
        signer.signRefresh(subject, validFor(1000)),
      ]) {
        const checks = { algorithms: [algorithm], clockTimestamp: now / 1000 };
        expect(jwt.verify(token, publicKey, checks)).to.include({ sub: subject.userId });
      }
    });
  }

  it('are signed by the current key, never by an earlier one (hold 15)', () => {
    const earlier = randomBytes(64).toString('base64');
    const { signer } = signerOf({ previousSecretKeys: [earlier] });
    const token = signer.signAccess(subject, AUTHENTICATION, validity);
    expect(() => jwt.verify(token, earlier, { ignoreExpiration: true })).to.throw('invalid signature');
    expect(open(token).claims.sub).to.equal(subject.userId);
  });
});
