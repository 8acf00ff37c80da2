import { randomBytes } from 'node:crypto';
import { expect } from 'chai';
import jwt from 'jsonwebtoken';
import { createAuthenticator } from '../../lib/http/authenticate.js';
import { bearerToken, createTokenReader } from '../../lib/http/token-reader.js';
import { createKeyRing } from '../../lib/security/key-ring.js';
import { createTokenSigner } from '../../lib/security/tokens.js';
import { failureOf } from '../support/failure.js';

const NOW = Date.UTC(2030, 0, 1);
const SUBJECT = { userId: 'u1', email: 'jean@example.com', sessionId: 's1', generation: 3 };

describe('createTokenReader', () => {
  const secretKey = randomBytes(32).toString('base64');
  const keys = createKeyRing({ secretKey, previousSecretKeys: [], algorithm: 'HS256' } as never);
  const settings = { keys, issuer: undefined, audience: undefined, now: () => NOW };
  const reader = createTokenReader(createAuthenticator(), settings);
  const signer = createTokenSigner(keys, { issuer: undefined, audience: undefined });
  const validity = { from: new Date(NOW), to: new Date(NOW + 60_000) };
  const access = signer.signAccess(SUBJECT, { amr: ['pwd'], authTime: validity.from }, validity);
  const refresh = signer.signRefresh(SUBJECT, validity);
  const readAccess = (authorization?: string) => reader.readAccess({ headers: { authorization } });
  const readRefresh = (token: string) => reader.readRefresh(token);
  const codeOf = async (run: () => unknown) => (await failureOf<Error & { code: string }>(run)).code;

  it('reads the claims of an access token from the header', async () => {
    expect(await readAccess(`Bearer ${access}`)).to.deep.equal(jwt.decode(access));
  });

  it('reads a token again as it did the first time, the claims for each request its own', async () => {
    const first = await readAccess(`Bearer ${access}`);
    first.amr.push('otp');
    (first as { sub: string }).sub = 'other';
    expect(await readAccess(`bearer ${access}`)).to.deep.equal(jwt.decode(access));
  });

  it('takes no token for one that it has read, however like it is (holds 4, 13)', async () => {
    await readAccess(`Bearer ${access}`);
    const [head, payload, signature] = access.split('.') as [string, string, string];
    const unsigned = Buffer.from('{"alg":"none","typ":"at+jwt"}').toString('base64url');
    const like = [
      `${head}.${payload}.`,
      `${head}.${payload}`,
      `${unsigned}.${payload}.`,
      `${unsigned}.${payload}.${signature}`,
      `${head}.${payload}.${signature}=`,
      `${access.toUpperCase()}`,
      access.slice(0, -1),
      `${access} x`,
      `${access},`,
    ];
    for (const token of [...like, ...like]) {
      expect(await codeOf(() => readAccess(`Bearer ${token}`)), token).to.equal('invalid_token');
    }
    expect(await codeOf(() => readAccess(`Basic ${access}`))).to.equal('invalid_token');
    expect(await codeOf(() => readRefresh(access))).to.equal('invalid_refresh_token');
  });

  it('no longer reads a token that it has read, once it has expired', async () => {
    let now = NOW;
    const moving = createTokenReader(createAuthenticator(), { ...settings, now: () => now });
    const read = () => moving.readAccess({ headers: { authorization: `Bearer ${access}` } });
    await read();
    now = NOW + 59_999;
    await read();
    now = NOW + 60_000;
    expect(await codeOf(read)).to.equal('invalid_token');
    expect(await codeOf(read)).to.equal('invalid_token');
  });

  it('reads the claims of a refresh token from where the route has it', async () => {
    expect(await readRefresh(refresh)).to.deep.equal(jwt.decode(refresh));
  });

  it('tells a missing token from one that is no good (hold 12)', async () => {
    for (const header of [undefined, '']) {
      expect(await codeOf(() => readAccess(header))).to.equal('missing_token');
    }
    for (const header of ['Bearer', 'Basic YTpi', `Bearer ${access} x`, 'Bearer abc', `Bearer ${refresh}`]) {
      expect(await codeOf(() => readAccess(header))).to.equal('invalid_token');
    }
  });

  it('reads an expired access token where that is asked for, by the same header (hold 78)', async () => {
    const old = signer.signAccess(
      SUBJECT,
      { amr: [], authTime: validity.from },
      { ...validity, to: validity.from },
    );
    const from = (authorization?: string) => ({ headers: { authorization } });
    expect(await codeOf(() => readAccess(`Bearer ${old}`))).to.equal('invalid_token');
    expect(await reader.readExpiredAccess(from(`Bearer ${old}`))).to.deep.equal(jwt.decode(old));
    expect(await codeOf(() => reader.readExpiredAccess(from()))).to.equal('missing_token');
    expect(await codeOf(() => reader.readExpiredAccess(from(`Basic ${old}`)))).to.equal('invalid_token');
  });

  it('takes neither kind of token for the other (hold 6)', async () => {
    expect(await codeOf(() => readAccess(`Bearer ${refresh}`))).to.equal('invalid_token');
    for (const token of [access, '', 'abc', `${refresh}x`]) {
      expect(await codeOf(() => readRefresh(token))).to.equal('invalid_refresh_token');
    }
  });

  it('says why for the log, without the token (hold 63)', async () => {
    const [head, , signature] = access.split('.');
    const edited = [head, Buffer.from('{"sub":"zqxjkvbw"}').toString('base64url'), signature].join('.');
    for (const token of [refresh, edited, 'zqxjkvbw']) {
      const { message } = await failureOf(() => readAccess(`Bearer ${token}`));
      expect(message).to.match(/\w{3}/);
      for (const part of [...token.split('.'), 'zqxjkvbw', secretKey]) expect(message).to.not.include(part);
    }
  });
});

describe('bearerToken', () => {
  const tokenOf = (authorization?: string) => bearerToken({ headers: { authorization } });

  it('takes the token of the scheme, whatever its case', () => {
    for (const scheme of ['Bearer', 'bearer', 'BEARER']) {
      expect(tokenOf(`${scheme} abc.DEF-123_~+/==`)).to.equal('abc.DEF-123_~+/==');
    }
  });

  const refused = [
    undefined,
    '',
    'Bearer',
    'Bearer ',
    'Bearer  abc',
    'Bearer abc ',
    ' Bearer abc',
    'Bearer abc extra',
    'Bearer abc, Bearer def',
    'Bearer abc=def',
    'Bearer "abc"',
    'Bearer a\u00e9c',
    'Bearerabc',
    'Basic abc',
    'Token abc',
    'abc',
  ];
  for (const header of refused) {
    it(`finds none in ${JSON.stringify(header)} (hold 13)`, () => {
      expect(tokenOf(header)).to.equal(null);
    });
  }

  it('takes no longer for a long header than for a short one', () => {
    const evil = `Bearer ${'='.repeat(100_000)}!`;
    expect(tokenOf(evil)).to.equal(null);
  });
});
