import { expect } from 'chai';
import type { Request } from 'express';
import { headerTransport } from '../../lib/http/token-transport.js';
import type { TokenPair } from '../../lib/sign-in.js';

const TOKENS: TokenPair = {
  access_token: 'access',
  refresh_token: 'refresh',
  token_type: 'bearer',
  expires_in: 900,
};

const carry = (body: object | undefined, tokens: TokenPair) =>
  headerTransport.carry({} as Request, { body, tokens, isCookie: false });

describe('tokens in JSON', () => {
  it('are in the answer as RFC 6749 section 5.1 names it', async () => {
    expect(await carry(undefined, TOKENS)).to.deep.equal({
      access_token: 'access',
      refresh_token: 'refresh',
      token_type: 'bearer',
      expires_in: 900,
    });
  });

  it('stand beside what the handler answers', async () => {
    expect(await carry({ scope: 'all' }, TOKENS)).to.deep.equal({ scope: 'all', ...TOKENS });
  });

  it('are nothing that a handler says', async () => {
    const body = { access_token: 'of the handler', expires_in: 1, token_type: 'mac' };
    expect(await carry(body, TOKENS)).to.deep.equal(TOKENS);
  });

  it('leave the pair and the body as they are', async () => {
    const [body, tokens] = [{ scope: 'all' }, { ...TOKENS }];
    await carry(body, tokens);
    expect([body, tokens]).to.deep.equal([{ scope: 'all' }, TOKENS]);
  });
});
