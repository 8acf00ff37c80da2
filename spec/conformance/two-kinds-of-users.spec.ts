import { randomBytes } from 'node:crypto';
import bcrypt from 'bcrypt';
import { expect } from 'chai';
import express from 'express';
import { baseUserPlugin, createAuthRouter } from 'express-auth-kit';
import { Schema } from 'mongoose';
import request from 'supertest';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { bearer, PASSWORD } from '../support/test-app.js';

/** Two kinds of users on one connection and, against the advice of the docs, with one key. */
describe('two kinds of users', () => {
  let database: TestDatabase;

  before(async () => {
    database = await createTestDatabase();
  });
  after(() => database.drop());

  it('are not taken for each other, though their ids are the same and neither has a stamp', async () => {
    const secretKey = randomBytes(32).toString('base64');
    const password = await bcrypt.hash(PASSWORD, 4);
    const [customers, admins] = await Promise.all(
      ['Customer', 'Admin'].map(async (name) => {
        const schema = new Schema({ _id: Number });
        schema.plugin(baseUserPlugin);
        const User = database.connection.model(name, schema);
        const email = `${name.toLowerCase()}@example.com`;
        // As an import stores it: by other means than the kit.
        await User.collection.insertOne({ _id: 1, email, password, roles: ['any'] } as never);
        return createAuthRouter({ User, secretKey, password: { bcryptCost: 4 }, logger: { warn() {} } });
      }),
    );
    const app = express()
      .use('/customers', customers as express.Router)
      .use('/admins', admins as express.Router);
    const credentials = { username: 'customer@example.com', password: PASSWORD };
    const { body } = await request(app).post('/customers/token').send(credentials).expect(200);
    const { access_token, refresh_token } = body;
    await request(app).get('/customers/me').set(bearer(access_token)).expect(200);
    const refused = await request(app).get('/admins/me').set(bearer(access_token)).expect(401);
    expect(refused.body.code).to.equal('invalid_token');
    await request(app).post('/admins/refresh').send({ refresh_token }).expect(401);
  });
});
