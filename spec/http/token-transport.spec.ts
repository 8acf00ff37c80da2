import { expect } from 'chai';
import { carryTokens } from '../../lib/http/token-transport.js';
import type { TokenPair } from '../../lib/sign-in.js';

const TOKENS: TokenPair = {
  access_token: 'access',
  refresh_token: 'refresh',
  token_type: 'bearer',
  expires_in: 900,
};

describe('carryTokens', () => {
  it('puts the pair into the answer, as RFC 6749 section 5.1 names it', () => {
    expect(carryTokens(undefined, TOKENS)).to.deep.equal({
      access_token: 'access',
      refresh_token: 'refresh',
      token_type: 'bearer',
      expires_in: 900,
    });
  });

  it('puts it beside what the handler answers', () => {
    expect(carryTokens({ scope: 'all' }, TOKENS)).to.deep.equal({ scope: 'all', ...TOKENS });
  });

  it('lets nothing of the handler’s stand for a token', () => {
    const body = { access_token: 'of the handler', expires_in: 1, token_type: 'mac' };
    expect(carryTokens(body, TOKENS)).to.deep.equal(TOKENS);
  });

  it('changes neither the pair nor the body', () => {
    const [body, tokens] = [{ scope: 'all' }, { ...TOKENS }];
    carryTokens(body, tokens);
    expect([body, tokens]).to.deep.equal([{ scope: 'all' }, TOKENS]);
  });
});
