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
    const { app, mongod, uri } = lone;
    const credentials = { username: 'late@example.com', password: PASSWORD };
    await app.post('/auth/register', { email: credentials.username, password: PASSWORD });
    const { body: pair } = await app.post('/auth/token', credentials);
    const { access_token } = pair;
    let { refresh_token } = pair;
    const connection = await mongoose.createConnection(uri).asPromise();
    try {
      let generation = 1;
      // When the user is found: the rotation waits for longer than the client, and than the two seconds of grace of this app.
      const refreshLate = async () => {
        await app.arm({ after: 1, count: 'commands', signal: 'SIGSTOP', pid: mongod.pid });
        const answer = await app.post('/auth/refresh', { refresh_token });
        mongod.resume();
        return answer;
      };
      // It may have been quicker than the signal.
      for (let early = await refreshLate(); early.status === 200; early = await refreshLate()) {
        refresh_token = early.body.refresh_token;
        generation += 1;
      }
      const rotated = { generation };
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
