import { randomBytes } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { expect } from 'chai';
import { MongoMemoryServer } from 'mongodb-memory-server-core';
import mongoose from 'mongoose';
import { type Answer, type AppProcess, startApp } from '../support/app-process.js';
import { mongodOrSkip } from '../support/mongod.js';

const PASSWORD = 'correct horse battery';
/** What a client is told 503 within, in milliseconds. */
const IN_TIME = 3000;

/** One mongod that stands still, or dies and comes back, under an app that goes on. */
describe('an outage of the database', function () {
  this.timeout(60_000);
  let mongod: MongoMemoryServer;
  let app: AppProcess;
  let users = 0;

  before(async function () {
    const { binary, version } = await mongodOrSkip(this);
    mongod = await MongoMemoryServer.create({
      binary: { systemBinary: binary, version },
      instance: {
        storageEngine: 'wiredTiger',
        args: ['--wiredTigerCacheSizeGB', '0.25', '--setParameter', 'enableTestCommands=1'],
      },
    });
    app = await startApp({
      mongodbUri: mongod.getUri('outage'),
      secretKey: randomBytes(32).toString('base64'),
      options: { refreshGraceSeconds: 1 },
    });
  });
  after(async () => {
    await app?.stop();
    await mongod?.stop();
  });

  async function signUp() {
    users += 1;
    const email = `user-${users}@example.com`;
    await app.post('/auth/register', { email, password: PASSWORD });
    const { body } = await app.post('/auth/token', { username: email, password: PASSWORD });
    return { email, ...body } as { email: string; access_token: string; refresh_token: string };
  }

  async function timed(request: Promise<Answer>): Promise<Answer & { ms: number }> {
    const start = Date.now();
    const answer = await request;
    return { ...answer, ms: Date.now() - start };
  }

  /** Every kind of request, of a user each: what one does late must not touch another's tokens. */
  async function prepare() {
    const [visitor, refresher, leaver, forgetter, changer, deleter] = [
      await signUp(),
      await signUp(),
      await signUp(),
      await signUp(),
      await signUp(),
      await signUp(),
    ];
    await app.post('/auth/forgot-password', { email: forgetter.email });
    const token = await app.resetTokenFor(forgetter.email);
    const requests = {
      requireUser: () => app.get('/protected', visitor.access_token),
      login: () => app.post('/auth/token', { username: visitor.email, password: PASSWORD }),
      refresh: () => app.post('/auth/refresh', { refresh_token: refresher.refresh_token }),
      logout: () => app.post('/auth/logout', { refresh_token: leaver.refresh_token }),
      register: () => app.post('/auth/register', { email: `late-${visitor.email}`, password: PASSWORD }),
      forgot: () => app.post('/auth/forgot-password', { email: visitor.email }),
      reset: () => app.post('/auth/reset-password', { token, password: `${PASSWORD} again` }),
      changePassword: () => {
        const body = { current_password: PASSWORD, new_password: `${PASSWORD} again` };
        return app.post('/auth/change-password', body, changer.access_token);
      },
      delete: () => app.delete('/auth/me', { password: PASSWORD }, deleter.access_token),
    };
    return { visitor, refresher, leaver, forgetter, changer, deleter, requests };
  }

  async function expectUnavailable(requests: Record<string, () => Promise<Answer>>): Promise<void> {
    const answers = await Promise.all(Object.values(requests).map((request) => timed(request())));
    answers.forEach(({ status, body, headers, ms }, index) => {
      const name = Object.keys(requests)[index];
      expect(status, name).to.equal(503);
      expect(body.code, name).to.equal('unavailable');
      expect(headers.get('retry-after'), name).to.match(/^\d+$/);
      expect(headers.get('www-authenticate'), name).to.equal(null);
      expect(ms, name).to.be.lessThan(IN_TIME);
    });
  }

  /** Repeats what is answered 503, for 10 s at most. */
  async function insist(request: () => Promise<Answer>): Promise<Answer> {
    for (const end = Date.now() + 10_000; ; await wait(50)) {
      const answer = await request();
      if (answer.status !== 503 || Date.now() > end) return answer;
    }
  }

  it('is told as 503 within 3 s while mongod stands still, and the tokens work afterwards (hold 67)', async () => {
    const { visitor, leaver, forgetter, requests } = await prepare();
    signal('SIGSTOP');
    try {
      await expectUnavailable(requests);
    } finally {
      signal('SIGCONT');
    }
    expect((await insist(requests.requireUser)).status).to.equal(200);
    expect((await insist(requests.login)).status).to.equal(200);
    // Stored, though the answer was 503: what mongod was sent it carries out when it goes on.
    expect((await insist(requests.register)).status).to.be.oneOf([201, 400]);
    expect((await insist(requests.logout)).status).to.equal(204);
    expect((await insist(() => app.get('/protected', leaver.access_token))).status).to.equal(401);
    // A reset is made as a whole or not at all.
    const { status } = await insist(requests.reset);
    expect(status).to.be.oneOf([200, 400]);
    const password = `${PASSWORD} again`;
    expect((await app.post('/auth/token', { username: forgetter.email, password })).status).to.equal(200);
    expect((await app.get('/protected', visitor.access_token)).status).to.equal(200);
  });

  it('does not take for a thief who repeats a refresh that the database carried out late (holds 38, 67)', async () => {
    const { access_token, refresh_token } = await signUp();
    const connection = await mongoose.createConnection(mongod.getUri('outage')).asPromise();
    const admin = connection.getClient().db('admin');
    // Longer than the client is kept waiting, and than the second of grace that this app has.
    const data = { failCommands: ['findAndModify'], blockConnection: true, blockTimeMS: 4000 };
    await admin.command({ configureFailPoint: 'failCommand', mode: { times: 1 }, data });
    try {
      const { status, ms } = await timed(app.post('/auth/refresh', { refresh_token }));
      expect(status).to.equal(503);
      expect(ms).to.be.lessThan(IN_TIME);
      const { sid } = JSON.parse(Buffer.from(refresh_token.split('.')[1] ?? '', 'base64url').toString());
      const filter = { _id: new mongoose.Types.ObjectId(sid as string), generation: 1 };
      while (!(await connection.collection('auth_sessions').findOne(filter))) await wait(20);

      const { status: again, body } = await app.post('/auth/refresh', { refresh_token });
      expect(again).to.equal(200);
      expect((await app.post('/auth/refresh', { refresh_token: body.refresh_token })).status).to.equal(200);
      expect((await app.get('/protected', access_token)).status).to.equal(200);
    } finally {
      await connection.close();
    }
  });

  it('that killed mongod leaves the tokens good when it is back, without a restart of the app (hold 67)', async () => {
    const { visitor, requests } = await prepare();
    const { instance } = mongod.instanceInfo!;
    instance.mongodProcess?.kill('SIGKILL');
    await expectUnavailable(requests);
    await mongod.stop({ doCleanup: false });
    await mongod.start(true);
    expect((await insist(requests.requireUser)).status).to.equal(200);
    expect((await insist(requests.refresh)).status).to.equal(200);
    expect((await insist(requests.login)).status).to.equal(200);
    expect((await app.get('/protected', visitor.access_token)).body).to.deep.equal({ user: visitor.email });
    expect(app.process.exitCode).to.equal(null);
  });

  function signal(name: 'SIGSTOP' | 'SIGCONT'): void {
    mongod.instanceInfo?.instance.mongodProcess?.kill(name);
  }
});
