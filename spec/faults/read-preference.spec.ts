import { randomBytes } from 'node:crypto';
import { expect } from 'chai';
import mongoose from 'mongoose';
import { type AppProcess, startApp } from '../support/app-process.js';
import { type ReplicaSet, startReplicaSet } from '../support/replica-set.js';

const PASSWORD = 'correct horse battery';
const LOGOUTS = 20;

/** An app whose URI prefers secondaries, on a replica set with a secondary that has stopped to follow. */
describe('a read preference for secondaries', function () {
  this.timeout(60_000);
  let replicaSet: ReplicaSet;
  let app: AppProcess;
  let behind: mongoose.Connection;

  before(async function () {
    replicaSet = await startReplicaSet(this, 'preference');
    app = await startApp({
      mongodbUri: `${replicaSet.uri}&readPreference=secondaryPreferred`,
      secretKey: randomBytes(32).toString('base64'),
    });
    const [secondary] = await replicaSet.secondaries();
    behind = await mongoose
      .createConnection(`mongodb://${secondary}/preference?directConnection=true&readPreference=secondary`)
      .asPromise();
  });
  after(async () => {
    await behind?.getClient().db('admin').command({ configureFailPoint: 'rsSyncApplyStop', mode: 'off' });
    await behind?.close();
    await app?.stop();
    await replicaSet?.stop();
  });

  it('delays no revocation (holds 40, 72)', async () => {
    const email = 'reader@example.com';
    expect((await app.post('/auth/register', { email, password: PASSWORD })).status).to.equal(201);
    const logins = await Promise.all(
      Array.from({ length: LOGOUTS }, () => app.post('/auth/token', { username: email, password: PASSWORD })),
    );
    const sessions = behind.collection('auth_sessions');
    while ((await sessions.countDocuments()) < LOGOUTS) await new Promise(setImmediate);
    await behind.getClient().db('admin').command({ configureFailPoint: 'rsSyncApplyStop', mode: 'alwaysOn' });

    for (const { body } of logins) {
      expect((await app.post('/auth/logout', { refresh_token: body.refresh_token })).status).to.equal(204);
      expect((await app.get('/protected', body.access_token)).status).to.equal(401);
      expect((await app.post('/auth/refresh', { refresh_token: body.refresh_token })).status).to.equal(401);
    }
    // There was something to be misled by.
    expect(await sessions.countDocuments()).to.equal(LOGOUTS);
  });
});
