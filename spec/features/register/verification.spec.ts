import { createHash } from 'node:crypto';
import { expect } from 'chai';
import { databaseContents } from '../../conformance/database-contents.js';
import { recordEvents } from '../../conformance/record-events.js';
import { expectFaults, expectRefusal } from '../../http/expect-refusal.js';
import { recordCommands } from '../../support/commands.js';
import { bearer, createTestApp, PASSWORD, type TestApp } from '../../support/test-app.js';

const HOUR = 3_600_000;
const NEW = 'another good one';

describe('the verification of an address', () => {
  let app: TestApp;
  before(async () => {
    app = await createTestApp({ emailVerification: 'optional' });
  });
  after(() => app.close());

  const verify = (token: unknown, at = app) => at.http.post('/auth/verify-email').send({ token });
  const resend = (email: unknown, at = app) => at.http.post('/auth/verify-email/resend').send({ email });
  const stored = (email: string, at = app) => at.connection.collection('users').findOne({ email });
  const mailsTo = async (address: string, at = app) => {
    await at.auth.service.settled();
    return at.mailbox.messages.filter(({ to }) => to === address);
  };
  const tokenIn = ({ text }: { text: string }) => /verify-email\?token=([\w-]{43})\s/.exec(text)?.[1] ?? '';
  const tokensOf = async (email: string) => (await mailsTo(email)).map(tokenIn).filter(Boolean);
  /** Somebody who has registered, and the link of the mail. */
  const registered = async () => {
    const user = await app.register();
    const [token = ''] = await tokensOf(user.email);
    return { ...user, token };
  };

  describe('POST /verify-email', () => {
    it('verifies the address, tells which, and ends and begins nothing', async () => {
      const user = await registered();
      const { access_token, refresh_token } = await app.login(user);
      const before = await stored(user.email);
      const events = recordEvents(app.auth);
      const { body, headers } = await verify(user.token).expect(200);
      expect(body).to.deep.equal({ email: user.email, verified: true });
      expect(headers['cache-control']).to.equal('no-store');
      const now = await stored(user.email);
      expect({ ...now, updatedAt: before?.updatedAt }).to.deep.equal({
        ...before,
        emailVerifiedAt: new Date(app.clock.now()),
      });
      expect(events).to.deep.equal([
        ['email.verified', { userId: user.id, email: user.email, ip: '127.0.0.1', userAgent: null }],
      ]);
      await app.http.get('/protected').set(bearer(access_token)).expect(200);
      await app.http.post('/auth/refresh').send({ refresh_token }).expect(200);
    });

    it('takes a link once, and then none of those that live beside it', async () => {
      const { email, token } = await registered();
      await resend(email).expect(202);
      const [, second] = await tokensOf(email);
      await verify(second).expect(200);
      for (const each of [token, second]) expectRefusal(await verify(each), 'invalid_one_time_token');
      await app.auth.service.settled();
      const rows = app.connection.collection('auth_one_time_tokens');
      expect(await rows.countDocuments({ email })).to.equal(0);
      // Also when the app takes the verification back.
      await app.connection.collection('users').updateOne({ email }, { $set: { emailVerifiedAt: null } });
      for (const each of [token, second]) expectRefusal(await verify(each), 'invalid_one_time_token');
    });

    it('lets one of 50 at once succeed (hold 50)', async () => {
      const { email, token } = await registered();
      const events = recordEvents(app.auth, ['email.verified']);
      const answers = await Promise.all(Array.from({ length: 50 }, () => verify(token)));
      expect(answers.filter(({ status }) => status === 200)).to.have.length(1);
      for (const answer of answers)
        if (answer.status !== 200) expectRefusal(answer, 'invalid_one_time_token');
      expect(events).to.have.length(1);
      expect((await stored(email))?.emailVerifiedAt).to.be.a('date');
    });

    it('takes a link for a day (hold 50)', async () => {
      const [inTime, late] = [await registered(), await registered()];
      app.clock.advance(24 * HOUR - 1);
      await verify(inTime.token).expect(200);
      app.clock.advance(1);
      expectRefusal(await verify(late.token), 'invalid_one_time_token');
    });

    it('verifies no other address than the one that the link was mailed to (hold 56)', async () => {
      const { email, token } = await registered();
      const other = `other-${email}`;
      await app.connection.collection('users').updateOne({ email }, { $set: { email: other } });
      expectRefusal(await verify(token), 'invalid_one_time_token');
      expect((await stored(other))?.emailVerifiedAt).to.equal(null);
      // Who has the old address now is somebody else.
      await app.register({ email });
      expectRefusal(await verify(token), 'invalid_one_time_token');
      expect((await stored(email))?.emailVerifiedAt).to.equal(null);
    });

    it('is no use to a disabled or a deleted user', async () => {
      const { id, email, token } = await registered();
      await app.auth.service.disableUser(id);
      expectRefusal(await verify(token), 'invalid_one_time_token');
      await app.auth.service.deleteUser(id);
      await app.register({ email });
      expectRefusal(await verify(token), 'invalid_one_time_token');
    });

    it('uses nothing up where the link is opened, or asked for by another method (hold 55)', async () => {
      const { token } = await registered();
      for (const method of ['get', 'head', 'put'] as const) {
        await app.http[method]('/auth/verify-email').query({ token }).expect(404);
      }
      await app.http.post('/auth/verify-email').query({ token }).expect(422);
      await verify(token).expect(200);
    });

    it('takes a recovery link for none of its own, nor the other way round', async () => {
      const { email, token } = await registered();
      const recovery = await app.resetToken(email);
      expectRefusal(await verify(recovery), 'invalid_one_time_token');
      const reset = { token, password: NEW };
      expectRefusal(await app.http.post('/auth/reset-password').send(reset), 'invalid_one_time_token');
      await verify(token).expect(200);
      await app.http
        .post('/auth/reset-password')
        .send({ ...reset, token: recovery })
        .expect(200);
    });

    it('is worth nothing as a token of another kind, and no other is worth anything here (hold 6)', async () => {
      const user = await registered();
      const { access_token, refresh_token } = await app.login(user);
      expectRefusal(await app.http.get('/protected').set(bearer(user.token)), 'invalid_token');
      const presented = { refresh_token: user.token };
      expectRefusal(await app.http.post('/auth/refresh').send(presented), 'invalid_refresh_token');
      for (const other of [access_token, refresh_token])
        expectRefusal(await verify(other), 'invalid_one_time_token');
    });

    it('stores a link by its hash alone (hold 50)', async () => {
      const { token } = await registered();
      const contents = JSON.stringify(await databaseContents(app.connection));
      expect(contents).to.not.include(token);
      expect(contents).to.include(createHash('sha256').update(token).digest('base64url'));
    });

    it('is void when the address was verified by a reset', async () => {
      const { email, token } = await registered();
      await app.http
        .post('/auth/reset-password')
        .send({ token: await app.resetToken(email), password: NEW })
        .expect(200);
      expectRefusal(await verify(token), 'invalid_one_time_token');
      await app.auth.service.settled();
      expect(await app.connection.collection('auth_one_time_tokens').countDocuments({ email })).to.equal(0);
    });
  });

  describe('POST /verify-email/resend', () => {
    it('answers all alike, and mails who is enabled and unverified alone (hold 53)', async () => {
      const [open, verified, disabled] = [await registered(), await registered(), await registered()];
      await verify(verified.token).expect(200);
      await app.auth.service.disableUser(disabled.id);
      await app.auth.service.settled();
      app.mailbox.clear();
      const answers: object[] = [];
      for (const { email } of [open, verified, disabled, { email: 'nobody@example.com' }]) {
        const commands = await recordCommands(app.connection, async () => {
          const { status, body, headers } = await resend(email);
          const { date: _date, ...rest } = headers;
          answers.push({ status, body, headers: rest });
        });
        // Before the answer the same is asked for all.
        expect(commands[0]).to.include({ name: 'find', collection: 'users' });
        await app.auth.service.settled();
      }
      for (const answer of answers) expect(answer).to.deep.equal(answers[0]);
      expect(answers[0]).to.deep.include({ status: 202, body: { message: 'Verification email sent' } });
      expect(app.mailbox.messages.map(({ to }) => to)).to.deep.equal([open.email]);
    });

    it('mails to the stored address, never to the one typed (hold 46)', async () => {
      const { email } = await app.register({ email: 'kate.kelvin@example.com' });
      await app.auth.service.settled();
      await resend(' KATE.\u212aelvin@EXAMPLE.com ').expect(202);
      expect(await tokensOf(email)).to.have.length(2);
      await resend('kate.kelv\u0131n@example.com').expect(202);
      expect(await tokensOf(email)).to.have.length(2);
    });

    it('lets five links live, voids none, and mails no sixth (holds 50, 76)', async () => {
      const { email } = await registered();
      const answers = await Promise.all(Array.from({ length: 20 }, () => resend(email)));
      expect(new Set(answers.map(({ status }) => status))).to.deep.equal(new Set([202]));
      for (let time = 0; time < 6; time += 1) {
        await app.auth.service.settled();
        await resend(email).expect(202);
      }
      const tokens = await tokensOf(email);
      expect(new Set(tokens).size).to.equal(5);
      await verify(tokens[0]).expect(200);
    });

    it('takes what is no string for invalid, before any query (holds 47-49)', async () => {
      await app.auth.service.settled();
      const commands = await recordCommands(app.connection, async () => {
        for (const value of [undefined, null, '', 5, ['a@example.com'], { $gt: '' }]) {
          for (const [answer, pointer] of [
            [await resend(value), '#/email'],
            [await verify(value), '#/token'],
          ] as const) {
            expect(answer.status).to.equal(422);
            expect(answer.body.errors.map((fault: { pointer: string }) => fault.pointer)).to.deep.equal([
              pointer,
            ]);
          }
        }
      });
      expect(commands).to.deep.equal([]);
    });
  });

  describe('optional', () => {
    it('mails who registers a link to the page of the app, and lets log in without it (hold 52)', async () => {
      const { status, body } = await app.http
        .post('/auth/register')
        .set({ host: 'evil.example.net', 'x-forwarded-host': 'evil.example.net' })
        .send({ email: 'fresh@example.com', password: PASSWORD, name: 'Call +33' });
      expect([status, body.emailVerifiedAt]).to.deep.equal([201, null]);
      const [mail, ...others] = await mailsTo('fresh@example.com');
      expect(others).to.deep.equal([]);
      expect(mail?.subject).to.equal('Confirm your email address');
      expect(mail?.text).to.match(/^https:\/\/app\.example\.com\/verify-email\?token=[\w-]{43}$/m);
      expect(mail?.text).to.include('Do not confirm').and.not.include('+33').and.not.include('evil');
      await app.login({ email: 'fresh@example.com', password: PASSWORD });
      const taken = { email: 'fresh@example.com', password: PASSWORD };
      expectRefusal(await app.http.post('/auth/register').send(taken), 'email_taken');
      expect(await mailsTo('fresh@example.com')).to.have.length(1);
    });

    it('takes a link and a template of the app’s own, with what the request says of languages', async () => {
      const own = await createTestApp({
        emailVerification: 'optional',
        links: { verifyEmail: 'myapp://verify?lang=fr' },
        templates: {
          verifyEmail: async ({ user, url, expiresInMinutes, acceptLanguage }) => ({
            subject: `${user.email} ${expiresInMinutes} ${acceptLanguage}`,
            text: url,
            html: '',
          }),
        },
      });
      try {
        const account = { email: 'own@example.com', password: PASSWORD };
        await own.http.post('/auth/register').set('accept-language', 'fr').send(account).expect(201);
        const [mail] = await mailsTo('own@example.com', own);
        expect(mail?.subject).to.equal('own@example.com 1440 fr');
        expect(mail?.text).to.match(/^myapp:\/\/verify\?lang=fr&token=[\w-]{43}$/);
      } finally {
        await own.close();
      }
    });

    it('mails nothing for users whom the app makes', async () => {
      await app.auth.service.createUser({ email: 'made@example.com', password: PASSWORD });
      expect(await mailsTo('made@example.com')).to.deep.equal([]);
    });
  });

  describe('off', () => {
    let off: TestApp;
    before(async () => {
      // Whether it is on may be the environment's to say: what belongs to it may be given all the same.
      const verifyEmail = () => ({ subject: 'Ours', text: '', html: '' });
      off = await createTestApp({
        links: { verifyEmail: 'myapp://verify' },
        templates: { verifyEmail, alreadyRegistered: verifyEmail },
      });
    });
    after(() => off.close());

    it('has none of its paths, and mails nothing', async () => {
      for (const path of ['/auth/verify-email', '/auth/verify-email/resend']) {
        await off.http.post(path).send({ token: 'x', email: 'a@example.com' }).expect(404);
      }
      const { email } = await off.register();
      expect(await mailsTo(email, off)).to.deep.equal([]);
    });

    it('leaves the service what an app may want for a way of its own', async () => {
      const user = await off.signUp();
      await off.auth.service.resendVerification(user.email);
      expect((await mailsTo(user.email, off)).map(({ subject }) => subject)).to.deep.equal(['Ours']);
    });
  });

  describe('required', () => {
    let strict: TestApp;
    before(async () => {
      strict = await createTestApp({ emailVerification: 'required' });
    });
    after(() => strict.close());
    beforeEach(() => strict.mailbox.clear());

    let count = 0;
    /** Registers over HTTP. @returns the address, and the token of the mail */
    const newcomer = async () => {
      count += 1;
      const email = `newcomer-${count}@example.com`;
      await strict.http.post('/auth/register').send({ email, password: PASSWORD }).expect(202);
      const [mail] = await mailsTo(email, strict);
      return { email, token: tokenIn(mail as { text: string }) };
    };
    const login = (email: string, password = PASSWORD) =>
      strict.http.post('/auth/token').send({ username: email, password });
    const form = (email: string, password = PASSWORD) =>
      strict.http
        .post('/auth/token')
        .type('form')
        .send({ grant_type: 'password', username: email, password });

    it('lets nobody in before, and says so after the right password alone (hold 16)', async () => {
      const { email, token } = await newcomer();
      expectRefusal(await login(email), 'email_not_verified');
      const wrong = await login(email, 'wrong');
      expectRefusal(wrong, 'invalid_credentials');
      expect(wrong.body).to.deep.equal((await login('nobody@example.com', 'wrong')).body);
      const refused = await form(email);
      expect([refused.status, refused.body]).to.deep.equal([
        400,
        { error: 'invalid_grant', error_description: 'Email not verified' },
      ]);
      expect((await form(email, 'wrong')).body.error_description).to.equal('Incorrect email or password');
      expect(await strict.connection.collection('auth_sessions').countDocuments()).to.equal(0);
      await verify(token, strict).expect(200);
      await login(email).expect(200);
      await form(email).expect(200);
    });

    it('lets in who has read a recovery link: the address is the user’s own', async () => {
      const { email } = await newcomer();
      const token = await strict.resetToken(email);
      await strict.http.post('/auth/reset-password').send({ token, password: NEW }).expect(200);
      await login(email, NEW).expect(200);
    });

    it('lets sessions go on that are there', async () => {
      const { email, token } = await newcomer();
      await verify(token, strict).expect(200);
      const { body } = await login(email).expect(200);
      const users = strict.connection.collection('users');
      await users.updateOne({ email }, { $set: { emailVerifiedAt: null } });
      const { refresh_token } = body;
      const { body: next } = await strict.http.post('/auth/refresh').send({ refresh_token }).expect(200);
      await strict.http.get('/protected').set(bearer(next.access_token)).expect(200);
      expectRefusal(await login(email), 'email_not_verified');
    });

    it('mails another link, which works', async () => {
      const { email } = await newcomer();
      strict.mailbox.clear();
      await resend(email, strict).expect(202);
      const [mail] = await mailsTo(email, strict);
      await verify(tokenIn(mail as { text: string }), strict).expect(200);
    });
  });

  it('tells a fault of the address', async () => {
    expectFaults(await resend('no address'), [
      { code: 'invalid_email', detail: 'The email must be an email address.', pointer: '#/email' },
    ]);
  });
});
