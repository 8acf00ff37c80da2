import { randomBytes } from 'node:crypto';
import { expect } from 'chai';
import jwt from 'jsonwebtoken';
import { createAuthenticator } from '../../lib/http/authenticate.js';
import { createTokenReader } from '../../lib/http/token-reader.js';
import { createKeyRing } from '../../lib/security/key-ring.js';
import { createTokenSigner } from '../../lib/security/tokens.js';
import { failureOf } from '../support/failure.js';

const NOW = Date.UTC(2030, 0, 1);
const SUBJECT = { userId: 'u1', email: 'jean@example.com', sessionId: 's1' };

describe('createTokenReader', () => {
  const secretKey = randomBytes(32).toString('base64');
  const keys = createKeyRing({ secretKey, previousSecretKeys: [], algorithm: 'HS256' } as never);
  const settings = { keys, issuer: undefined, audience: undefined, now: () => NOW };
  const reader = createTokenReader(createAuthenticator(), settings);
  const signer = createTokenSigner(keys, { issuer: undefined, audience: undefined });
  const validity = { from: new Date(NOW), to: new Date(NOW + 60_000) };
  const access = signer.signAccess(SUBJECT, validity);
  const refresh = signer.signRefresh(SUBJECT, 3, validity);
  const readAccess = (authorization?: string) => reader.readAccess({ headers: { authorization } });
  const readRefresh = (token: string) => reader.readRefresh(token);
  const codeOf = async (run: () => unknown) => (await failureOf<Error & { code: string }>(run)).code;

  it('reads the claims of an access token from the header', async () => {
    expect(await readAccess(`Bearer ${access}`)).to.deep.equal(jwt.decode(access));
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
