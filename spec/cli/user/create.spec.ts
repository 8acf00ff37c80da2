import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { expect } from 'chai';
import { baseUserSchema, createAuthRouter } from 'express-auth-kit';
import { type ParsedMail, simpleParser } from 'mailparser';
import { Schema } from 'mongoose';
import { SMTPServer } from 'smtp-server';
import { createKey } from '../../../lib/cli/secret.js';
import { runCli } from '../../support/cli.js';
import { createTestDatabase } from '../../support/database.js';
import { createTestApp, PASSWORD, type TestApp } from '../../support/test-app.js';

/** A mail server that takes what comes, or refuses it. */
async function createMailServer({ refuses = false } = {}) {
  const mails: ParsedMail[] = [];
  const server = new SMTPServer({
    authOptional: true,
    closeTimeout: 1,
    disabledCommands: ['STARTTLS'],
    onRcptTo: (_address, _session, callback) => callback(refuses ? new Error('550 no such mailbox') : null),
    onData(stream, _session, callback) {
      simpleParser(stream).then((mail) => {
        mails.push(mail);
        callback();
      }, callback);
    },
  });
  server.on('error', () => {});
  server.listen(0, '127.0.0.1');
  await once(server.server, 'listening');
  const { port } = server.server.address() as AddressInfo;
  const env = {
    SMTP_URL: `smtp://127.0.0.1:${port}`,
    MAIL_FROM: 'App <app@example.com>',
    AUTH_APP_URL: 'https://app.example.com',
  };
  return {
    mails,
    env,
    connections: server.connections,
    close: () => new Promise<void>((resolve) => server.close(resolve)),
  };
}

describe('user create', () => {
  let app: TestApp;
  let count = 0;

  before(async () => {
    app = await createTestApp();
    await app.register();
  });
  after(() => app.close());

  const newAddress = () => `new-${++count}@example.com`;
  const run = (email: string, more: string[], options: object = {}) =>
    runCli(['user', 'create', email, ...more], { uri: app.uri, ...options });
  const withPassword = { input: `${PASSWORD}\n` };

  it('stores a user who logs in', async () => {
    const email = newAddress();
    const args = ['--name', 'Ada', '--role', 'admin', '--role', 'editor', '--verified', '--password-stdin'];
    const { code, stdout, stderr } = await run(email.toUpperCase(), args, withPassword);
    expect({ code, stdout, stderr }).to.deep.equal({ code: 0, stdout: `${email} is stored`, stderr: '' });
    const stored = await app.auth.service.findUser({ email });
    expect(stored).to.deep.include({ name: 'Ada', roles: ['admin', 'editor'] });
    expect(stored?.emailVerifiedAt).to.be.instanceOf(Date);
    await app.login({ email, password: PASSWORD });
  });

  it('takes options before the address, and prints what is stored', async () => {
    const email = newAddress();
    const args = ['user', 'create', '--role', 'admin', '--json', '--password-stdin', email];
    const { code, json, stdout } = await runCli(args, { uri: app.uri, ...withPassword });
    expect(code).to.equal(0);
    expect(json()).to.deep.include({ email, name: null, roles: ['admin'], emailVerifiedAt: null });
    expect(stdout)
      .to.not.match(/password|\$2b\$|stamp/i)
      .and.not.include(PASSWORD);
  });

  it('asks for the password on a terminal', async () => {
    const email = newAddress();
    expect(await run(email, [], { answers: [PASSWORD, PASSWORD] })).to.include({ code: 0 });
    await app.login({ email, password: PASSWORD });
    const differing = await run(newAddress(), [], { answers: [PASSWORD, 'another'] });
    expect(differing).to.include({ code: 1, stdout: '' });
    expect(differing.stderr).to.include('the two passwords differ');
  });

  for (const [what, email, more, code, reason] of [
    ['what is no address', 'ada', ['--password-stdin'], 1, 'error: email: '],
    [
      'a name that cannot be seen',
      'a@example.com',
      ['--name', 'A\u202eda', '--password-stdin'],
      1,
      'error: name: ',
    ],
    [
      'a name that is too long',
      'a@example.com',
      ['--name', 'a'.repeat(201), '--password-stdin'],
      1,
      'error: name: ',
    ],
    ['a password and none at once', 'a@example.com', ['--password-stdin', '--no-password'], 2, 'exclude'],
    ['no password where nobody can be asked', 'a@example.com', [], 2, '--password-stdin'],
  ] as const) {
    it(`refuses ${what}`, async () => {
      const refused = await run(email, [...more], withPassword);
      expect(refused).to.include({ code, stdout: '' });
      expect(refused.stderr).to.include(reason).and.not.include(PASSWORD).and.not.include('\n');
    });
  }

  it('refuses a weak password and an address that is taken', async () => {
    const email = newAddress();
    const weak = await run(email, ['--password-stdin'], { input: 'password' });
    expect(weak).to.include({ code: 1 });
    expect(weak.stderr).to.match(/^error: password: /);
    expect(await app.auth.service.findUser({ email })).to.equal(null);
    await run(email, ['--no-password']);
    const { code, stderr } = await run(email, ['--password-stdin'], withPassword);
    expect({ code, stderr }).to.deep.equal({ code: 1, stderr: 'error: Email already registered' });
  });

  it('ends when the mail is sent, and keeps no connection of a pool for another one', async () => {
    const server = await createMailServer();
    try {
      const env = { ...server.env, SMTP_URL: `${server.env.SMTP_URL}?pool=true` };
      expect(await run(newAddress(), ['--no-password'], { env })).to.include({ code: 0, stderr: '' });
      expect(server.mails).to.have.length(1);
      const ended = Date.now();
      while (server.connections.size > 0) await wait(10);
      // Idle ones would time out after ten seconds.
      expect(Date.now() - ended).to.be.below(3000);
    } finally {
      await server.close();
    }
  });

  it('mails a link to who has no password, by which the first one is set', async () => {
    const server = await createMailServer();
    try {
      const email = newAddress();
      const { code, stderr } = await run(email, ['--no-password'], { env: server.env });
      expect({ code, stderr }).to.deep.equal({ code: 0, stderr: '' });
      const [mail] = server.mails;
      expect(mail?.text).to.include('https://app.example.com/password/reset?token=');
      const token = /token=([\w-]+)/.exec(mail?.text ?? '')?.[1];
      await app.http.post('/auth/reset-password').send({ token, password: PASSWORD }).expect(200);
      await app.login({ email, password: PASSWORD });
    } finally {
      await server.close();
    }
  });

  it('says that no link was mailed, where mail is not configured or fails', async () => {
    const silent = await run(newAddress(), ['--no-password']);
    expect(silent.code).to.equal(0);
    expect(silent.stderr).to.include('is mailed no link').and.include('SMTP_URL').and.include('AUTH_APP_URL');
    const server = await createMailServer({ refuses: true });
    try {
      const refused = await run(newAddress(), ['--no-password'], { env: server.env });
      expect(refused.code).to.equal(0);
      expect(refused.stderr).to.match(/^the mail passwordReset to new-\d+@example.com was not sent: .*550$/);
    } finally {
      await server.close();
    }
    const later = await run(newAddress(), ['--no-password'], { env: server.env });
    expect([later.code, later.stderr]).to.deep.equal([
      0,
      'the mail passwordReset could not be sent yet: the mail server or transport failed: ESOCKET, ECONNREFUSED',
    ]);
  });
});

describe('user create, where the model of the app is a discriminator', () => {
  it('makes a user whom the app finds', async () => {
    const { uri, connection, drop } = await createTestDatabase();
    try {
      const Base = connection.model('Base', baseUserSchema.clone(), 'users');
      const Member = Base.discriminator('Member', new Schema({ phone: { type: String, default: 'none' } }));
      const { secretKey } = createKey('HS256');
      const logger = { warn() {} };
      const { service } = createAuthRouter({ User: Member, secretKey, logger });
      const create = (email: string, ...more: string[]) =>
        runCli(['user', 'create', email, '--no-password', ...more], { uri });

      // Nothing tells yet of which kind it is.
      const first = await create('first@example.com');
      expect(first.stderr).to.include('--discriminator');
      expect(await service.findUser({ email: 'first@example.com' })).to.equal(null);
      await connection.collection('users').deleteMany({});

      const named = await create('ada@example.com', '--discriminator', 'Member');
      expect(named.stderr).not.to.include('--discriminator');
      expect(await service.findUser({ email: 'ada@example.com' })).to.include({ phone: 'none' });
      expect(await create('grace@example.com')).to.include({ code: 0 });
      expect(await service.findUser({ email: 'grace@example.com' })).to.include({ phone: 'none' });

      await connection.collection('users').insertOne({ email: 'other@example.com' });
      expect(await create('new@example.com')).to.include({ code: 2 });
      expect(await create('new@example.com', '--discriminator', 'Member')).to.include({ code: 0 });
    } finally {
      await drop();
    }
  });

  it('makes none where ids are of another kind', async () => {
    const { uri, connection, drop } = await createTestDatabase();
    try {
      await connection.collection('users').insertOne({ _id: 'ada' as never, email: 'ada@example.com' });
      const { code, stderr } = await runCli(['user', 'create', 'new@example.com', '--no-password'], { uri });
      expect(code).to.equal(1);
      expect(stderr).to.include('ObjectIds');
      expect(await runCli(['user', 'disable', 'ada@example.com'], { uri })).to.include({ code: 0 });
      expect((await connection.collection('users').findOne({}))?.['disabledAt']).to.be.instanceOf(Date);
    } finally {
      await drop();
    }
  });
});
