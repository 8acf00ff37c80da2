import { randomBytes } from 'node:crypto';
import bcrypt from 'bcrypt';
import { expect } from 'chai';
import express from 'express';
import { baseUserPlugin, createAuthRouter } from 'express-auth-kit';
import { createMailbox } from 'express-auth-kit/testing';
import { Schema } from 'mongoose';
import request from 'supertest';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { bearer, PASSWORD } from '../support/test-app.js';

/** Two kinds of users on one connection, who may have the same ids. */
describe('two kinds of users', () => {
  let database: TestDatabase;

  before(async () => {
    database = await createTestDatabase();
  });
  after(() => database.drop());

  let ids = 0;

  /** An app with a router of each kind, and one user of each kind with the same id, stored by other means than the kit. */
  async function createApp(keyOf: () => string) {
    ids += 1;
    const password = await bcrypt.hash(PASSWORD, 4);
    const mailbox = createMailbox();
    const app = express();
    for (const name of ['Customer', 'Admin']) {
      const schema = new Schema({ _id: Number });
      schema.plugin(baseUserPlugin);
      const User = database.connection.models[name] ?? database.connection.model(name, schema);
      const email = `${name.toLowerCase()}-${ids}@example.com`;
      await User.collection.insertOne({ _id: ids, email, password, roles: ['any'] } as never);
      const router = createAuthRouter({
        User,
        secretKey: keyOf(),
        password: { bcryptCost: 4 },
        appUrl: 'https://app.example.com',
        mail: { transport: mailbox.transport, from: 'App <app@example.com>' },
        emailVerification: 'optional',
        logger: { warn() {} },
      });
      // Its mails go out when a spec says so: a router of another spec on the same users would take them.
      await router.service.close();
      app.use(`/${name.toLowerCase()}s`, router);
      app.get(`/${name.toLowerCase()}s/claims`, router.requireClaims, (_req, res) => res.sendStatus(204));
      app.get(`/${name.toLowerCase()}s/settled`, async (_req, res) => {
        await router.service.settled();
        res.end();
      });
    }
    const login = async (kind: string) => {
      const credentials = { username: `${kind}-${ids}@example.com`, password: PASSWORD };
      const { body } = await request(app).post(`/${kind}s/token`).send(credentials).expect(200);
      return body;
    };
    return { app, login, mailbox };
  }

  it('with a key each, do not end each other’s sessions and links (holds 43, 74)', async () => {
    const { app, login, mailbox } = await createApp(() => randomBytes(32).toString('base64'));
    const [customer, admin] = [await login('customer'), await login('admin')];
    for (const kind of ['customer', 'admin']) {
      await request(app)
        .post(`/${kind}s/forgot-password`)
        .send({ email: `${kind}-${ids}@example.com` })
        .expect(202);
      await request(app).get(`/${kind}s/settled`);
    }
    const [ofCustomer, ofAdmin] = mailbox.messages.map(({ text }) => /token=([\w-]+)/.exec(text)?.[1]);
    const reset = { token: ofCustomer, password: 'another good one' };
    await request(app).post('/admins/reset-password').send(reset).expect(400);
    await request(app).post('/customers/logout-all').set(bearer(customer.access_token)).expect(204);
    await request(app).post('/customers/reset-password').send(reset).expect(200);
    await request(app).get('/customers/settled');

    await request(app).get('/admins/me').set(bearer(admin.access_token)).expect(200);
    const { refresh_token } = admin;
    await request(app).post('/admins/refresh').send({ refresh_token }).expect(200);
    await request(app).post('/admins/forgot-password/validate').send({ token: ofAdmin }).expect(200);
  });

  it('with a key each, do not verify each other’s addresses (holds 56, 74)', async () => {
    const { app, mailbox } = await createApp(() => randomBytes(32).toString('base64'));
    for (const kind of ['customer', 'admin']) {
      const email = `${kind}-${ids}@example.com`;
      await request(app).post(`/${kind}s/verify-email/resend`).send({ email }).expect(202);
      await request(app).get(`/${kind}s/settled`);
    }
    const [ofCustomer, ofAdmin] = mailbox.messages.map(({ text }) => /token=([\w-]+)/.exec(text)?.[1]);
    await request(app).post('/admins/verify-email').send({ token: ofCustomer }).expect(400);
    await request(app).post('/customers/verify-email').send({ token: ofCustomer }).expect(200);
    await request(app).get('/customers/settled');
    await request(app).post('/admins/verify-email').send({ token: ofAdmin }).expect(200);
  });

  it('with one key, see and end their own sessions alone (holds 43, 74)', async () => {
    const secretKey = randomBytes(32).toString('base64');
    const { app, login } = await createApp(() => secretKey);
    const [customer, admin] = [await login('customer'), await login('admin')];
    const list = (kind: string, { access_token }: { access_token: string }) =>
      request(app).get(`/${kind}s/sessions`).set(bearer(access_token)).expect(200);
    const [ofCustomer, ofAdmin] = [await list('customer', customer), await list('admin', admin)];
    expect([ofCustomer.body.length, ofAdmin.body.length]).to.deep.equal([1, 1]);
    const [{ id }] = ofAdmin.body;
    expect(ofCustomer.body[0].id).to.not.equal(id);
    await request(app).delete(`/customers/sessions/${id}`).set(bearer(customer.access_token)).expect(404);
    await request(app).delete('/customers/sessions').set(bearer(customer.access_token)).expect(204);
    await request(app).get('/admins/me').set(bearer(admin.access_token)).expect(200);
  });

  it('with one key, are not taken for each other, not even where no database is asked (hold 74)', async () => {
    const secretKey = randomBytes(32).toString('base64');
    const { app, login } = await createApp(() => secretKey);
    const { access_token, refresh_token } = await login('customer');
    await request(app).get('/customers/me').set(bearer(access_token)).expect(200);
    const refused = await request(app).get('/admins/me').set(bearer(access_token)).expect(401);
    expect(refused.body.code).to.equal('invalid_token');
    await request(app).get('/customers/claims').set(bearer(access_token)).expect(204);
    await request(app).get('/admins/claims').set(bearer(access_token)).expect(401);
    await request(app).post('/admins/refresh').send({ refresh_token }).expect(401);
    await request(app).post('/admins/logout').send({ refresh_token }).expect(204);
    await request(app).get('/customers/me').set(bearer(access_token)).expect(200);
  });
});
