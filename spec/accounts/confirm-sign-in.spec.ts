import { expect } from 'chai';
import type { AuthError } from '../../lib/errors.js';
import { methods } from '../own-features/methods.js';
import { failureOf } from '../support/failure.js';
import { createTestApp, PASSWORD, type TestApp } from '../support/test-app.js';

describe('confirmSignIn, by the service', () => {
  let app: TestApp;

  before(async () => {
    app = await createTestApp({ features: [methods({ device: {} })] });
  });
  after(() => app.close());

  const confirm = (token: string, shown: Record<string, unknown>) => app.auth.service.confirm(token, shown);
  const codeOf = async (run: () => Promise<unknown>) => (await failureOf<AuthError>(run)).code;

  it('says from when on the login counts', async () => {
    const { access_token } = await app.signUp();
    app.clock.advance(600_000);
    expect((await confirm(access_token, { password: PASSWORD })).getTime()).to.equal(app.clock.now());
    expect(await codeOf(() => confirm(access_token, { password: 'wrong' }))).to.equal('wrong_password');
    expect(await codeOf(() => confirm(access_token, {}))).to.equal('validation_failed');
    expect(await codeOf(() => confirm('x', { password: PASSWORD }))).to.equal('invalid_token');
  });

  it('keeps what was shown at the sign-in, and adds to it', async () => {
    const { id, access_token, refresh_token } = await app.signUp();
    const entry = { method: 'device', id: 'device', addedAt: new Date() };
    await app.User.updateOne({ _id: id }, { $push: { waysIn: entry } });
    await confirm(access_token, { password: PASSWORD, method: 'device', code: 'right' });
    const pair = await app.auth.service.refresh(refresh_token);
    const { claims } = await app.auth.service.verifyAccessToken(pair.access_token);
    expect(claims.amr).to.have.members(['pwd', 'otp', 'mfa']);
  });

  it('revives no session that ends meanwhile (hold 42)', async () => {
    for (let round = 0; round < 20; round += 1) {
      const { id, access_token } = await app.signUp();
      await Promise.all([
        confirm(access_token, { password: PASSWORD }).catch(() => {}),
        app.auth.service.revokeSessions(id),
      ]);
      expect(await codeOf(() => app.auth.service.verifyAccessToken(access_token))).to.equal('invalid_token');
      expect(await codeOf(() => confirm(access_token, { password: PASSWORD }))).to.equal('invalid_token');
    }
  });
});
