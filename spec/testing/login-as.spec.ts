import { expect } from 'chai';
import type { AuthError } from 'express-auth-kit';
import { loginAs } from 'express-auth-kit/testing';
import jwt from 'jsonwebtoken';
import { failureOf } from '../support/failure.js';
import { createTestApp, type TestApp } from '../support/test-app.js';

describe('loginAs', () => {
  let app: TestApp;

  before(async () => {
    app = await createTestApp();
  });
  after(() => app.close());

  const sessions = (user?: unknown) =>
    app.connection.collection('auth_sessions').countDocuments(user === undefined ? {} : { user });

  it('gives the header of a signed-in request', async () => {
    const { email, id } = await app.register();
    const header = await loginAs(app.auth, id);
    expect(Object.keys(header)).to.deep.equal(['authorization']);
    const { body } = await app.http.get('/protected').set(header).expect(200);
    expect(body).to.deep.equal({ user: email });
  });

  it('takes a document as well as an id, and needs no password', async () => {
    const user = await app.auth.service.createUser({ email: 'document@example.com', password: 'zqxjkvbw 1' });
    const { body } = await app.http
      .get('/auth/me')
      .set(await loginAs(app.auth, user))
      .expect(200);
    expect(body).to.include({ id: user.id, email: 'document@example.com' });
  });

  it('makes a session like any other, which a logout ends', async () => {
    const { id } = await app.register();
    const user = await app.User.findById(id);
    const header = await loginAs(app.auth, id);
    expect(await sessions(user?._id)).to.equal(1);
    await app.http.post('/auth/logout').set(header).expect(204);
    expect(await sessions(user?._id)).to.equal(0);
    const { body } = await app.http.get('/protected').set(header).expect(401);
    expect(body).to.include({ code: 'invalid_token' });
  });

  it('gives tokens of the configured lifetime, by the injected clock (hold 3)', async () => {
    const { id } = await app.register();
    const { authorization } = await loginAs(app.auth, id);
    const { iat, exp } = jwt.decode(authorization.slice('Bearer '.length)) as jwt.JwtPayload;
    expect(iat).to.equal(Math.floor(app.clock.now() / 1000));
    expect(Number(exp) - Number(iat)).to.equal(900);
    app.clock.advance(900_000);
    await app.http.get('/protected').set({ authorization }).expect(401);
  });

  it('keeps two logins apart', async () => {
    const { id } = await app.register();
    const [one, other] = [await loginAs(app.auth, id), await loginAs(app.auth, id)];
    await app.http.post('/auth/logout').set(one).expect(204);
    await app.http.get('/protected').set(one).expect(401);
    await app.http.get('/protected').set(other).expect(200);
  });

  it('refuses who is not there, and who is disabled', async () => {
    const { id } = await app.register();
    await app.auth.service.disableUser(id);
    const before = await sessions();
    for (const user of ['0'.repeat(24), 'x', '', { _id: null }, id]) {
      const error = await failureOf<AuthError>(() => loginAs(app.auth, user));
      expect(error).to.include({ status: 404, code: 'not_found', detail: 'Not found' });
    }
    expect(await sessions()).to.equal(before);
  });
});
