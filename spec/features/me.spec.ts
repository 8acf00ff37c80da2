import { expect } from 'chai';
import { expectRefusal } from '../http/expect-refusal.js';
import { bearer, createTestApp, type TestApp } from '../support/test-app.js';

describe('GET /me', () => {
  let app: TestApp;

  before(async () => {
    app = await createTestApp({ fields: { note: { type: String, select: false } } });
  });
  after(() => app.close());

  it('shows the public user, with the fields of the app and nothing internal (holds 14, 66)', async () => {
    const { email, id, access_token } = await app.signUp({ name: 'Jean Paul Dupont', phone: '+33 1 23 45' });
    await app.User.updateOne({ _id: id }, { note: 'internal', roles: ['editor'] });
    const { body, headers } = await app.http.get('/auth/me').set(bearer(access_token)).expect(200);
    const { createdAt, updatedAt, ...rest } = body;
    expect(rest).to.deep.equal({
      id,
      email,
      name: 'Jean Paul Dupont',
      displayName: 'Jean Paul Dupont',
      initials: 'JD',
      roles: ['editor'],
      emailVerifiedAt: null,
      phone: '+33 1 23 45',
      company: null,
    });
    expect([createdAt, updatedAt].map(Date.parse)).to.not.include(Number.NaN);
    expect(headers['cache-control']).to.equal('no-store');
    expect(headers['content-type']).to.equal('application/json; charset=utf-8');
  });

  it('shows every field that is not set as null', async () => {
    const { email, access_token } = await app.signUp();
    await app.connection
      .collection('users')
      .updateOne(
        { email },
        { $unset: { name: 1, roles: 1, emailVerifiedAt: 1, createdAt: 1, updatedAt: 1 } },
      );
    const { body } = await app.http.get('/auth/me').set(bearer(access_token)).expect(200);
    expect(body).to.deep.include({
      name: null,
      roles: [],
      emailVerifiedAt: null,
      createdAt: null,
      updatedAt: null,
    });
    expect(body).to.include({ displayName: email, phone: null, company: null });
  });

  const initials: [email: string, name: string | null, expected: string][] = [
    ['jean.dupont@example.com', null, 'JD'],
    ['francois@example.com', null, 'FR'],
    ['x@example.com', null, 'X'],
    ['someone@example.com', 'Maria Stuart', 'MS'],
    ['someone.else@example.com', 'Madonna', 'MA'],
  ];
  for (const [email, name, expected] of initials) {
    it(`shortens ${name ?? email} to ${expected}`, async () => {
      const { access_token } = await app.signUp({ email, name });
      const { body } = await app.http.get('/auth/me').set(bearer(access_token)).expect(200);
      expect(body).to.include({ initials: expected, displayName: name ?? email });
    });
  }

  it('shows what is stored now, not what was stored at the login', async () => {
    const { id, access_token } = await app.signUp();
    await app.User.updateOne({ _id: id }, { phone: 'new' });
    const { body } = await app.http.get('/auth/me').set(bearer(access_token)).expect(200);
    expect(body.phone).to.equal('new');
  });

  it('yields the user of the token though another has its address by now (hold 10)', async () => {
    const first = await app.signUp();
    await app.User.updateOne({ _id: first.id }, { email: `moved-${first.email}` });
    const second = await app.signUp({ email: first.email });
    const { body } = await app.http.get('/auth/me').set(bearer(first.access_token)).expect(200);
    expect(body).to.include({ id: first.id, email: `moved-${first.email}` });
    const { body: refreshed } = await app.http
      .post('/auth/refresh')
      .send({ refresh_token: first.refresh_token })
      .expect(200);
    const { body: again } = await app.http.get('/auth/me').set(bearer(refreshed.access_token)).expect(200);
    expect(again.id).to.equal(first.id);
    await app.User.deleteOne({ _id: first.id });
    expectRefusal(await app.http.get('/auth/me').set(bearer(first.access_token)), 'invalid_token');
    expect(second.id).to.not.equal(first.id);
  });

  it('is served beside the router too, by auth.me', async () => {
    const { email, access_token } = await app.signUp();
    const { body } = await app.http.get('/me').set(bearer(access_token)).expect(200);
    expect(body.email).to.equal(email);
    expectRefusal(await app.http.get('/me'), 'missing_token');
    await app.http.get('/me/me').set(bearer(access_token)).expect(404);
    await app.http.post('/me/token').send({}).expect(404);
  });

  it('refuses a request without a token (hold 12)', async () => {
    expectRefusal(await app.http.get('/auth/me'), 'missing_token');
  });
});
