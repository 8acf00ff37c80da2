import { expect } from 'chai';
import jwt from 'jsonwebtoken';
import { expectFaults, expectProblem, expectRefusal } from '../../http/expect-refusal.js';
import { bearer, createTestApp, PASSWORD, type TestApp } from '../../support/test-app.js';

const MONTH = 30 * 86_400;
const UUID = /^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/;

describe('POST /token and POST /refresh', () => {
  let app: TestApp;

  before(async () => {
    app = await createTestApp();
  });
  after(() => app.close());

  const sessions = () => app.connection.collection('auth_sessions').countDocuments();

  for (const name of ['username', 'email']) {
    it(`answer a login in JSON, by ${name}, with a pair of tokens and nothing else (holds 14, 66)`, async () => {
      const { email, password } = await app.register();
      const response = await app.http.post('/auth/token').send({ [name]: email, password });
      expect(response.status, response.text).to.equal(200);
      const { access_token, refresh_token, ...rest } = response.body;
      expect(rest).to.deep.equal({ token_type: 'bearer', expires_in: 900 });
      expect([typeof access_token, typeof refresh_token]).to.deep.equal(['string', 'string']);
      expect(response.headers['cache-control']).to.equal('no-store');
      expect(response.headers['content-type']).to.equal('application/json; charset=utf-8');
      expect(response.headers).to.not.have.any.keys('www-authenticate', 'set-cookie');
      await app.http.get('/protected').set(bearer(access_token)).expect(200, { user: email });
    });
  }

  it('answer a refresh in JSON with a new pair and nothing else (holds 14, 66)', async () => {
    const { email, refresh_token } = await app.signUp();
    const response = await app.http.post('/auth/refresh').send({ refresh_token });
    expect(response.status, response.text).to.equal(200);
    const { access_token, refresh_token: successor, ...rest } = response.body;
    expect(rest).to.deep.equal({ token_type: 'bearer', expires_in: 900 });
    expect(successor).to.be.a('string').that.is.not.equal(refresh_token);
    expect(response.headers['cache-control']).to.equal('no-store');
    await app.http.get('/protected').set(bearer(access_token)).expect(200, { user: email });
  });

  it('sign the claims of the contract, and no others', async () => {
    const { id, email, access_token, refresh_token } = await app.signUp();
    const [access, refresh] = [access_token, refresh_token].map((token) =>
      jwt.decode(token, { complete: true }),
    );
    const iat = Math.floor(app.clock.now() / 1000);
    const user = await app.User.findById(id);
    const session = await app.connection.collection('auth_sessions').findOne({ user: user?._id });
    const sid = String(session?._id);
    const { jti } = Object(access?.payload);
    expect(access?.payload).to.deep.equal({
      sub: id,
      email,
      type: 'access',
      sid,
      jti,
      amr: ['pwd'],
      auth_time: iat,
      gen: 0,
      iat,
      exp: iat + 900,
    });
    expect(jti).to.match(UUID);
    expect(refresh?.payload).to.deep.equal({
      sub: id,
      email,
      type: 'refresh',
      sid,
      gen: 0,
      iat,
      exp: iat + MONTH,
    });
    const kid = access?.header.kid;
    expect(kid).to.be.a('string').that.is.not.empty;
    expect(access?.header).to.deep.equal({ alg: 'HS256', typ: 'at+jwt', kid });
    expect(refresh?.header).to.deep.equal({ alg: 'HS256', typ: 'JWT', kid });
  });

  it('count generations in the refresh token, say when each was made, and give each access token a name of its own', async () => {
    const first = await app.signUp();
    const begun = Math.floor(app.clock.now() / 1000);
    app.clock.advance(60_000);
    const { body: second } = await app.http
      .post('/auth/refresh')
      .send({ refresh_token: first.refresh_token })
      .expect(200);
    const [before, after] = [first, second].map(
      ({ refresh_token }) => jwt.decode(refresh_token) as jwt.JwtPayload,
    );
    expect(after).to.deep.equal({ ...before, gen: 1, iat: begun + 60, exp: begun + MONTH });
    const [old, fresh] = [first, second].map(
      ({ access_token }) => jwt.decode(access_token) as jwt.JwtPayload,
    );
    expect(fresh).to.deep.equal({
      ...old,
      jti: fresh?.jti,
      gen: 1,
      iat: begun + 60,
      exp: begun + 960,
    });
    expect(fresh?.jti).to.match(UUID).and.not.equal(old?.jti);
  });

  it('say in expires_in what the access token says in exp', async () => {
    const brief = await createTestApp({ accessTokenExpireMinutes: 2.5, refreshTokenExpireDays: 0.5 });
    try {
      const { access_token, refresh_token, expires_in } = await brief.signUp();
      const [access, refresh] = [access_token, refresh_token].map(
        (token) => jwt.decode(token) as jwt.JwtPayload,
      );
      expect([expires_in, Number(access?.exp) - Number(access?.iat)]).to.deep.equal([150, 150]);
      expect(Number(refresh?.exp) - Number(refresh?.iat)).to.equal(43_200);
      brief.clock.advance(149_000);
      await brief.http.get('/protected').set(bearer(access_token)).expect(200);
      brief.clock.advance(1000);
      expectRefusal(await brief.http.get('/protected').set(bearer(access_token)), 'invalid_token');
    } finally {
      await brief.close();
    }
  });

  it('ignore credentials in the query string (hold 19)', async () => {
    const { email, password, refresh_token } = await app.signUp();
    const before = await sessions();
    const inQuery = new URLSearchParams({
      username: email,
      password,
      email,
      refresh_token,
      grant_type: 'password',
    });
    for (const response of [
      await app.http.post(`/auth/token?${inQuery}`),
      await app.http.post(`/auth/token?${inQuery}`).send({}),
    ]) {
      expectFaults(response, [
        { code: 'required', detail: 'The username is required.', pointer: '#/username' },
        { code: 'required', detail: 'The password is required.', pointer: '#/password' },
      ]);
    }
    expectFaults(await app.http.post(`/auth/refresh?${inQuery}`).send({}), [
      { code: 'required', detail: 'The refresh token is required.', pointer: '#/refresh_token' },
    ]);
    const form = await app.http.post(`/auth/token?${inQuery}`).type('form').send('scope=all');
    expect([form.status, form.body.error]).to.deep.equal([400, 'invalid_request']);
    expect(await sessions()).to.equal(before);
  });

  it('take the password of the body where the query string has another (hold 19)', async () => {
    const { email } = await app.register();
    const login = (inQuery: string, inBody: string) =>
      app.http
        .post('/auth/token')
        .query({ password: inQuery, username: email })
        .send({ username: email, password: inBody });
    expectRefusal(await login(PASSWORD, 'not the password'), 'invalid_credentials');
    await login('not the password', PASSWORD).expect(200);
  });

  it('let ten logins of one user at once all succeed, each with a session of its own (hold 21)', async () => {
    const user = await app.register();
    const before = await sessions();
    const pairs = await Promise.all(Array.from({ length: 10 }, () => app.login(user)));
    const ids = pairs.map(({ access_token }) => (jwt.decode(access_token) as jwt.JwtPayload).sid);
    expect(new Set(ids).size).to.equal(10);
    expect(await sessions()).to.equal(before + 10);
    for (const { access_token } of pairs)
      await app.http.get('/protected').set(bearer(access_token)).expect(200);
  });

  it('read a form at /token alone', async () => {
    const { refresh_token } = await app.signUp();
    const response = await app.http.post('/auth/refresh').type('form').send({ refresh_token });
    expectProblem(response, {
      status: 415,
      code: 'unsupported_media_type',
      detail: 'Send the body as application/json.',
    });
    await app.http.post('/auth/refresh').send({ refresh_token }).expect(200);
  });

  it('answer no GET: a link cannot log anybody in', async () => {
    const { email, password } = await app.register();
    const query = new URLSearchParams({ username: email, password });
    await app.http.get(`/auth/token?${query}`).expect(404);
    await app.http.get(`/auth/refresh?${query}`).expect(404);
  });
});
