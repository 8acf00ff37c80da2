import { randomBytes } from 'node:crypto';
import express from 'express';
import {
  type AuthHooks,
  type BaseUserFields,
  baseUserPlugin,
  createAuthRouter,
  InvalidCredentials,
} from 'express-auth-kit';
import { Schema } from 'mongoose';
import { expectRefusal } from '../http/expect-refusal.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { bearer, PASSWORD, serve } from '../support/test-app.js';

/** Two routers with the same users and the same key: a shop for all, and an office that a hook keeps for clerks. */
describe('two routers of one kind of users', () => {
  let database: TestDatabase;

  before(async () => {
    database = await createTestDatabase();
    const schema = new Schema({});
    schema.plugin(baseUserPlugin);
    database.connection.model('User', schema);
  });
  after(() => database.drop());

  const secretKey = randomBytes(32).toString('base64');
  let users = 0;

  /** @param audiences whether each router has one */
  async function start(audiences: boolean) {
    const User = database.connection.model('User');
    const common = { User, secretKey, password: { bcryptCost: 4 }, logger: { warn() {} } };
    const shop = createAuthRouter({ ...common, ...(audiences && { audience: 'shop' }) });
    const hooks: AuthHooks<BaseUserFields> = {
      beforeSignIn({ user }) {
        if (!user.roles.includes('clerk')) throw new InvalidCredentials();
      },
    };
    const office = createAuthRouter({ ...common, hooks, ...(audiences && { audience: 'office' }) });
    const served = await serve(
      express()
        .use('/shop', shop)
        .use('/office', office)
        .get('/claims', office.requireClaims, (_req, res) => void res.end()),
    );
    const add = async (...roles: string[]) => {
      users += 1;
      const email = `user-${users}@example.com`;
      await shop.service.createUser({ email, password: PASSWORD, roles });
      return { username: email, password: PASSWORD };
    };
    return { ...served, add };
  }

  it('share sessions: a hook of one does not bind who signs in at the other', async () => {
    const { http, add, close } = await start(false);
    try {
      const customer = await add();
      expectRefusal(await http.post('/office/token').send(customer), 'invalid_credentials');
      const { body } = await http.post('/shop/token').send(customer).expect(200);
      const { refresh_token } = body;
      await http.get('/office/me').set(bearer(body.access_token)).expect(200);
      await http.post('/office/refresh').send({ refresh_token }).expect(200);
    } finally {
      close();
    }
  });

  it('with an audience each, do not take each other’s tokens, and the hook binds', async () => {
    const { http, add, close } = await start(true);
    try {
      const customer = await add();
      expectRefusal(await http.post('/office/token').send(customer), 'invalid_credentials');
      const { body } = await http.post('/shop/token').send(customer).expect(200);
      const { access_token, refresh_token } = body;
      expectRefusal(await http.get('/office/me').set(bearer(access_token)), 'invalid_token');
      expectRefusal(await http.get('/claims').set(bearer(access_token)), 'invalid_token');
      expectRefusal(await http.post('/office/refresh').send({ refresh_token }), 'invalid_refresh_token');
      await http.post('/office/logout').send({ refresh_token }).expect(204);

      await http.get('/shop/me').set(bearer(access_token)).expect(200);
      await http.post('/shop/refresh').send({ refresh_token }).expect(200);
      const clerk = await http
        .post('/office/token')
        .send(await add('clerk'))
        .expect(200);
      await http.get('/office/me').set(bearer(clerk.body.access_token)).expect(200);
      expectRefusal(await http.get('/shop/me').set(bearer(clerk.body.access_token)), 'invalid_token');
    } finally {
      close();
    }
  });
});
