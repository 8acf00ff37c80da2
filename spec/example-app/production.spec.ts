import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { expect } from 'chai';
import { simpleParser } from 'mailparser';
import { SMTPServer } from 'smtp-server';
import request from 'supertest';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { type AppFolder, type AppProcess, createAppFolder, isGone, poll } from './app-process.js';

describe('the example app in production, told by .env', function () {
  // Processes are started here: on a busy machine that takes its time.
  this.timeout(60_000);

  const secret = randomBytes(32).toString('base64url');
  const account = { email: 'ada@example.com', password: 'correct horse battery' };
  const received: string[] = [];
  const smtp = new SMTPServer({
    authOptional: true,
    hideSTARTTLS: true,
    async onData(stream, _session, callback) {
      received.push((await stream.toArray()).join(''));
      callback();
    },
  });
  let database: TestDatabase;
  let folder: AppFolder;
  let app: AppProcess;

  before(async () => {
    database = await createTestDatabase();
    folder = await createAppFolder();
    smtp.listen(0, '127.0.0.1');
    await once(smtp.server, 'listening');
    const lines = [
      'NODE_ENV=production',
      `MONGODB_URI="${database.uri}"`,
      `AUTH_SECRET_KEY=${secret}`,
      'AUTH_APP_URL=https://shop.example.com',
      'AUTH_BCRYPT_COST=10',
      `SMTP_URL=smtp://127.0.0.1:${(smtp.server.address() as AddressInfo).port}`,
      "MAIL_FROM='Shop <shop@example.com>'",
      '# Not this one: the environment wins.',
      'PORT=none',
    ];
    await writeFile(join(folder.path, '.env'), lines.join('\r\n'));
    app = await folder.start({ PORT: '0' });
  });
  after(async () => {
    await folder?.remove();
    await new Promise<void>((resolve) => smtp.close(() => resolve()));
    await database?.drop();
  });

  it('says where it listens, and nothing else', () => {
    expect(app.output()).to.equal(`The example app listens on ${app.url}\n`);
  });

  it('has no mailbox', async () => {
    for (const path of ['/dev/mailbox', '/dev/mailbox.json']) {
      const { body } = await request(app.url).get(path).expect(404);
      expect(body).to.include({ code: 'not_found' });
    }
    const { text } = await request(app.url).get('/').expect(200);
    expect(text).to.not.include('mailbox').and.not.include('forgot-password');
  });

  it('says that its forms need cookies, which are not turned on by themselves there', async () => {
    for (const path of ['/login', '/register', '/password/reset?token=abc', '/verify-email?token=abc']) {
      const { text } = await request(app.url).get(path).expect(200);
      expect(text, path).to.include('AUTH_COOKIES=on').and.not.include('<form');
    }
  });

  it('sends real mail, with links to AUTH_APP_URL', async () => {
    await request(app.url).post('/auth/register').send(account).expect(201);
    await request(app.url).post('/auth/forgot-password').send({ email: account.email }).expect(202);
    const mail = await simpleParser(await poll(() => received[0]));
    expect(mail.from?.text).to.equal('"Shop" <shop@example.com>');
    expect(mail.text).to.include('https://shop.example.com/password/reset?token=');
  });

  it('lets a request in flight finish after SIGTERM, and takes no other (hold 70)', async () => {
    const body = JSON.stringify({ ...account, email: 'grace@example.com' });
    const { socket, until } = open(app.url);
    const head = ['POST /auth/register HTTP/1.1', 'Host: app', 'Content-Type: application/json'];
    // The server answers to the expectation when it has begun with the request.
    socket.write([...head, `Content-Length: ${body.length}`, 'Expect: 100-continue', '', ''].join('\r\n'));
    await until(/^HTTP\/1\.1 100 /);

    const begun = Date.now();
    const ended = app.stop('SIGTERM');
    await poll(() => isGone(app.url));
    socket.write(body);
    await until(/HTTP\/1\.1 201 Created/);
    expect(await ended).to.equal(0);
    // Less than it may take: the connection, kept alive, was not waited for.
    expect(Date.now() - begun).to.be.below(5000);
    const stored = await database.connection.collection('users').findOne({ email: 'grace@example.com' });
    expect(stored).to.not.equal(null);
  });

  it('told the console no secret, no token and no password', () => {
    expect(app.output()).to.equal(`The example app listens on ${app.url}\n`);
  });
});

/** A connection, and a way to wait for what comes over it. */
function open(url: string): { socket: Socket; until(pattern: RegExp): Promise<unknown> } {
  const { port } = new URL(url);
  const socket = connect(Number(port), '127.0.0.1').setEncoding('utf8');
  let received = '';
  socket.on('data', (text) => {
    received += text;
  });
  return { socket, until: (pattern) => poll(() => pattern.test(received)) };
}
