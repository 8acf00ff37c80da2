import {
  createPrivateKey,
  createPublicKey,
  createSecretKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
} from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import type { AuthError } from 'express-auth-kit';
import { createClock } from 'express-auth-kit/testing';
import { createAuthenticator } from '../../lib/http/authenticate.js';
import { createTokenReader } from '../../lib/http/token-reader.js';
import { createKeyRing, type KeyRing } from '../../lib/security/key-ring.js';
import { createOneTimeSecret } from '../../lib/security/one-time-secret.js';
import { createTokenSigner, type TokenSubject } from '../../lib/security/tokens.js';
import { failureOf } from '../support/failure.js';
import { type Forgery, forgeToken } from '../support/forge-token.js';
import { createKeyPair } from '../support/key-pairs.js';

const secretKey = randomBytes(64).toString('base64');
const keys = createKeyRing({ secretKey, previousSecretKeys: [], algorithm: 'HS256' });
const START = Date.UTC(2030, 0, 1);
const NOW = START / 1000;
const subject: TokenSubject = {
  userId: '6560e1f0c2a4b1d2e3f40506',
  email: 'jean@example.com',
  sessionId: 's1',
  generation: 3,
};

type Kind = 'access' | 'refresh';

interface Reading {
  issuer?: string;
  audience?: string;
  now?: () => number;
  keys?: KeyRing;
}

/** Reads tokens by the two strategies, as every route and guard does. */
function createReader({ issuer, audience, now = () => START, keys: ring = keys }: Reading = {}) {
  const reader = createTokenReader(createAuthenticator(), { keys: ring, issuer, audience, now });
  return (kind: Kind, token: string) =>
    kind === 'access'
      ? reader.readAccess({ headers: { authorization: `Bearer ${token}` } })
      : reader.readRefresh(token);
}

const read = createReader();

/** That a token is refused as its kind is: 401, never a fault of ours. */
async function expectRefused(
  kind: Kind,
  token: string,
  by: (kind: Kind, token: string) => Promise<unknown> = read,
): Promise<string> {
  const error = await failureOf<AuthError>(() => by(kind, token));
  const { status, code, detail, headers } = error;
  expect({ status, code, detail }, error.stack).to.deep.equal(
    kind === 'access'
      ? { status: 401, code: 'invalid_token', detail: 'Could not validate credentials' }
      : { status: 401, code: 'invalid_refresh_token', detail: 'Could not validate refresh token' },
  );
  expect(headers['WWW-Authenticate']).to.equal('Bearer error="invalid_token"');
  return error.message;
}

/** What a token of ours looks like, to be changed in one thing at a time. */
function genuine(kind: Kind): {
  header: Record<string, unknown>;
  payload: Record<string, unknown>;
  key: KeyObject;
} {
  const common = {
    sub: subject.userId,
    email: subject.email,
    sid: 's1',
    type: kind,
    iat: NOW,
    exp: NOW + 900,
  };
  return {
    header: { alg: 'HS256', typ: kind === 'access' ? 'at+jwt' : 'JWT', kid: keys.current.kid },
    payload: kind === 'access' ? { ...common, gen: 0, jti: 'j1' } : { ...common, gen: 0 },
    key: keys.current.signing,
  };
}

/** A token of ours with other claims; `undefined` takes one out. */
function withClaims(kind: Kind, claims: object): string {
  const { payload, ...rest } = genuine(kind);
  return forgeToken({ ...rest, payload: { ...payload, ...claims } });
}

/** A token of ours with other header parameters, signed over them. */
function withHeader(kind: Kind, header: object, others: Partial<Forgery> = {}): string {
  const token = genuine(kind);
  return forgeToken({ ...token, ...others, header: { ...token.header, ...header } });
}

/** A token of ours with one claim written by hand. */
function withRawClaim(kind: Kind, name: string, json: string): string {
  const { payload, ...rest } = genuine(kind);
  const { [name]: _, ...others } = payload;
  return forgeToken({
    ...rest,
    payload: {},
    rawPayload: `${JSON.stringify(others).slice(0, -1)},"${name}":${json}}`,
  });
}

for (const kind of ['access', 'refresh'] as const) {
  const other = kind === 'access' ? 'refresh' : 'access';

  describe(`the strategy of ${kind} tokens`, () => {
    it('takes what the signer made, and gives its claims', async () => {
      const signer = createTokenSigner(keys, { issuer: undefined, audience: undefined });
      const validity = { from: new Date(START), to: new Date(START + 900_000) };
      const token =
        kind === 'access'
          ? signer.signAccess(subject, { amr: ['pwd'], authTime: validity.from }, validity)
          : signer.signRefresh(subject, validity);
      const claims = await read(kind, token);
      expect(claims).to.include({ sub: subject.userId, email: subject.email, sid: 's1', type: kind });
      expect(claims).to.include({ iat: NOW, exp: NOW + 900, gen: 3 });
    });

    it('takes the same made by hand: what follows differs in one thing each', async () => {
      const { payload } = genuine(kind);
      expect(await read(kind, withClaims(kind, {}))).to.deep.equal(payload);
      expect(await read(kind, withRawClaim(kind, 'exp', String(NOW + 900)))).to.deep.equal(payload);
      expect(await read(kind, withClaims(kind, { scope: 'more', nbf: NOW }))).to.include({ scope: 'more' });
    });

    if (kind === 'access') {
      it('takes one from before access tokens had a generation', async () => {
        expect(await read(kind, withClaims(kind, { gen: undefined }))).to.not.have.property('gen');
      });
    }

    describe('signed otherwise', () => {
      for (const alg of ['none', 'None', 'NONE', '']) {
        it(`refuses alg ${JSON.stringify(alg)} (hold 4)`, async () => {
          await expectRefused(kind, withHeader(kind, { alg }, { key: undefined }));
          await expectRefused(kind, withHeader(kind, { alg }, { algorithm: 'HS256' }));
        });
      }

      it('refuses a header without alg (hold 4)', async () => {
        await expectRefused(kind, withHeader(kind, { alg: undefined }, { algorithm: 'HS256' }));
      });

      for (const alg of ['HS384', 'HS512']) {
        it(`refuses ${alg} by the right key (hold 4)`, async () => {
          expect(await expectRefused(kind, withHeader(kind, { alg }))).to.equal('invalid algorithm');
        });
      }

      it('refuses HS256 by another key under our name (hold 4)', async () => {
        for (const key of [randomBytes(64).toString('base64'), 'x', keys.current.kid]) {
          expect(await expectRefused(kind, withHeader(kind, {}, { key }))).to.equal('invalid signature');
        }
      });

      it('refuses RS256, whoever signs (hold 4)', async () => {
        const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
        await expectRefused(kind, withHeader(kind, { alg: 'RS256' }, { key: privateKey }));
        // RS/HS confusion: the key as text, used for the other algorithm.
        const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
        await expectRefused(kind, withHeader(kind, {}, { key: pem }));
        await expectRefused(kind, withHeader(kind, { alg: 'RS256' }, { algorithm: 'HS256' }));
      });

      it('refuses ES256 and PS256 (hold 4)', async () => {
        const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
        await expectRefused(kind, withHeader(kind, { alg: 'ES256' }, { key: privateKey }));
        await expectRefused(kind, withHeader(kind, { alg: 'PS256' }, { algorithm: 'HS256' }));
      });

      it('refuses an edited payload (hold 4)', async () => {
        const [header, , signature] = withClaims(kind, {}).split('.');
        const [, edited] = withClaims(kind, { sub: '000000000000000000000000' }).split('.');
        expect(await expectRefused(kind, `${header}.${edited}.${signature}`)).to.equal('invalid signature');
      });

      it('refuses a signature that is stripped, cut or another token’s (hold 4)', async () => {
        const token = withClaims(kind, {});
        const [header, payload, signature = ''] = token.split('.');
        const [, , foreign] = withClaims(kind, { sid: 's2' }).split('.');
        for (const end of ['', signature.slice(0, -4), 'AAAA', foreign]) {
          await expectRefused(kind, `${header}.${payload}.${end}`);
        }
        await expectRefused(kind, `${header}.${payload}`);
      });
    });

    describe('with a header of another mind', () => {
      it('refuses an unknown kid, and none (hold 5)', async () => {
        const message = 'the header names no key of ours, or is not of this type of token';
        for (const kid of [
          'other',
          '',
          undefined,
          null,
          5,
          {},
          ['x'],
          '__proto__',
          'constructor',
          '../../key',
        ]) {
          expect(await expectRefused(kind, withHeader(kind, { kid }))).to.equal(message);
        }
      });

      it('refuses an unknown crit (hold 9)', async () => {
        for (const crit of [['exp'], ['b64'], ['urn:example:unknown'], [], 'exp', null]) {
          await expectRefused(kind, withHeader(kind, { crit }));
        }
      });

      it('refuses another typ (hold 8)', async () => {
        const own = genuine(kind).header['typ'];
        const others = ['JWT', 'at+jwt', 'JWS', 'JOSE', 'secevent+jwt', '', undefined, null, 5, [own]];
        for (const typ of others.filter((each) => each !== own)) {
          await expectRefused(kind, withHeader(kind, { typ }));
        }
      });

      it('refuses a header that is no JSON object', async () => {
        const { payload, key } = genuine(kind);
        for (const header of ['null', '"text"', '5', '[]', 'true', '{', '']) {
          await expectRefused(kind, forgeToken({ header, payload, key, algorithm: 'HS256' }));
        }
      });
    });

    describe('of a key found elsewhere', () => {
      let server: Server;
      let url: string;
      let visits: number;
      const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
      const jwk = { ...publicKey.export({ format: 'jwk' }), kid: 'theirs', alg: 'RS256', use: 'sig' };

      before(async () => {
        visits = 0;
        server = createServer((_req, res) => {
          visits += 1;
          res.end(JSON.stringify({ keys: [jwk] }));
        });
        server.listen(0, '127.0.0.1');
        await once(server, 'listening');
        url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks.json`;
      });
      after(() => {
        server.close();
        server.closeAllConnections();
      });

      /** Requests on their way would have arrived before this one. */
      async function expectNoVisit(): Promise<void> {
        await (await fetch(url)).json();
        expect(visits).to.equal(1);
        visits = 0;
      }

      const places = () => ({
        jku: url,
        x5u: url,
        jwk,
        x5c: [publicKey.export({ type: 'spki', format: 'pem' })],
      });

      it('refuses jku, jwk and x5u of another key, and calls nobody (hold 5)', async () => {
        for (const [name, value] of Object.entries(places())) {
          for (const kid of ['theirs', keys.current.kid, undefined]) {
            const header = { alg: 'RS256', [name]: value, kid };
            await expectRefused(kind, withHeader(kind, header, { key: privateKey }));
          }
        }
        await expectNoVisit();
      });

      it('refuses a shared secret that the header brings along (hold 5)', async () => {
        const theirs = randomBytes(64);
        const header = { jwk: { kty: 'oct', k: theirs.toString('base64url') } };
        await expectRefused(kind, withHeader(kind, header, { key: theirs.toString('latin1') }));
      });

      it('ignores them beside a key of ours, and calls nobody (hold 5)', async () => {
        expect(await read(kind, withHeader(kind, places()))).to.include({ sub: subject.userId });
        await expectNoVisit();
      });
    });

    describe('with other claims', () => {
      const bad: [what: string, tokens: string[]][] = [
        ['no exp', [withClaims(kind, { exp: undefined })]],
        [
          'an exp that is no whole number',
          [
            withClaims(kind, { exp: String(NOW + 900) }),
            withClaims(kind, { exp: '123' }),
            withClaims(kind, { exp: null }),
            withClaims(kind, { exp: [NOW + 900] }),
            withClaims(kind, { exp: { $gt: 0 } }),
            withClaims(kind, { exp: true }),
            withClaims(kind, { exp: NOW + 0.5 }),
          ],
        ],
        [
          'an exp that is not finite',
          [withRawClaim(kind, 'exp', '1e400'), withRawClaim(kind, 'exp', '1e300')],
        ],
        ['no sub', [withClaims(kind, { sub: undefined }), withClaims(kind, { sub: '' })]],
        [
          'a sub that is no string',
          [{ $ne: null }, {}, [subject.userId], 5, null, true].map((sub) => withClaims(kind, { sub })),
        ],
        ['no sid', [withClaims(kind, { sid: undefined }), withClaims(kind, { sid: '' })]],
        ['a sid that is no string', [{ $ne: null }, ['s1'], 5, null].map((sid) => withClaims(kind, { sid }))],
        ['an email that is no string', [undefined, {}, null].map((email) => withClaims(kind, { email }))],
        ['an iat that is no number', [undefined, String(NOW), null].map((iat) => withClaims(kind, { iat }))],
        [
          'a gen that is no whole number',
          // Access tokens had none once.
          [...(kind === 'refresh' ? [undefined] : []), '0', 0.5, {}, null].map((gen) =>
            withClaims(kind, { gen }),
          ),
        ],
      ];
      if (kind === 'access')
        bad.push(['a jti that is no string', [undefined, 5, {}].map((jti) => withClaims(kind, { jti }))]);
      for (const [what, tokens] of bad) {
        it(`refuses claims with ${what} (hold 7)`, async () => {
          for (const token of tokens) {
            expect(await expectRefused(kind, token)).to.equal(
              'the claims are incomplete, of another type of token, or expired',
            );
          }
        });
      }

      it('refuses a payload that is no JSON object (hold 11)', async () => {
        const { header, key, payload } = genuine(kind);
        const payloads = [
          'null',
          '"text"',
          '""',
          '5',
          'true',
          '[]',
          `[${JSON.stringify(payload)}]`,
          '{',
          '',
          'text',
        ];
        for (const rawPayload of payloads) {
          await expectRefused(kind, forgeToken({ header, payload: {}, rawPayload, key }));
        }
      });

      it(`refuses ${other === 'access' ? 'an' : 'a'} ${other} token (hold 6)`, async () => {
        await expectRefused(kind, withClaims(other, {}));
      });

      it('refuses another type in the header of this one (hold 6)', async () => {
        for (const type of [other, 'reset', 'verification', undefined, '', null, [kind]]) {
          await expectRefused(kind, withClaims(kind, { type, gen: 0, jti: 'j1' }));
        }
      });

      it(`refuses the header of the other kind around these claims (hold 6)`, async () => {
        await expectRefused(kind, withHeader(kind, { typ: genuine(other).header['typ'] }));
      });
    });

    it('refuses a one-time secret, and what is no token at all (hold 6)', async () => {
      const { secret, hash } = createOneTimeSecret();
      for (const token of [
        secret,
        hash,
        'a',
        'a.b',
        'a.b.c',
        '..',
        'a.b.c.d',
        'e30.e30.',
        'x'.repeat(10_000),
      ]) {
        await expectRefused(kind, token);
      }
    });

    describe('in time', () => {
      it('refuses an expired token, by the injected clock (hold 7)', async () => {
        const clock = createClock(START);
        const readLater = createReader({ now: clock.now });
        const token = withClaims(kind, {});
        expect(await readLater(kind, token)).to.include({ sid: 's1' });
        clock.advance(900_000 - 1);
        expect(await readLater(kind, token)).to.include({ sid: 's1' });
        clock.advance(1);
        await expectRefused(kind, token, readLater);
        clock.advance(365 * 86_400_000);
        await expectRefused(kind, token, readLater);
      });

      it('refuses an expired token, by the real clock (hold 7)', async () => {
        const readNow = createReader({ now: Date.now });
        const seconds = Math.floor(Date.now() / 1000);
        expect(await readNow(kind, withClaims(kind, { iat: seconds, exp: seconds + 900 }))).to.include({
          sid: 's1',
        });
        for (const exp of [seconds - 1, seconds - 3600, 1, 0, -1]) {
          await expectRefused(kind, withClaims(kind, { iat: seconds - 7200, exp }), readNow);
        }
      });

      it('refuses a token before its nbf', async () => {
        const clock = createClock(START);
        const readLater = createReader({ now: clock.now });
        const token = withClaims(kind, { nbf: NOW + 60 });
        await expectRefused(kind, token, readLater);
        clock.advance(60_000);
        expect(await readLater(kind, token)).to.include({ sid: 's1' });
      });

      it('refuses an nbf that is no number', async () => {
        for (const nbf of [String(NOW), null, {}, [NOW]])
          await expectRefused(kind, withClaims(kind, { nbf }));
      });
    });

    describe('with an issuer and an audience', () => {
      const named = { iss: 'https://auth.example.com', aud: 'api' };
      const readNamed = createReader({ issuer: named.iss, audience: named.aud });

      it('takes its own', async () => {
        expect(await readNamed(kind, withClaims(kind, named))).to.include(named);
      });

      it('refuses another issuer, and none (hold 8)', async () => {
        for (const iss of [
          'https://evil.example.com',
          undefined,
          '',
          null,
          [named.iss, 'x'],
          `${named.iss}/`,
        ]) {
          await expectRefused(kind, withClaims(kind, { ...named, iss }), readNamed);
        }
      });

      it('refuses another audience, and none (hold 8)', async () => {
        for (const aud of ['other', undefined, '', null, ['other'], [], { api: 1 }, 'API', 'api2']) {
          await expectRefused(kind, withClaims(kind, { ...named, aud }), readNamed);
        }
      });

      it('checks neither where none is set', async () => {
        expect(await read(kind, withClaims(kind, { iss: 'anyone', aud: 'anything' }))).to.include({
          sid: 's1',
        });
      });
    });

    it('takes what an earlier key signed, as long as it is among the earlier ones (hold 15)', async () => {
      const next = randomBytes(64).toString('base64');
      const rotated = { secretKey: next, previousSecretKeys: [secretKey], algorithm: 'HS256' } as const;
      const token = withClaims(kind, {});
      expect(await createReader({ keys: createKeyRing(rotated) })(kind, token)).to.include({ sid: 's1' });
      const forgotten = createKeyRing({ ...rotated, previousSecretKeys: [] });
      await expectRefused(kind, token, createReader({ keys: forgotten }));
    });

    it('refuses what an earlier key signed under the name of the current one', async () => {
      const next = randomBytes(64).toString('base64');
      const ring = createKeyRing({ secretKey: next, previousSecretKeys: [secretKey], algorithm: 'HS256' });
      const token = withHeader(kind, { kid: ring.current.kid });
      await expectRefused(kind, token, createReader({ keys: ring }));
    });

    for (const algorithm of ['RS256', 'ES256'] as const) {
      describe(`with ${algorithm}`, () => {
        const pair = createKeyPair(algorithm);
        const [privateKey, publicKey] = [createPrivateKey(pair.privateKey), createPublicKey(pair.publicKey)];
        const ring = createKeyRing({ secretKey: pair.privateKey, previousSecretKeys: [], algorithm });
        const readByPair = createReader({ keys: ring });
        const ours = { alg: algorithm, kid: ring.current.kid };

        it('takes what the private key signed', async () => {
          const token = withHeader(kind, ours, { key: privateKey });
          expect(await readByPair(kind, token)).to.deep.equal(genuine(kind).payload);
        });

        it('refuses an HMAC with the public key, in whichever form it is known (hold 4)', async () => {
          const der = publicKey.export({ type: 'spki', format: 'der' });
          const jwk = publicKey.export({ format: 'jwk' });
          for (const alg of ['HS256', 'HS384', 'HS512']) {
            const texts = [pair.publicKey, pair.publicKey.trim(), JSON.stringify(jwk), ring.current.kid];
            for (const key of [...texts.map((text) => Buffer.from(text)), der]) {
              await expectRefused(
                kind,
                withHeader(kind, { ...ours, alg }, { key: createSecretKey(key) }),
                readByPair,
              );
            }
            // The header says what it should, the signature is the other thing.
            const lying = { key: createSecretKey(Buffer.from(pair.publicKey)), algorithm: alg };
            await expectRefused(kind, withHeader(kind, ours, lying), readByPair);
          }
        });

        it('refuses other algorithms by the right key (hold 4)', async () => {
          for (const alg of algorithm === 'RS256'
            ? ['RS384', 'RS512', 'PS256', 'PS512']
            : ['ES384', 'ES512']) {
            await expectRefused(kind, withHeader(kind, { ...ours, alg }, { key: privateKey }), readByPair);
          }
        });

        it('refuses none, another key, an edited payload and a stripped signature (hold 4)', async () => {
          const foreign = createPrivateKey(createKeyPair(algorithm).privateKey);
          await expectRefused(
            kind,
            withHeader(kind, { ...ours, alg: 'none' }, { key: undefined }),
            readByPair,
          );
          await expectRefused(kind, withHeader(kind, ours, { key: foreign }), readByPair);
          const [header, payload, signature] = withHeader(kind, ours, { key: privateKey }).split('.');
          const [, edited] = withClaims(kind, { sub: '000000000000000000000000' }).split('.');
          await expectRefused(kind, `${header}.${edited}.${signature}`, readByPair);
          await expectRefused(kind, `${header}.${payload}.`, readByPair);
        });

        it('refuses a key that the header brings along (hold 5)', async () => {
          const theirs = createPrivateKey(createKeyPair(algorithm).privateKey);
          const jwk = createPublicKey(theirs).export({ format: 'jwk' });
          for (const kid of [ring.current.kid, 'theirs', undefined]) {
            await expectRefused(kind, withHeader(kind, { ...ours, jwk, kid }, { key: theirs }), readByPair);
          }
        });

        it('takes what an earlier key signed, whose public half is enough (hold 15)', async () => {
          const { privateKey: next } = createKeyPair(algorithm);
          const rotated = { secretKey: next, previousSecretKeys: [pair.publicKey], algorithm };
          const token = withHeader(kind, ours, { key: privateKey });
          expect(await createReader({ keys: createKeyRing(rotated) })(kind, token)).to.include({ sid: 's1' });
          const forgotten = createKeyRing({ ...rotated, previousSecretKeys: [] });
          await expectRefused(kind, token, createReader({ keys: forgotten }));
        });
      });
    }
  });
}

describe('the strategy of access tokens that may have expired', () => {
  const LATER = START + 365 * 86_400_000;
  const readLater = createTokenReader(createAuthenticator(), {
    keys,
    issuer: undefined,
    audience: undefined,
    now: () => LATER,
  });
  const readExpired = (_kind: Kind, token: string) =>
    readLater.readExpiredAccess({ headers: { authorization: `Bearer ${token}` } });

  it('takes one that has expired, and one that has not (hold 78)', async () => {
    expect(await readExpired('access', withClaims('access', {}))).to.include({ sid: 's1' });
    const exp = LATER / 1000 + 1;
    expect(await readExpired('access', withClaims('access', { exp }))).to.include({ exp });
  });

  const [head, , signature] = withClaims('access', {}).split('.');
  const edited = Buffer.from(JSON.stringify({ ...genuine('access').payload, sid: 's2' }));
  const bad: Record<string, string[]> = {
    'a refresh token, or its header around these claims': [
      withClaims('refresh', {}),
      withHeader('access', { typ: 'JWT' }),
      withClaims('access', { type: 'refresh' }),
    ],
    'a token that we did not sign': [
      withHeader('access', { alg: 'none' }, { key: undefined }),
      withHeader('access', {}, { key: randomBytes(64).toString('base64') }),
      withHeader('access', { kid: 'unknown' }),
      [head, edited.toString('base64url'), signature].join('.'),
      `${head}.${edited.toString('base64url')}.`,
    ],
    'a token without exp, or with another kind of it': [
      withClaims('access', { exp: undefined }),
      withClaims('access', { exp: String(NOW) }),
      withRawClaim('access', 'exp', '1e400'),
    ],
    'a token before its nbf': [withClaims('access', { nbf: LATER / 1000 + 60 })],
    'an unknown crit': [withHeader('access', { crit: ['x'], x: 1 })],
  };
  for (const [what, tokens] of Object.entries(bad)) {
    it(`refuses ${what} (hold 78)`, async () => {
      for (const token of tokens) await expectRefused('access', token, readExpired);
    });
  }
});
