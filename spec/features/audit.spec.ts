import { expect } from 'chai';
import type { AuditTrailEntry } from 'express-auth-kit';
import { expectRefusal } from '../http/expect-refusal.js';
import { interceptCommands } from '../support/intercept-commands.js';
import { bearer, createTestApp, PASSWORD, type TestApp } from '../support/test-app.js';

const DAY = 86_400_000;

describe('the audit trail', () => {
  let app: TestApp;

  before(async () => {
    app = await createTestApp({ audit: 30 });
  });
  after(() => app.close());

  const trail = (id: string) => app.auth.service.auditTrail(id);
  const namesOf = (entries: readonly AuditTrailEntry[]) => entries.map(({ event }) => event).reverse();
  const rows = () => app.connection.collection('auth_audit').find().toArray();

  it('tells what happened to an account, from the first to the last day', async () => {
    const user = await app.signUp({ name: 'Ada' });
    await app.http.patch('/auth/me').set(bearer(user.access_token)).send({ name: 'Lovelace' }).expect(200);
    await app.http.post('/auth/token').send({ username: user.email, password: 'wrong' }).expect(401);
    await app.http
      .post('/auth/confirm')
      .set(bearer(user.access_token))
      .send({ password: PASSWORD })
      .expect(200);
    await app.http.post('/auth/logout').send({ refresh_token: user.refresh_token }).expect(204);
    const entries = await trail(user.id);
    expect(namesOf(entries)).to.deep.equal([
      'user.registered',
      'login.succeeded',
      'user.updated',
      'login.failed',
      'login.confirmed',
      'session.ended',
    ]);
    const [ended, , failed, updated, login] = entries;
    expect(ended?.details).to.deep.equal({ reason: 'logout' });
    expect(failed?.details).to.deep.equal({ reason: 'wrong_password' });
    expect(updated?.details).to.deep.equal({ fields: ['name'] });
    expect(login).to.include({ ip: '127.0.0.1', sessionId: ended?.sessionId });
    expect(login?.at.getTime()).to.equal(app.clock.now());
  });

  it('keeps no address, no name and no secret (hold 63)', async () => {
    const user = await app.signUp({ name: 'Grace' });
    const token = await app.resetToken(user.email);
    await app.http.post('/auth/reset-password').send({ token, password: 'another horse' }).expect(200);
    await app.http.post('/auth/token').send({ username: 'nobody@example.com', password: 'x' }).expect(401);
    const all = JSON.stringify(await rows());
    const secrets = [PASSWORD, 'another horse', token, user.access_token, user.refresh_token];
    for (const kept of [user.email, 'Grace', 'nobody@example.com', '$2b$', ...secrets])
      expect(all.includes(kept), kept).to.equal(false);
  });

  it('does the same work whether or not there is such an account (holds 17, 53)', async () => {
    const { email, id } = await app.register();
    const count = async (username: string) => {
      const before = (await rows()).length;
      await app.http.post('/auth/token').send({ username, password: 'wrong' }).expect(401);
      await app.http.post('/auth/forgot-password').send({ email: username }).expect(202);
      return (await rows()).length - before;
    };
    expect([await count(email), await count('nobody@example.com')]).to.deep.equal([2, 2]);
    expect(namesOf(await trail(id)).slice(-2)).to.deep.equal(['login.failed', 'password.resetRequested']);
  });

  it('leaves of somebody who has gone ids alone, for their time', async () => {
    const { id, access_token } = await app.signUp();
    await app.http.delete('/auth/me').set(bearer(access_token)).send({ password: PASSWORD }).expect(204);
    const entries = await trail(id);
    expect(namesOf(entries)).to.deep.equal([
      'user.registered',
      'login.succeeded',
      'session.ended',
      'user.deleted',
    ]);
    for (const { ip, userAgent } of entries) expect([ip, userAgent]).to.deep.equal([null, null]);
    app.clock.advance(29 * DAY);
    expect(await trail(id)).to.have.length(4);
    app.clock.advance(DAY);
    expect(await trail(id)).to.deep.equal([]);
  });

  it('is written before the answer: what cannot be noted is not acknowledged', async () => {
    const { email, id } = await app.register();
    const before = await trail(id);
    const restore = interceptCommands(async ({ name, collection }, send) => {
      if (name !== 'insert' || collection !== 'auth_audit') return send();
      throw Object.assign(new Error('the connection broke'), { code: 'ECONNRESET' });
    });
    try {
      expectRefusal(
        await app.http.post('/auth/token').send({ username: email, password: PASSWORD }),
        'unavailable',
      );
    } finally {
      restore();
    }
    expect(await trail(id)).to.deep.equal(before);
    await app.login({ email, password: PASSWORD });
    expect(await trail(id)).to.have.length(before.length + 1);
  });

  it('is off unless it is asked for: no collection, and no word', async () => {
    const without = await createTestApp();
    try {
      const { id } = await without.signUp();
      const collections = await without.connection.listCollections();
      expect(collections.map(({ name }) => name)).to.not.include('auth_audit');
      const asked = without.auth.service.auditTrail(id).then(
        () => '',
        ({ message }: Error) => message,
      );
      expect(await asked).to.equal('auditTrail: nothing is kept; set the option audit (or AUTH_AUDIT_DAYS)');
    } finally {
      await without.close();
    }
  });
});
