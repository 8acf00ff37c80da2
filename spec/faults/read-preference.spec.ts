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
  let options: { mongodbUri: string; secretKey: string };

  before(async function () {
    replicaSet = await startReplicaSet(this, 'preference');
    options = {
      mongodbUri: `${replicaSet.uri}&readPreference=secondaryPreferred`,
      secretKey: randomBytes(32).toString('base64'),
    };
    app = await startApp(options);
    const [secondary] = await replicaSet.secondaries();
    behind = await mongoose
      .createConnection(`mongodb://${secondary}/preference?directConnection=true&readPreference=secondary`)
      .asPromise();
  });
  const follow = (mode: 'alwaysOn' | 'off') =>
    behind?.getClient().db('admin').command({ configureFailPoint: 'rsSyncApplyStop', mode });

  after(async () => {
    await behind?.close();
    await app?.stop();
    await replicaSet?.stop();
  });
  afterEach(() => follow('off'));

  it('takes no index for missing that was just made', async () => {
    await follow('alwaysOn');
    const mongodbUri = options.mongodbUri.replace('/preference', '/fresh');
    const fresh = await startApp({ ...options, mongodbUri });
    const account = { email: 'reader@example.com', password: PASSWORD };
    const { status } = await fresh.insist(() => fresh.post('/auth/register', account));
    await fresh.stop();
    expect(status).to.equal(201);
    // There was something to be misled by.
    const collections = await behind.getClient().db('fresh').listCollections().toArray();
    expect(collections).to.have.length(0);
  });

  it('delays no revocation (holds 40, 72)', async () => {
    const email = 'reader@example.com';
    const account = { email, password: PASSWORD };
    expect((await app.insist(() => app.post('/auth/register', account))).status).to.be.oneOf([201, 400]);
    const logins = await Promise.all(
      Array.from({ length: LOGOUTS }, () =>
        app.insist(() => app.post('/auth/token', { username: email, password: PASSWORD })),
      ),
    );
    const sessions = behind.collection('auth_sessions');
    while ((await sessions.countDocuments()) < LOGOUTS) await new Promise(setImmediate);
    await follow('alwaysOn');

    for (const { body } of logins) {
      const { refresh_token } = body;
      // One of the three does not follow: a busy machine may take its time for the majority.
      const logout = await app.insist(() => app.post('/auth/logout', { refresh_token }));
      expect(logout.status).to.equal(204);
      const visit = await app.insist(() => app.get('/protected', body.access_token));
      const refresh = await app.insist(() => app.post('/auth/refresh', { refresh_token }));
      expect([visit.status, refresh.status]).to.deep.equal([401, 401]);
    }
    // There was something to be misled by.
    expect(await sessions.countDocuments()).to.equal(LOGOUTS);
  });
});
