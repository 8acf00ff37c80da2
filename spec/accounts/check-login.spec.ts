import { expect } from 'chai';
import { checkLogin, signInByPassword } from '../../lib/accounts/check-login.js';
import type { Feature, Kit } from '../../lib/kit.js';
import type { UserDocument } from '../../lib/models/user.js';
import { recordEvents } from '../conformance/record-events.js';
import { createTestApp, PASSWORD, type TestApp } from '../support/test-app.js';

describe('checkLogin', () => {
  let app: TestApp;
  let kit: Kit;

  before(async () => {
    const feature: Feature = {
      name: 'kit',
      setup(own) {
        kit = own;
        return {};
      },
    };
    app = await createTestApp({ features: [feature] });
  });
  after(() => app.close());

  const origin = { ip: '203.0.113.7', userAgent: 'UA' };
  const context = { ...origin, acceptLanguage: 'fr' };

  it('gives whose email and password they are', async () => {
    const { id, email } = await app.register();
    const user = await checkLogin(kit, { username: email.toUpperCase(), password: PASSWORD }, { context });
    expect(user?.id).to.equal(id);
  });

  it('tells the app alone why not: what was typed is told where it is nobody’s', async () => {
    const { id, email } = await app.register();
    const events = recordEvents(app.auth);
    const wrong = { username: email, password: 'wrong one' };
    expect(await checkLogin(kit, wrong, { context })).to.equal(undefined);
    const unknown = { username: ' Nobody@Example.com', password: PASSWORD };
    expect(await checkLogin(kit, unknown, { context })).to.equal(undefined);
    // Somebody has typed the password there.
    await checkLogin(kit, { username: PASSWORD, password: PASSWORD }, { context });
    expect(events).to.deep.equal([
      ['login.failed', { userId: id, email: null, reason: 'wrong_password', ...origin }],
      ['login.failed', { userId: null, email: ' Nobody@Example.com', reason: 'unknown', ...origin }],
      ['login.failed', { userId: null, email: null, reason: 'unknown', ...origin }],
    ]);
  });

  it('makes no session; signInByPassword does, where the request came from', async () => {
    const { id, email } = await app.register();
    const sessions = app.connection.collection('auth_sessions');
    const user = await checkLogin(kit, { username: email, password: PASSWORD }, { context });
    expect(await sessions.countDocuments({ user: user?._id })).to.equal(0);
    const { access_token } = await signInByPassword(kit, user as UserDocument, { context });
    expect(await sessions.findOne({ user: user?._id })).to.include(origin);
    const { claims } = await app.auth.service.verifyAccessToken(access_token);
    expect({ sub: claims.sub, amr: claims.amr }).to.deep.equal({ sub: id, amr: ['pwd'] });
  });
});
