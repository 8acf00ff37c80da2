import { expect } from 'chai';
import { requireRecentLogin } from '../../lib/accounts/recent-login.js';
import { InsufficientUserAuthentication } from '../../lib/errors.js';
import type { Session } from '../../lib/models/session-store.js';
import { failureOf } from '../support/failure.js';

describe('requireRecentLogin', () => {
  const session = { authTime: new Date('2030-01-01T00:00:00.000Z') } as Session;
  const loggedInFor = (ms: number) => ({ now: new Date(session.authTime.getTime() + ms), seconds: 300 });

  it('lets a login pass that is as old as it may be', () => {
    requireRecentLogin(session, loggedInFor(300_000));
  });

  it('refuses one that is older, and says how old it may be (RFC 9470)', async () => {
    const error = await failureOf<InsufficientUserAuthentication>(() =>
      requireRecentLogin(session, loggedInFor(300_001)),
    );
    expect(error).to.be.an.instanceOf(InsufficientUserAuthentication);
    expect(error).to.include({ status: 401, code: 'insufficient_user_authentication' });
    expect(error.headers['WWW-Authenticate']).to.include('max_age="300"');
  });
});
