import { createHash } from 'node:crypto';
import { expect } from 'chai';
import { databaseContents } from '../conformance/database-contents.js';
import { createHold } from '../conformance/hold-back.js';
import { recordEvents } from '../conformance/record-events.js';
import { expectFaults, expectRefusal } from '../http/expect-refusal.js';
import { recordCommands } from '../support/commands.js';
import { bearer, createTestApp, PASSWORD, type TestApp } from '../support/test-app.js';

const MINUTE = 60_000;
const NEW = 'another good one';
const SENT = { message: 'Password reset email sent' };

describe('password recovery', () => {
  let app: TestApp;
  before(async () => {
    app = await createTestApp();
  });
  after(() => app.close());

  const forgot = (body: object, at: TestApp = app) => at.http.post('/auth/forgot-password').send(body);
  const validate = (token: string) => app.http.post('/auth/forgot-password/validate').send({ token });
  const reset = (token: string, password = NEW, at: TestApp = app) =>
    at.http.post('/auth/reset-password').send({ token, password });
  const login = (username: string, password: string, at: TestApp = app) =>
    at.http.post('/auth/token').send({ username, password });
  /** The mails sent by now to an address, oldest first. */
  const mailsTo = async (address: string, at: TestApp = app) => {
    await at.auth.service.settled();
    return at.mailbox.messages.filter(({ to }) => to === address);
  };

  describe('POST /forgot-password', () => {
    for (const path of ['/auth/forgot-password', '/auth/password/forgot']) {
      it(`answers ${path} the same for a known, an unknown and a disabled user (hold 53)`, async () => {
        const [known, disabled] = [await app.register(), await app.register()];
        await app.auth.service.disableUser(disabled.id);
        const answers = [];
        for (const email of [known.email, 'nobody@example.com', disabled.email]) {
          const { status, body, headers } = await app.http.post(path).send({ email });
          const { date: _date, ...rest } = headers;
          answers.push({ status, body, headers: rest });
        }
        for (const answer of answers) expect(answer).to.deep.equal(answers[0]);
        expect(answers[0]).to.deep.include({ status: 202, body: SENT });
        expect(answers[0]?.headers).to.include({
          'cache-control': 'no-store',
          'content-type': 'application/json; charset=utf-8',
        });
        expect(await mailsTo(known.email)).to.have.length(1);
        expect(await mailsTo('nobody@example.com')).to.deep.equal([]);
        expect(await mailsTo(disabled.email)).to.deep.equal([]);
      });
    }

    it('answers the same where no mail can be sent, and says mail.failed when its time is over (hold 53)', async () => {
      const failure = new Error('the mail server is down');
      const broken = await createTestApp({
        mail: {
          transport: { name: 'broken', version: '1', send: (_mail, done) => done(failure, null as never) },
          from: 'app@example.com',
        },
      });
      try {
        const { email, id } = await broken.register();
        const events = recordEvents(broken.auth, ['mail.failed']);
        await forgot({ email }, broken).expect(202, SENT);
        await forgot({ email: 'nobody@example.com' }, broken).expect(202, SENT);
        await broken.auth.service.settled();
        expect(events).to.deep.equal([]);
        broken.clock.advance(30 * MINUTE);
        await broken.auth.service.settled();
        const [[name, { error, ...told }]] = events as unknown as [[string, { error: Error }]];
        expect([name, told]).to.deep.equal(['mail.failed', { userId: id, to: email, mail: 'passwordReset' }]);
        expect(error.message).to.equal('the mail server or transport failed');
      } finally {
        await broken.close();
      }
    });

    for (const missing of ['mail', 'appUrl']) {
      it(`answers 202 without ${missing}, warns at start, stores no token and says mail.failed`, async () => {
        const warnings: string[] = [];
        const without = await createTestApp({
          ...(missing === 'mail' ? { mail: {} } : { appUrl: undefined }),
          logger: { warn: (message) => warnings.push(message) },
        });
        try {
          expect(warnings).to.have.length(1);
          expect(warnings[0]).to.include(missing === 'mail' ? 'SMTP_URL' : 'AUTH_APP_URL');
          const { email } = await without.register();
          const events = recordEvents(without.auth, ['mail.failed']);
          await forgot({ email }, without).expect(202, SENT);
          await without.auth.service.settled();
          expect(events.map(([name]) => name)).to.deep.equal(['mail.failed']);
          expect(await without.connection.collection('auth_one_time_tokens').countDocuments()).to.equal(0);
        } finally {
          await without.close();
        }
      });
    }

    it('does not make the client wait for the mail (hold 53)', async () => {
      const hold = createHold();
      const slow = await createTestApp({
        templates: {
          async passwordReset() {
            await hold.wait();
            return { subject: 'Later', text: 'later', html: 'later' };
          },
        },
      });
      try {
        const { email } = await slow.register();
        await forgot({ email }, slow).expect(202, SENT);
        const settled = slow.auth.service.settled();
        await hold.reached;
        expect(slow.mailbox.messages).to.deep.equal([]);
        hold.release();
        await settled;
        expect(await mailsTo(email, slow)).to.have.length(1);
      } finally {
        hold.release();
        await slow.close();
      }
    });

    it('mails to the stored address, never to the one typed (hold 46)', async () => {
      const { email } = await app.register({ email: 'mike.kelvin@example.com' });
      const before = app.mailbox.messages.length;
      // U+212A, the Kelvin sign, is K in NFC: the same account, another mailbox.
      await forgot({ email: ' MIKE.\u212aelvin@EXAMPLE.com ' }).expect(202, SENT);
      expect(await mailsTo(email)).to.have.length(1);
      expect(app.mailbox.messages).to.have.length(before + 1);
    });

    it('mails nothing for an address that only looks like a stored one (hold 46)', async () => {
      await app.register({ email: 'mike.li@example.com' });
      const before = app.mailbox.messages.length;
      for (const email of ['m\u0131ke.li@example.com', 'mike.l\u0456@example.com', 'mikeli@example.com']) {
        await forgot({ email }).expect(202, SENT);
      }
      await app.auth.service.settled();
      expect(app.mailbox.messages).to.have.length(before);
    });

    it('sends to nobody where the stored address has become two (hold 54)', async () => {
      const { email } = await app.register();
      const both = `${email}, eve@example.com`;
      await app.connection.collection('users').updateOne({ email }, { $set: { email: both } });
      const before = app.mailbox.messages.length;
      await forgot({ email: both }).expect(422);
      await forgot({ email }).expect(202, SENT);
      await forgot({ email: 'eve@example.com' }).expect(202, SENT);
      await app.auth.service.settled();
      expect(app.mailbox.messages).to.have.length(before);
    });

    it('makes the link from appUrl, whatever the request says of its host (hold 52)', async () => {
      const { email } = await app.register();
      await app.http
        .post('/auth/forgot-password')
        .set({
          host: 'evil.example.net',
          'x-forwarded-host': 'evil.example.net',
          'x-forwarded-proto': 'http',
          forwarded: 'host=evil.example.net',
          origin: 'https://evil.example.net',
          referer: 'https://evil.example.net/',
        })
        .send({ email, redirect: 'https://evil.example.net', url: 'https://evil.example.net' })
        .expect(202);
      const [mail] = await mailsTo(email);
      expect(mail?.text).to.match(/https:\/\/app\.example\.com\/password\/reset\?token=[\w-]{43}\s/);
      expect(mail?.html).to.include('https://app.example.com/password/reset?token=');
      expect(`${mail?.subject}${mail?.text}${mail?.html}`).to.not.include('evil');
    });

    it('takes a link of the app\u2019s own, and puts the token into its query', async () => {
      const own = await createTestApp({ links: { passwordReset: 'myapp://reset?lang=fr#top' } });
      try {
        const { email } = await own.register();
        await forgot({ email }, own).expect(202);
        const [mail] = await mailsTo(email, own);
        expect(mail?.text).to.match(/myapp:\/\/reset\?lang=fr&token=[\w-]{43}#top/);
      } finally {
        await own.close();
      }
    });

    it('stores the token by its hash alone (hold 50)', async () => {
      const { email } = await app.register();
      const token = await app.resetToken(email);
      const contents = JSON.stringify(await databaseContents(app.connection));
      expect(contents).to.not.include(token);
      expect(contents).to.include(createHash('sha256').update(token).digest('base64url'));
    });

    const invalid: Record<string, [value: unknown, code: string, detail: string]> = {
      nothing: [undefined, 'required', 'The email is required.'],
      null: [null, 'required', 'The email is required.'],
      'an empty string': ['', 'required', 'The email must not be empty.'],
      'a number': [5, 'invalid_type', 'The email must be a string.'],
      'an array': [['a@example.com', 'b@example.com'], 'invalid_type', 'The email must be a string.'],
      'an object': [{ $gt: '' }, 'invalid_type', 'The email must be a string.'],
      'two addresses': [
        'a@example.com,b@example.com',
        'invalid_email',
        'The email must be an email address.',
      ],
    };
    for (const [what, [email, code, detail]] of Object.entries(invalid)) {
      it(`takes ${what} for invalid: no query, no mail (holds 47-49)`, async () => {
        await app.auth.service.settled();
        const mails = app.mailbox.messages.length;
        const commands = await recordCommands(app.connection, async () => {
          expectFaults(await forgot({ email }), [{ code, detail, pointer: '#/email' }]);
        });
        expect(commands).to.deep.equal([]);
        await app.auth.service.settled();
        expect(app.mailbox.messages).to.have.length(mails);
      });
    }
  });

  describe('POST /forgot-password/validate', () => {
    for (const path of ['/auth/forgot-password/validate', '/auth/password/validate']) {
      it(`tells at ${path} whose token it is, and does not use it up (hold 55)`, async () => {
        const { email } = await app.register();
        const token = await app.resetToken(email);
        for (const _time of [1, 2]) {
          const response = await app.http.post(path).send({ token });
          expect([response.status, response.body]).to.deep.equal([200, { email, valid: true }]);
          expect(response.headers['cache-control']).to.equal('no-store');
        }
        await reset(token).expect(200);
      });
    }

    it('tells the stored address', async () => {
      await app.register({ email: 'Told@Example.com' });
      const { body } = await validate(await app.resetToken('told@example.com')).expect(200);
      expect(body).to.deep.equal({ email: 'told@example.com', valid: true });
    });

    it('is not asked by a link: GET and HEAD use nothing up (hold 55)', async () => {
      const { email } = await app.register();
      const token = await app.resetToken(email);
      for (const path of ['/auth/reset-password', '/auth/password/reset', '/auth/forgot-password/validate']) {
        await app.http.get(path).query({ token, password: NEW }).expect(404);
        await app.http.head(path).query({ token, password: NEW }).expect(404);
      }
      await validate(token).expect(200);
    });

    it('takes no token from the query string', async () => {
      const { email } = await app.register();
      const token = await app.resetToken(email);
      expectFaults(await app.http.post('/auth/forgot-password/validate').query({ token }).send({}), [
        { code: 'required', detail: 'The token is required.', pointer: '#/token' },
      ]);
    });
  });

  /** What makes a token worthless, for `validate` and for `reset` alike. */
  const worthless: Record<string, () => Promise<string>> = {
    'was never issued': async () => 'A'.repeat(43),
    'is something else': async () => 'no token \0 \ud800 $gt',
    'is the hash that is stored (hold 50)': async () => {
      const token = await app.resetToken((await app.register()).email);
      return createHash('sha256').update(token).digest('base64url');
    },
    'is an access token (hold 6)': async () => (await app.signUp()).access_token,
    'is a refresh token (hold 6)': async () => (await app.signUp()).refresh_token,
    'is 30 minutes old (hold 50)': async () => {
      const token = await app.resetToken((await app.register()).email);
      app.clock.advance(30 * MINUTE);
      return token;
    },
    'came before another that was used (holds 50, 76)': async () => {
      const { email } = await app.register();
      const token = await app.resetToken(email);
      await reset(await app.resetToken(email)).expect(200);
      return token;
    },
    'came after another that was used (holds 50, 76)': async () => {
      const { email } = await app.register();
      const former = await app.resetToken(email);
      const token = await app.resetToken(email);
      await reset(former).expect(200);
      return token;
    },
    'was used (hold 50)': async () => {
      const token = await app.resetToken((await app.register()).email);
      await reset(token).expect(200);
      return token;
    },
    'came before a change of the password': async () => {
      const user = await app.signUp();
      const token = await app.resetToken(user.email);
      await app.http
        .post('/auth/change-password')
        .set(bearer(user.access_token))
        .send({ current_password: PASSWORD, new_password: NEW })
        .expect(200);
      return token;
    },
    'is of a user who was disabled': async () => {
      const { id, email } = await app.register();
      const token = await app.resetToken(email);
      await app.auth.service.disableUser(id);
      return token;
    },
    'is of a user who is gone': async () => {
      const { id, email } = await app.register();
      const token = await app.resetToken(email);
      await app.User.deleteOne({ _id: id });
      return token;
    },
    'went to an address that is the user\u2019s no more (hold 56)': async () => {
      const { id, email } = await app.register();
      const token = await app.resetToken(email);
      await app.User.updateOne({ _id: id }, { email: `moved-${email}` });
      return token;
    },
    'went to an address that is another user\u2019s now (hold 10)': async () => {
      const { id, email } = await app.register();
      const token = await app.resetToken(email);
      await app.User.updateOne({ _id: id }, { email: `moved-${email}` });
      await app.register({ email });
      return token;
    },
  };

  for (const [name, ask] of Object.entries({ validate, reset: (token: string) => reset(token) })) {
    describe(`a token that is no good, at ${name},`, () => {
      for (const [why, tokenOf] of Object.entries(worthless)) {
        it(`is refused when it ${why}, and nothing changes`, async () => {
          const token = await tokenOf();
          await app.auth.service.settled();
          const before = await databaseContents(app.connection);
          expectRefusal(await ask(token), 'invalid_one_time_token');
          expect(await databaseContents(app.connection)).to.deep.equal(before);
        });
      }
    });
  }

  describe('POST /reset-password', () => {
    for (const path of ['/auth/reset-password', '/auth/password/reset']) {
      it(`sets the password at ${path}, ends all sessions and does not log in (holds 40, 51)`, async () => {
        const user = await app.signUp();
        const other = await app.login(user);
        const token = await app.resetToken(user.email);
        const response = await app.http.post(path).send({ token, password: NEW });
        expect([response.status, response.body]).to.deep.equal([200, { message: 'Password updated' }]);
        expect(response.headers['cache-control']).to.equal('no-store');
        expect(response.headers).to.not.have.property('set-cookie');
        for (const { access_token, refresh_token } of [user, other]) {
          expectRefusal(await app.http.get('/protected').set(bearer(access_token)), 'invalid_token');
          expectRefusal(
            await app.http.post('/auth/refresh').send({ refresh_token }),
            'invalid_refresh_token',
          );
        }
        const { _id } = (await app.User.findById(user.id)) ?? {};
        expect(await app.connection.collection('auth_sessions').countDocuments({ user: _id })).to.equal(0);
        expectRefusal(await login(user.email, PASSWORD), 'invalid_credentials');
        const { body } = await login(user.email, NEW).expect(200);
        await app.http.get('/protected').set(bearer(body.access_token)).expect(200);
      });
    }

    it('works until the 30th minute (hold 50)', async () => {
      const token = await app.resetToken((await app.register()).email);
      app.clock.advance(30 * MINUTE - 1);
      await reset(token).expect(200);
    });

    it('counts the address as verified, and leaves an earlier date as it was', async () => {
      const { email } = await app.register();
      await reset(await app.resetToken(email)).expect(200);
      const verifiedAt = new Date(app.clock.now());
      const stored = async () =>
        (await app.connection.collection('users').findOne({ email }))?.emailVerifiedAt;
      expect(await stored()).to.deep.equal(verifiedAt);
      app.clock.advance(MINUTE);
      await reset(await app.resetToken(email), 'a third good one').expect(200);
      expect(await stored()).to.deep.equal(verifiedAt);
    });

    it('lets one of 50 at once succeed, and its password is the one that counts (hold 50)', async () => {
      const { email } = await app.register();
      const token = await app.resetToken(email);
      const passwords = Array.from({ length: 50 }, (_, index) => `${NEW} ${index}`);
      const answers = await Promise.all(passwords.map((password) => reset(token, password)));
      const won = answers.flatMap(({ status }, index) => (status === 200 ? [index] : []));
      expect(won).to.have.length(1);
      for (const answer of answers)
        if (answer.status !== 200) expectRefusal(answer, 'invalid_one_time_token');
      const logins = await Promise.all(passwords.map((password) => login(email, password)));
      expect(logins.flatMap(({ status }, index) => (status === 200 ? [index] : []))).to.deep.equal(won);
    });

    it('lets an older link work after newer requests, whoever made them (hold 76)', async () => {
      const { email } = await app.register();
      const token = await app.resetToken(email);
      for (let time = 0; time < 10; time += 1) {
        await forgot({ email }).expect(202);
        await app.auth.service.settled();
      }
      await reset(token).expect(200);
      await login(email, NEW).expect(200);
    });

    it('lets one mail wait, however many ask for it at once, and answers the same (hold 76)', async () => {
      const { email } = await app.register();
      const answers = await Promise.all(Array.from({ length: 50 }, () => forgot({ email })));
      const told = answers.map(({ status, body }) => [status, body.message]);
      expect(new Set(told.map(String))).to.deep.equal(new Set(['202,Password reset email sent']));
      expect(await mailsTo(email)).to.have.length(1);
    });

    it('mails five links and no sixth, answers the same, and lets each of them work (holds 50, 76)', async () => {
      const { email } = await app.register();
      for (let time = 0; time < 7; time += 1) {
        await forgot({ email }).expect(202, SENT);
        await app.auth.service.settled();
      }
      const tokens = (await mailsTo(email)).map(({ text }) => /token=([\w-]+)/.exec(text)?.[1] as string);
      expect(new Set(tokens).size).to.equal(5);
      for (const token of tokens) await validate(token).expect(200);
      await reset(tokens[2] as string).expect(200);
      for (const token of tokens) expectRefusal(await validate(token), 'invalid_one_time_token');
      // With another password those of before are void, and count no more.
      await reset(await app.resetToken(email), 'a third good one').expect(200);
    });

    it('mails another link when one has ended (hold 76)', async () => {
      const { email } = await app.register();
      await app.resetToken(email);
      app.clock.advance(10 * MINUTE);
      for (let time = 0; time < 5; time += 1) {
        await forgot({ email }).expect(202);
        await app.auth.service.settled();
      }
      expect(await mailsTo(email)).to.have.length(5);
      app.clock.advance(20 * MINUTE);
      for (let time = 0; time < 2; time += 1) {
        await forgot({ email }).expect(202);
        await app.auth.service.settled();
      }
      expect(await mailsTo(email)).to.have.length(6);
    });

    it('does not use the token up for a password that is refused (hold 30)', async () => {
      const { email } = await app.register({ name: 'Maria Stuart' });
      const token = await app.resetToken(email);
      const refused: Record<string, [code: string, detail: string]> = {
        short: ['too_short', 'The password must have at least 8 characters.'],
        password123: ['too_common', 'This password is too common.'],
        [email]: ['too_personal', 'The password must not be your email address or name.'],
        mariastuart: ['too_personal', 'The password must not be your email address or name.'],
        'zqxjkvbw\0': ['invalid_characters', 'The password contains characters that cannot be used.'],
        'zqxjkvbw\udfff': ['invalid_characters', 'The password contains characters that cannot be used.'],
      };
      for (const [password, [code, detail]] of Object.entries(refused)) {
        expectFaults(await reset(token, password), [{ code, detail, pointer: '#/password' }]);
      }
      await login(email, PASSWORD).expect(200);
      await reset(token).expect(200);
    });

    it('gives a password to a user who had none', async () => {
      const { email } = await app.register();
      await app.connection
        .collection('users')
        .updateOne({ email }, { $unset: { password: 1, securityStamp: 1 } });
      await reset(await app.resetToken(email)).expect(200);
      await login(email, NEW).expect(200);
    });

    it('takes everything from who registered a victim\u2019s address before the victim did (hold 57)', async () => {
      const attacker = await app.signUp({ email: 'victim@example.com' });
      const attackersLink = await app.resetToken(attacker.email);
      const { body: rotated } = await app.http
        .post('/auth/refresh')
        .send({ refresh_token: attacker.refresh_token })
        .expect(200);
      const victimsLink = await app.resetToken(attacker.email);
      await reset(victimsLink).expect(200);
      for (const { access_token, refresh_token } of [attacker, rotated]) {
        expectRefusal(await app.http.get('/protected').set(bearer(access_token)), 'invalid_token');
        expectRefusal(await app.http.post('/auth/refresh').send({ refresh_token }), 'invalid_refresh_token');
      }
      expectRefusal(await login(attacker.email, PASSWORD), 'invalid_credentials');
      for (const link of [attackersLink, victimsLink]) {
        expectRefusal(await reset(link, 'the attacker again'), 'invalid_one_time_token');
      }
      await login(attacker.email, NEW).expect(200);
    });

    const endings: Record<string, (user: { id: string; access_token: string }) => Promise<unknown>> = {
      'a logout everywhere': ({ access_token }) =>
        app.http.post('/auth/logout-all').set(bearer(access_token)).expect(204),
      'a revocation': ({ id }) => app.auth.service.revokeSessions(id),
      'a disabling that is taken back': async ({ id }) => {
        await app.auth.service.disableUser(id);
        await app.auth.service.enableUser(id);
      },
    };
    for (const [what, end] of Object.entries(endings)) {
      it(`takes a link from before ${what}: who has a session cannot keep its owner out (hold 57)`, async () => {
        const user = await app.signUp();
        const link = await app.resetToken(user.email);
        await end(user);
        await validate(link).expect(200);
        await reset(link).expect(200);
        await login(user.email, NEW).expect(200);
      });
    }

    it('ends a session that a login with the old password is making at this moment (hold 42)', async () => {
      const hold = createHold();
      let holding = false;
      const slow = await createTestApp({
        hooks: {
          async beforeSignIn() {
            if (holding) await hold.wait();
          },
        },
      });
      try {
        const { email } = await slow.register();
        const token = await slow.resetToken(email);
        holding = true;
        const pending = login(email, PASSWORD, slow).then((response) => response);
        await hold.reached;
        await reset(token, NEW, slow).expect(200);
        hold.release();
        const { body } = await pending;
        expectRefusal(await slow.http.get('/protected').set(bearer(body.access_token)), 'invalid_token');
        const { refresh_token } = body;
        expectRefusal(await slow.http.post('/auth/refresh').send({ refresh_token }), 'invalid_refresh_token');
        holding = false;
        await login(email, NEW, slow).expect(200);
      } finally {
        hold.release();
        await slow.close();
      }
    });

    it('says session.ended and password.changed, and runs afterPasswordChange before it answers', async () => {
      const seen: string[] = [];
      const hooked = await createTestApp({
        hooks: {
          async afterPasswordChange({ user, reason }) {
            await Promise.resolve();
            seen.push(`${user.email} ${reason}`);
          },
        },
      });
      try {
        const { id, email } = await hooked.register();
        const token = await hooked.resetToken(email);
        const events = recordEvents(hooked.auth);
        await reset(token, NEW, hooked).expect(200);
        expect(seen).to.deep.equal([`${email} reset`]);
        await reset(token, NEW, hooked).expect(400);
        expect(seen).to.have.length(1);
        expect(events).to.deep.equal([
          [
            'session.ended',
            { userId: id, sessionId: null, reason: 'password_reset', ip: '127.0.0.1', userAgent: null },
          ],
          ['password.changed', { userId: id, reason: 'reset', ip: '127.0.0.1', userAgent: null }],
        ]);
      } finally {
        await hooked.close();
      }
    });

    it('tells what is wrong with token and password at once, and looks nothing up for a bad password', async () => {
      const short = {
        code: 'too_short',
        detail: 'The password must have at least 8 characters.',
        pointer: '#/password',
      };
      await app.auth.service.settled();
      const commands = await recordCommands(app.connection, async () => {
        expectFaults(await app.http.post('/auth/reset-password').send({ password: 'short' }), [
          { code: 'required', detail: 'The token is required.', pointer: '#/token' },
          short,
        ]);
        expectFaults(await reset('never-issued', 'short'), [short]);
      });
      expect(commands).to.deep.equal([]);
    });

    it('takes a token that is no string for invalid, before any query (holds 47-49)', async () => {
      const values: [unknown, string, string][] = [
        [undefined, 'required', 'The token is required.'],
        [null, 'required', 'The token is required.'],
        ['', 'required', 'The token must not be empty.'],
        [5, 'invalid_type', 'The token must be a string.'],
        [['a'], 'invalid_type', 'The token must be a string.'],
        [{ $gt: '' }, 'invalid_type', 'The token must be a string.'],
      ];
      await app.auth.service.settled();
      const commands = await recordCommands(app.connection, async () => {
        for (const [token, code, detail] of values) {
          const fault = { code, detail, pointer: '#/token' };
          expectFaults(await app.http.post('/auth/reset-password').send({ token, password: NEW }), [fault]);
          expectFaults(await app.http.post('/auth/forgot-password/validate').send({ token }), [fault]);
        }
      });
      expect(commands).to.deep.equal([]);
    });
  });
});
