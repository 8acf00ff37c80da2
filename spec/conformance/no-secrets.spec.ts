import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { format, inspect } from 'node:util';
import { expect } from 'chai';
import type { ErrorRequestHandler } from 'express';
import { AuthError, type Logger } from 'express-auth-kit';
import { SMTPServer } from 'smtp-server';
import { bearer, createTestApp, type TestApp } from '../support/test-app.js';
import { recordEvents } from './record-events.js';

/** What a person with the logs could use: each a word of its own, found wherever it turns up. */
const PASSWORD = 'zqxj-first-password';
const CHANGED = 'zqxj-second-password';
const WRONG = 'zqxj-wrong-password';
const SMTP_PASSWORD = 'zqxj-smtp-password';
const secretKey = randomBytes(32).toString('base64');

describe('logs, events and errors', () => {
  let app: TestApp;
  let smtp: SMTPServer;
  /** Everything that an operator may get to see. */
  let seen: unknown[];
  let secrets: Set<string>;

  before(async () => {
    smtp = new SMTPServer({
      authOptional: false,
      disabledCommands: ['STARTTLS'],
      onAuth: (_auth, _session, done) => done(new Error('Invalid login')),
    });
    smtp.on('error', () => {});
    smtp.listen(0, '127.0.0.1');
    await once(smtp.server, 'listening');
    const { port } = smtp.server.address() as AddressInfo;

    seen = [];
    secrets = new Set([PASSWORD, CHANGED, WRONG, SMTP_PASSWORD, secretKey]);
    const write =
      (level: string) =>
      (...line: unknown[]) =>
        void seen.push([level, ...line]);
    const logger: Required<Logger> = {
      debug: write('debug'),
      info: write('info'),
      warn: write('warn'),
      error: write('error'),
    };
    app = await createTestApp({
      secretKey,
      logger,
      mail: { transport: `smtp://mailer:${SMTP_PASSWORD}@127.0.0.1:${port}`, from: 'app@example.com' },
      emailVerification: 'optional',
      fields: { badge: { type: String, unique: true, sparse: true }, plan: { type: String, enum: ['free'] } },
      registerFields: ['badge', 'plan'],
      hooks: {
        beforeSignIn({ user }) {
          if (user.email.startsWith('broken')) throw new Error('the directory is down');
        },
      },
      finish: (each) =>
        each.use(((error, _req, res, _next) => {
          seen.push(['error handler', error]);
          res.status(500).json({});
        }) satisfies ErrorRequestHandler),
    });
    seen.push(recordEvents(app.auth));
  });
  after(async () => {
    await app?.close();
    await new Promise((resolve) => smtp.close(() => resolve(undefined)));
  });

  /** Sends a request; what is secret in its answer is a secret from now on. */
  async function post(path: string, body: object | string, accessToken?: string) {
    const request = app.http.post(path).type(typeof body === 'string' ? 'json' : 'application/json');
    if (accessToken) request.set(bearer(accessToken));
    const response = await request.send(body);
    for (const name of ['access_token', 'refresh_token']) {
      if (response.body[name]) secrets.add(response.body[name]);
    }
    return response;
  }
  const form = (fields: Record<string, string>) => app.http.post('/auth/token').type('form').send(fields);

  async function playEverything(): Promise<void> {
    const email = 'zoe@example.com';
    await post('/auth/register', { email, password: PASSWORD, badge: 'b', plan: 'free' });
    await post('/auth/register', { email, password: PASSWORD });
    await post('/auth/register', { email: 'badge@example.com', password: PASSWORD, badge: 'b' });
    await post('/auth/register', {
      email: 'plan@example.com',
      password: PASSWORD,
      plan: PASSWORD.slice(0, 4),
    });
    await post('/auth/register', { email: 'own@example.com', name: PASSWORD, password: PASSWORD });
    await post('/auth/register', { email: PASSWORD, password: PASSWORD });
    await post('/auth/register', `{"email":"a@example.com","password":"${PASSWORD}",,`);
    await post('/auth/register', { email: ['a@example.com'], password: { $gt: PASSWORD } });
    await post('/auth/register', { email: 'long@example.com', password: PASSWORD.repeat(1000) });

    const { body: first } = await post('/auth/token', { username: email, password: PASSWORD });
    const { body: second } = await post('/auth/token', { username: email, password: PASSWORD });
    await post('/auth/token', { username: email, password: WRONG });
    await post('/auth/token', { username: 'nobody@example.com', password: WRONG });
    await post('/auth/token', { username: WRONG, password: WRONG });
    await post('/auth/token', `{"username":"${email}","password":"${PASSWORD}`);
    await form({ grant_type: 'password', username: email, password: WRONG });
    await form({ grant_type: PASSWORD, username: email, password: PASSWORD });

    const { body: rotated } = await post('/auth/refresh', { refresh_token: second.refresh_token });
    await post('/auth/refresh', { refresh_token: `${rotated.refresh_token}x` });
    await post('/auth/refresh', { refresh_token: first.access_token });
    const guarded = ['/auth/me', '/protected'];
    for (const token of [first.access_token, first.refresh_token, `${first.access_token}x`]) {
      for (const path of guarded) await app.http.get(path).set(bearer(token));
    }
    await app.http.get('/auth/me').query({ access_token: first.access_token });
    // A replay.
    app.clock.advance(60_000);
    await post('/auth/refresh', { refresh_token: second.refresh_token });

    await post(
      '/auth/change-password',
      { current_password: WRONG, new_password: CHANGED },
      first.access_token,
    );
    await post(
      '/auth/change-password',
      { current_password: PASSWORD, new_password: 'zq' },
      first.access_token,
    );
    await post(
      '/auth/change-password',
      { current_password: PASSWORD, new_password: CHANGED },
      first.access_token,
    );
    // A mail that fails, at the login of the mail server.
    await post('/auth/forgot-password', { email });
    await app.auth.service.settled();
    // Its token is nowhere but in that mail; one is put in its place.
    const link = `zqxj-link-${randomBytes(16).toString('base64url')}`;
    const hash = createHash('sha256').update(link).digest('base64url');
    await app.connection
      .collection('auth_one_time_tokens')
      .updateOne({ purpose: 'passwordReset' }, { $set: { hash } });
    for (const secret of [link, hash]) secrets.add(secret);
    await post('/auth/forgot-password/validate', { token: link });
    await post('/auth/forgot-password/validate', { token: `${link}x` });
    await post('/auth/reset-password', { token: link, password: 'zq' });
    await post('/auth/reset-password', { token: link, password: PASSWORD });
    await post('/auth/reset-password', { token: link, password: PASSWORD });

    // A verification mail that fails, and links as above.
    await post('/auth/register', { email: 'unverified@example.com', password: PASSWORD });
    await post('/auth/verify-email/resend', { email: 'unverified@example.com' });
    await app.auth.service.settled();
    const verification = `zqxj-verification-${randomBytes(16).toString('base64url')}`;
    const verificationHash = createHash('sha256').update(verification).digest('base64url');
    const user = await app.User.findOne({ email: 'unverified@example.com' });
    await app.connection
      .collection('auth_one_time_tokens')
      .updateOne({ purpose: 'verifyEmail', user: user?._id }, { $set: { hash: verificationHash } });
    for (const secret of [verification, verificationHash]) secrets.add(secret);
    await post('/auth/verify-email', { token: `${verification}x` });
    expect((await post('/auth/verify-email', { token: verification })).status).to.equal(200);
    await post('/auth/verify-email', { token: verification });

    const { body: third } = await post('/auth/token', { username: email, password: PASSWORD });
    await post('/auth/logout', { refresh_token: third.refresh_token }, third.access_token);
    await post('/auth/logout', { refresh_token: `${third.refresh_token}x` });
    const { body: fourth } = await post('/auth/token', { username: email, password: PASSWORD });
    await post('/auth/logout-all', {}, fourth.access_token);

    const leaver = { email: 'leaver@example.com', password: PASSWORD };
    await post('/auth/register', leaver);
    const { body: fifth } = await post('/auth/token', leaver);
    for (const password of [WRONG, PASSWORD]) {
      await app.http.delete('/auth/me').set(bearer(fifth.access_token)).send({ password });
    }

    // What is no refusal goes to the error handler of the app.
    await post('/auth/register', { email: 'broken@example.com', password: PASSWORD });
    await post('/auth/token', { username: 'broken@example.com', password: PASSWORD });

    const { service } = app.auth;
    const attempts = [
      () => service.createUser({ email, password: PASSWORD }),
      () => service.createUser({ email: 'served@example.com', password: PASSWORD, plan: 'gold' }),
      () => service.setPassword('no id', PASSWORD),
      () => service.verifyAccessToken(`${fourth.access_token}x`),
      () => service.verifyAccessToken(fourth.access_token),
    ];
    for (const attempt of attempts) await attempt().catch((error: unknown) => seen.push(error));
    await addHashes();

    await app.connection.close();
    try {
      await Promise.all([
        post('/auth/register', { email: 'away@example.com', password: PASSWORD }),
        post('/auth/token', { username: email, password: PASSWORD }),
        post('/auth/refresh', { refresh_token: fourth.refresh_token }),
        post('/auth/reset-password', { token: link, password: PASSWORD }),
        app.http.get('/auth/me').set(bearer(fourth.access_token)),
      ]);
    } finally {
      await app.connection.openUri(app.uri);
    }
  }

  const addHashes = async () => {
    for (const { password, securityStamp } of await app.connection.collection('users').find().toArray()) {
      secrets.add(password).add(securityStamp);
    }
  };

  it('show no password, no token and no hash, at no level, whatever is played (hold 63)', async () => {
    const stop = watchEverything(seen);
    await playEverything().finally(stop);
    const text = inspect(seen, {
      depth: null,
      showHidden: true,
      maxStringLength: null,
      maxArrayLength: null,
    });
    // What was looked for was there to be found.
    expect(secrets.size).to.be.greaterThan(15);
    for (const kind of [
      'login.failed',
      'user.deleted',
      'session.replayed',
      'mail.failed',
      'the directory is down',
    ]) {
      expect(text).to.include(kind);
    }
    for (const name of [
      'InvalidCredentials',
      'ValidationFailed',
      'MalformedBody',
      'EmailTaken',
      'Unavailable',
    ]) {
      expect(text).to.include(name);
    }
    for (const secret of secrets) {
      for (const form of [secret, encodeURIComponent(secret), Buffer.from(secret).toString('base64')]) {
        expect(text.includes(form), `${form} was seen:\n${around(text, form)}`).to.equal(false);
      }
    }
    // Nor a part of one that would do: the payload of a token, the end of a hash.
    expect(text).to.not.match(/eyJ[\w-]{10,}\.eyJ|\$2[aby]\$\d\d\$/);
  });
});

/** Records what is written to the console, every warning, and every refusal that is made, answered or not. */
function watchEverything(seen: unknown[]): () => void {
  const levels = ['debug', 'info', 'log', 'warn', 'error'] as const;
  const originals = levels.map((level) => console[level]);
  for (const level of levels) console[level] = (...line: unknown[]) => void seen.push(format(...line), line);
  const warn = (warning: Error) => seen.push(warning);
  process.on('warning', warn);
  // An AuthError gives itself its name when the rest of it is there.
  Object.defineProperty(AuthError.prototype, 'name', {
    configurable: true,
    set(this: AuthError, name: string) {
      Object.defineProperty(this, 'name', { value: name, writable: true });
      seen.push(this);
    },
  });
  return () => {
    for (const [index, level] of levels.entries()) console[level] = originals[index] as typeof console.log;
    process.off('warning', warn);
    Reflect.deleteProperty(AuthError.prototype, 'name');
  };
}

function around(text: string, found: string): string {
  const at = text.indexOf(found);
  return at < 0 ? '' : text.slice(Math.max(0, at - 300), at + 100);
}
