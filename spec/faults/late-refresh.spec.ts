import { setTimeout as wait } from 'node:timers/promises';
import { expect } from 'chai';
import mongoose from 'mongoose';
import { type AppOnLoneMongod, startAppOnLoneMongod } from '../support/lone-mongod.js';

const PASSWORD = 'correct horse battery';

describe('a refresh that the database carries out late', function () {
  this.timeout(60_000);
  let lone: AppOnLoneMongod;

  before(async function () {
    lone = await startAppOnLoneMongod(this, { refreshGraceSeconds: 2 });
  });
  after(() => lone?.stop());

  it('makes no thief of who repeats it (holds 38, 67)', async () => {
    const { app, uri } = lone;
    const credentials = { username: 'late@example.com', password: PASSWORD };
    await app.post('/auth/register', { email: credentials.username, password: PASSWORD });
    const { body: pair } = await app.post('/auth/token', credentials);
    const { access_token, refresh_token } = pair;
    const connection = await mongoose.createConnection(uri).asPromise();
    try {
      // Longer than the client is kept waiting, and than the two seconds of grace that this app has.
      const data = { failCommands: ['findAndModify'], blockConnection: true, blockTimeMS: 4000 };
      const failPoint = { configureFailPoint: 'failCommand', mode: { times: 1 }, data };
      await connection.getClient().db('admin').command(failPoint);
      expect((await app.post('/auth/refresh', { refresh_token })).status).to.equal(503);
      const rotated = { generation: 1 };
      while (!(await connection.collection('auth_sessions').findOne(rotated))) await wait(20);

      const { status, body } = await app.post('/auth/refresh', { refresh_token });
      expect(status).to.equal(200);
      expect((await app.post('/auth/refresh', { refresh_token: body.refresh_token })).status).to.equal(200);
      expect((await app.get('/protected', access_token)).status).to.equal(200);
    } finally {
      await connection.close();
    }
  });
});
