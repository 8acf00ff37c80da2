import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { passportLocalMongoose } from 'express-auth-kit/verifiers';
import { Schema } from 'mongoose';
import plugin from 'passport-local-mongoose';
import { SMTPServer } from 'smtp-server';
import { bearer, PASSWORD, type TestApp } from '../../support/test-app.js';
import { WRONG } from '../flow-steps.js';
import { createWatchedApp, type WatchedApp } from './watched-app.js';

const SMTP_PASSWORD = 'zqxj-smtp-password';
const BROKEN = 'the directory is down';
const text = { type: String, select: false };

/** What goes wrong beside refusals: secrets in the wrong field, in bodies that are none, with what the app and others do. */
describe('logs, events and errors of mistakes', function () {
  // Each plays a lot.
  this.timeout(120_000);

  let watched: WatchedApp;
  let app: TestApp;
  let smtp: SMTPServer;

  before(async () => {
    // Whoever logs in is refused, and told what the password was.
    smtp = new SMTPServer({
      disabledCommands: ['STARTTLS'],
      onAuth: ({ password }, _session, done) => done(new Error(`Invalid login with ${password}`)),
    });
    smtp.on('error', () => {});
    smtp.listen(0, '127.0.0.1');
    await once(smtp.server, 'listening');
    const { port } = smtp.server.address() as AddressInfo;
    watched = await createWatchedApp({
      mail: { transport: `smtp://mailer:${SMTP_PASSWORD}@127.0.0.1:${port}`, from: 'app@example.com' },
      emailVerification: 'optional',
      fields: {
        badge: { type: String, unique: true, sparse: true },
        plan: { type: String, enum: ['free'] },
        hash: text,
        salt: text,
      },
      registerFields: ['badge', 'plan'],
      password: { verifiers: [passportLocalMongoose()] },
      hooks: {
        beforeSignIn({ user }) {
          if (user.email.startsWith('broken')) throw Object.assign(new Error(BROKEN), { user });
        },
      },
    });
    app = watched.app;
    watched.secrets.add(SMTP_PASSWORD);
  });
  after(async () => {
    await watched.close();
    await new Promise((resolve) => smtp.close(() => resolve(undefined)));
  });

  const post = (path: string, body: object | string) =>
    app.http.post(`/auth${path}`).type('application/json').send(body);

  it('show no secret that is in the wrong place, or in what is no JSON (hold 63)', async () => {
    const { email, password, access_token, refresh_token } = await app.signUp();
    const shown = await watched.expectNothingSeen(async () => {
      await post('/register', { email: PASSWORD, password });
      await post('/register', { email: 'own@example.com', name: PASSWORD, password });
      await post('/register', { email: 'plan@example.com', password, plan: 'gold' });
      await post('/register', { email: 'badge@example.com', password, badge: 'b' });
      await post('/register', { email: 'badge2@example.com', password, badge: 'b' });
      await post('/register', `{"email":"a@example.com","password":"${PASSWORD}",,`);
      // Of a short text a parser quotes all there is.
      watched.secrets.add('zqxj-8');
      await post('/register', '{"password":zqxj-8}');
      await post('/register', { email: ['a@example.com'], password: { $gt: PASSWORD } });
      await post('/register', { email: 'long@example.com', password: PASSWORD.repeat(1000) });
      await post('/token', { username: PASSWORD, password: WRONG });
      await post('/token', `{"username":"${email}","password":"${PASSWORD}`);
      await post('/token', { username: email, password, device_name: { name: PASSWORD } });
      await app.http
        .post('/auth/token')
        .type('form')
        .send({ grant_type: PASSWORD, username: email, password });
      for (const token of [`${refresh_token}x`, access_token, `${access_token}x`, PASSWORD]) {
        await post('/refresh', { refresh_token: token });
        await post('/logout', { refresh_token: token });
        await post('/reset-password', { token, password });
        await post('/verify-email', { token });
        await app.http.get('/protected').set(bearer(token));
        await app.http.get('/auth/me').query({ access_token: token });
        await app.http.delete(`/auth/sessions/${token}`).set(bearer(access_token));
      }
    });
    expect(shown).to.include('MalformedBody').and.include('ValidationFailed').and.include('login.failed');
  });

  it('show no token that comes back, and ends its session (hold 63)', async () => {
    const { refresh_token } = await app.signUp();
    const shown = await watched.expectNothingSeen(async () => {
      const { body } = await post('/refresh', { refresh_token }).expect(200);
      await app.http.get('/protected').set(bearer(body.access_token)).expect(200);
      await app.auth.service.settled();
      app.clock.advance(60_000);
      await post('/refresh', { refresh_token }).expect(401);
    });
    expect(shown).to.include('session.replayed');
  });

  it('show neither link nor password when the mail server refuses to be logged in to (hold 63)', async () => {
    const shown = await watched.expectNothingSeen(async () => {
      const { email } = await app.register();
      await post('/forgot-password', { email }).expect(202);
    });
    expect(shown).to.include('mail.failed').and.include('EAUTH');
  });

  it('show no hash of elsewhere, whether or not its password is typed (hold 63)', async () => {
    const schema = new Schema({ email: { type: String, required: true } });
    schema.plugin(plugin as never, { usernameField: 'email' } as never);
    const model = app.connection.model('Former', schema, 'users') as unknown as {
      register(user: object, password: string): Promise<unknown>;
    };
    const email = 'former@example.com';
    await model.register({ email }, PASSWORD);
    await watched.expectNothingSeen(async () => {
      await post('/token', { username: email, password: WRONG }).expect(401);
      await post('/token', { username: email, password: PASSWORD }).expect(200);
      await post('/token', { username: email, password: PASSWORD }).expect(200);
    });
  });

  it('show no secret with an error of the app’s that has the user (hold 63)', async () => {
    const shown = await watched.expectNothingSeen(async () => {
      const user = await app.register({ email: 'broken@example.com' });
      await post('/token', { username: user.email, password: user.password }).expect(500);
    });
    expect(shown).to.include(BROKEN);
    // Express's own handler has written it.
    expect(shown).to.match(/(stream|console\.error): Error: the directory is down/);
  });

  it('show no secret while the database is away (hold 63)', async () => {
    const { email, password, access_token, refresh_token } = await app.signUp();
    const shown = await watched.expectNothingSeen(async () => {
      await app.connection.close();
      try {
        await Promise.all([
          post('/register', { email: 'away@example.com', password }),
          post('/token', { username: email, password }),
          post('/refresh', { refresh_token }),
          post('/forgot-password', { email }),
          post('/reset-password', { token: refresh_token, password }),
          app.http.get('/auth/me').set(bearer(access_token)),
        ]);
      } finally {
        await app.connection.openUri(app.uri);
      }
    });
    expect(shown).to.include('Unavailable');
  });
});
