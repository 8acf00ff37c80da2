import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import request from 'supertest';
import { runCli } from '../support/cli.js';
import { bearer } from '../support/test-app.js';
import { type AppFolder, type AppProcess, createAppFolder } from './app-process.js';

describe('the example app with nothing configured', function () {
  // Processes are started here: on a busy machine that takes its time.
  this.timeout(60_000);

  const account = { email: 'ada@example.com', password: 'correct horse battery' };
  let folder: AppFolder;
  let app: AppProcess;
  let token: string;

  before(async function () {
    // Whoever names a server for the specs may have no mongod to start.
    if (process.env.MONGODB_URI) this.skip();
    folder = await createAppFolder();
    app = await folder.start({ AUTH_BCRYPT_COST: '10' });
  });
  after(() => folder?.remove());

  it('starts a MongoDB of its own, which a second start leaves alone', async () => {
    const second = folder.runToEnd();
    await request(app.url).post('/auth/register').send(account).expect(201);
    const { email: username, password } = account;
    const { body } = await request(app.url).post('/auth/token').send({ username, password }).expect(200);
    token = body.access_token;
    await request(app.url).get('/protected').set(bearer(token)).expect(200);
    const { code, stderr } = await second;
    expect(stderr).to.match(/^MongoDB is already running on \S+mongodb: stop .*\n$/);
    expect(code).to.equal(1);
    await request(app.url).get('/readyz').expect(200);
  });

  it('says where it is, so that the command line makes the first admin', async () => {
    const [, uri] = /^Its MongoDB, for the command line, is (\S+)$/m.exec(app.output()) ?? [];
    await request(app.url).get('/admin/users').set(bearer(token)).expect(403);
    const { code } = await runCli(['user', 'set-roles', account.email, 'admin'], { uri: uri as string });
    expect(code).to.equal(0);
    const { body } = await request(app.url).get('/admin/users').set(bearer(token)).expect(200);
    expect(body.users).to.have.length(1);
  });

  it('makes a secret that nobody else can read', async () => {
    const file = join(folder.path, '.data/development-secret');
    const secret = (await readFile(file, 'utf8')).trim();
    expect(Buffer.from(secret, 'base64url')).to.have.length(64);
    if (process.platform !== 'win32') expect((await stat(file)).mode & 0o777).to.equal(0o600);
    expect(app.output()).to.not.include(secret);
  });

  it('stops its MongoDB when it ends', async () => {
    expect(await app.stop()).to.equal(0);
    // mongod empties its lock when it was shut down in order.
    expect(await readFile(join(folder.path, '.data/mongodb/mongod.lock'), 'utf8')).to.equal('');
  });

  it('knows its users and their logins after a restart', async () => {
    app = await folder.start({ AUTH_APP_URL: 'https://shop.example.com/' });
    const { body } = await request(app.url).get('/protected').set(bearer(token)).expect(200);
    expect(body).to.deep.equal({ user: account.email });
  });

  it('mails links to AUTH_APP_URL where that is set', async () => {
    await request(app.url).post('/auth/forgot-password').send({ email: account.email }).expect(202);
    const { body } = await request(app.url).get('/dev/mailbox.json').expect(200);
    expect(body[0].text).to.include('\nhttps://shop.example.com/password/reset?token=');
    expect(await app.stop()).to.equal(0);
  });
});
