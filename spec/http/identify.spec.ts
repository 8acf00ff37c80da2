import { expect } from 'chai';
import type { AuthError } from 'express-auth-kit';
import { createIdentify } from '../../lib/http/identify.js';
import type { SignedIn } from '../../lib/models/sign-in-loader.js';
import type { AccessClaims } from '../../lib/security/tokens.js';
import { failureOf } from '../support/failure.js';

describe('identify', () => {
  const claims = { sub: 'u1', sid: 's1', gen: 2 } as AccessClaims;
  const signedIn = { user: { email: 'jean@example.com' }, session: { generation: 0 } } as unknown as SignedIn;
  const NOW = new Date('2030-01-01T00:00:00.000Z');

  function identifyWith(found: SignedIn | undefined, isNew = false) {
    const asked: unknown[] = [];
    const shown: unknown[] = [];
    const forgotten: unknown[] = [];
    const identify = createIdentify({
      access: { read: async () => claims, isNew: () => isNew },
      transport: { forget: (req) => forgotten.push(req) },
      loadSignIn: async (...given) => {
        asked.push(given);
        return found;
      },
      noteShown: (...given) => shown.push(given),
      now: () => NOW,
    });
    return { identify, asked, shown, forgotten };
  }

  it('gives user, session and claims, as they are at this moment', async () => {
    const { identify, asked } = identifyWith(signedIn);
    expect(await identify({ headers: {} })).to.deep.equal({ ...signedIn, claims });
    expect(asked).to.deep.equal([['u1', 's1', NOW]]);
  });

  it('refuses a token whose session is over (hold 40)', async () => {
    const { identify, shown, forgotten } = identifyWith(undefined);
    const request = { headers: {} };
    const error = await failureOf<AuthError>(() => identify(request));
    expect(forgotten).to.deep.equal([request]);
    expect(shown).to.deep.equal([]);
    expect(error).to.include({ status: 401, code: 'invalid_token', message: 'the session is over' });
  });

  it('has noted that the generation of the token has arrived, once a request (hold 37)', async () => {
    const { identify, shown } = identifyWith(signedIn);
    const request = { headers: {} };
    await identify(request);
    await identify(request);
    expect(shown).to.deep.equal([[signedIn.session, 2]]);
  });

  it('notes nothing for a token that was made for this request: it may never arrive', async () => {
    const { identify, shown } = identifyWith(signedIn, true);
    await identify({ headers: {} });
    expect(shown).to.deep.equal([]);
  });

  it('is asked once a request, and tells the request each time, whoever stood there between', async () => {
    const { identify, asked } = identifyWith(signedIn);
    const request: Parameters<typeof identify>[0] = { headers: {} };
    await identify(request);
    Object.assign(request, { user: { email: 'somebody else' }, auth: undefined });
    await identify(request);
    expect([request.user, request.auth]).to.deep.equal([signedIn.user, claims]);
    expect(asked).to.have.length(1);
  });
});
