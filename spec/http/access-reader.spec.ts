import { expect } from 'chai';
import type { Request } from 'express';
import { ForbiddenOrigin, InvalidRefreshToken, InvalidToken, Unavailable } from '../../lib/errors.js';
import { createRenewingReader } from '../../lib/http/access-reader.js';
import type { BroughtTokens } from '../../lib/http/token-transport.js';
import type { AccessClaims } from '../../lib/security/tokens.js';
import { failureOf } from '../support/failure.js';

const CLAIMS = { sub: 'u1', sid: 's1' } as AccessClaims;

describe('reading the access token of a browser', () => {
  interface Given extends Partial<BroughtTokens> {
    access?: string;
    refresh?: () => Promise<never>;
  }
  function reader({ access = 'over', refreshToken = 'r', isCookie = true, refresh }: Given) {
    const done: string[] = [];
    const { read, isNew } = createRenewingReader({
      tokenReader: {
        async readAccess({ headers: { authorization } }) {
          if (authorization === 'Bearer over') throw new InvalidToken();
          return CLAIMS;
        },
      },
      transport: {
        bring: () => ({ bearer: { headers: { authorization: `Bearer ${access}` } }, refreshToken, isCookie }),
        carry: async () => ({ carried: done.push('carried') }),
        forget: () => void done.push('forgotten'),
      },
      origins: {
        require({ headers }) {
          if (headers.origin) throw new ForbiddenOrigin();
        },
        refuseForeign: () => {},
      },
      async refresh() {
        done.push('refreshed');
        await refresh?.();
        return { access_token: 'new', refresh_token: 'next', token_type: 'bearer', expires_in: 900 };
      },
    });
    const request = (method = 'GET', headers = {}) => ({ method, headers }) as Request;
    return { read, isNew, done, request };
  }

  it('renews one that is over, once a request (hold 101)', async () => {
    const { read, isNew, done, request } = reader({});
    const req = request();
    expect(isNew(req)).to.equal(false);
    expect(await Promise.all([read(req), read(req)])).to.deep.equal([CLAIMS, CLAIMS]);
    expect(await read(req)).to.equal(CLAIMS);
    expect(done).to.deep.equal(['refreshed', 'carried']);
    expect(isNew(req)).to.equal(true);
    await read(request());
    expect(done).to.have.length(4);
  });

  it('leaves one alone that is good', async () => {
    const { read, isNew, done, request } = reader({ access: 'good' });
    const req = request();
    expect(await read(req)).to.equal(CLAIMS);
    expect(isNew(req)).to.equal(false);
    expect(done).to.deep.equal([]);
  });

  it('never renews for what comes from elsewhere and changes something (hold 101)', async () => {
    for (const access of ['over', 'good']) {
      const { read, done, request } = reader({ access });
      const req = request('POST', { origin: 'https://evil.example' });
      expect(await failureOf(() => read(req))).to.be.an.instanceOf(ForbiddenOrigin);
      expect(done).to.deep.equal([]);
    }
  });

  it('forgets what a refused renewal leaves, and nothing while nobody can tell', async () => {
    const refused = reader({ refresh: () => Promise.reject(new InvalidRefreshToken()) });
    expect(await failureOf(() => refused.read(refused.request()))).to.be.an.instanceOf(InvalidToken);
    expect(refused.done).to.deep.equal(['refreshed', 'forgotten']);
    const away = reader({ refresh: () => Promise.reject(new Unavailable()) });
    expect(await failureOf(() => away.read(away.request()))).to.be.an.instanceOf(Unavailable);
    expect(away.done).to.deep.equal(['refreshed']);
  });

  it('renews nothing for a token that came in a header', async () => {
    const { read, done, request } = reader({ isCookie: false });
    expect(await failureOf(() => read(request('POST')))).to.be.an.instanceOf(InvalidToken);
    expect(done).to.deep.equal([]);
  });
});
