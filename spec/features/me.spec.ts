import { expect } from 'chai';
import { bearer, createTestApp, type TestApp } from '../support/test-app.js';

describe('GET /me', () => {
  let app: TestApp;

  before(async () => {
    app = await createTestApp();
  });
  after(() => app.close());

  it('shows the public user, with the fields of the app and nothing internal (hold 66)', async () => {
    const { email, id, access_token } = await app.signUp({ name: 'Jean Paul Dupont', phone: '+33 1 23 45' });
    const { body, headers } = await app.http.get('/auth/me').set(bearer(access_token)).expect(200);
    const { createdAt, updatedAt, ...rest } = body;
    expect(rest).to.deep.equal({
      id,
      email,
      name: 'Jean Paul Dupont',
      displayName: 'Jean Paul Dupont',
      initials: 'JD',
      roles: [],
      emailVerifiedAt: null,
      phone: '+33 1 23 45',
      company: null,
    });
    expect([createdAt, updatedAt].map(Date.parse)).to.not.include(Number.NaN);
    expect(headers['cache-control']).to.equal('no-store');
  });

  it('is served beside the router too, by auth.me', async () => {
    const { email, access_token } = await app.signUp();
    const { body } = await app.http.get('/me').set(bearer(access_token)).expect(200);
    expect(body.email).to.equal(email);
  });

  it('refuses a request without a token', async () => {
    const { body, headers } = await app.http.get('/me').expect(401);
    expect(body).to.include({ code: 'missing_token', detail: 'Could not validate credentials' });
    expect(headers['www-authenticate']).to.equal('Bearer');
    expect(headers['content-type']).to.equal('application/problem+json');
  });
});
