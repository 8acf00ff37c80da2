import bcrypt from 'bcrypt';
import { expect } from 'chai';
import { AuthError } from 'express-auth-kit';
import jwt from 'jsonwebtoken';
import { recordEvents } from '../../conformance/record-events.js';
import { expectFaults, expectProblem, expectRefusal } from '../../http/expect-refusal.js';
import { recordCommands } from '../../support/commands.js';
import { bearer, createTestApp, PASSWORD, type TestApp } from '../../support/test-app.js';
import { watchCalls } from '../../support/watch-calls.js';

const WRONG = 'not the password';

describe('the password grant', () => {
  let app: TestApp;

  before(async () => {
    app = await createTestApp();
  });
  after(() => app.close());

  const login = (username: string, password: string, at: TestApp = app) =>
    at.http.post('/auth/token').send({ username, password });
  const users = () => app.connection.collection('users');
  const sessions = () => app.connection.collection('auth_sessions');

  it('finds the user by the address in whatever form it is typed (hold 46)', async () => {
    await app.register({ email: 'jos\u00e9@example.com' });
    for (const typed of [' jose\u0301@example.com', 'JOS\u00c9@EXAMPLE.COM', 'jos\u00e9@example.com\n']) {
      await login(typed, PASSWORD).expect(200);
    }
    expectRefusal(await login('jose@example.com', PASSWORD), 'invalid_credentials');
  });

  it('takes the password exactly as it is', async () => {
    const { email } = await app.register({ password: ' Zqxj kvbw ' });
    for (const typed of ['Zqxj kvbw', ' zqxj kvbw ', ' Zqxj kvbw', ' Zqxj kvbw  ']) {
      expectRefusal(await login(email, typed), 'invalid_credentials');
    }
    await login(email, ' Zqxj kvbw ').expect(200);
  });

  it('takes the username where the email is given too, and the email where the username is null', async () => {
    const [jean, eve] = [await app.register(), await app.register()];
    const send = async (body: object) => {
      const response = await app.http
        .post('/auth/token')
        .send({ password: PASSWORD, ...body })
        .expect(200);
      return (jwt.decode(response.body.access_token) as jwt.JwtPayload).sub;
    };
    expect(await send({ username: jean.email, email: eve.email })).to.equal(jean.id);
    expect(await send({ username: null, email: eve.email })).to.equal(eve.id);
  });

  it('makes a session with address, browser and dates', async () => {
    const user = await app.register();
    await app.http
      .post('/auth/token')
      .set('user-agent', `Browser ${'x'.repeat(600)}`)
      .send({ username: user.email, password: PASSWORD })
      .expect(200);
    const session = await sessions().findOne({ user: (await app.User.findById(user.id))?._id });
    const now = new Date(app.clock.now());
    expect(session).to.deep.include({ generation: 0, createdAt: now, lastUsedAt: now, rotatedAt: now });
    expect(session?.expiresAt).to.deep.equal(new Date(app.clock.now() + 30 * 86_400_000));
    expect(session?.ip).to.match(/127\.0\.0\.1$/);
    expect(session?.userAgent).to.equal(`Browser ${'x'.repeat(504)}`);
  });

  for (const [what, type] of [
    ['JSON', 'json'],
    ['a form', 'form'],
  ] as const) {
    it(`keeps what the device is called, where ${what} says so, refreshes and new passwords included`, async () => {
      const { email, password } = await app.register();
      const named = { grant_type: 'password', username: email, password, device_name: 'Till 3' };
      const { body } = await app.http.post('/auth/token').type(type).send(named).expect(200);
      const { refresh_token } = body;
      await app.http.post('/auth/refresh').send({ refresh_token }).expect(200);
      const devices = async (access_token: string) => {
        const answer = await app.http.get('/auth/sessions').set(bearer(access_token)).expect(200);
        return answer.body.map(({ device }: { device: string }) => device);
      };
      expect(await devices(body.access_token)).to.deep.equal(['Till 3']);
      const change = { current_password: password, new_password: 'another good one' };
      const changed = await app.http
        .post('/auth/change-password')
        .set(bearer(body.access_token))
        .send(change)
        .expect(200);
      expect(await devices(changed.body.access_token)).to.deep.equal(['Till 3']);
    });
  }

  it('refuses what no device can be called, before any query and any hash', async () => {
    const { email: username, password } = await app.register();
    const refusals: [unknown, string, string][] = [
      [5, 'invalid_type', 'The device name must be a string.'],
      [['x'], 'invalid_type', 'The device name must be a string.'],
      ['x'.repeat(101), 'too_long', 'The device name must have at most 100 characters.'],
      ['Till\u200b3', 'invalid_characters', 'The device name must not contain invisible characters.'],
    ];
    const commands = await recordCommands(app.connection, async () => {
      for (const [device_name, code, detail] of refusals) {
        const answer = await app.http.post('/auth/token').send({ username, password, device_name });
        expectFaults(answer, [{ code, detail, pointer: '#/device_name' }]);
      }
    });
    expect(commands).to.deep.equal([]);
  });

  describe('refuses', () => {
    /** Every reason there is, told apart by nobody. */
    const reasons: Record<string, () => Promise<[username: string, password: string]>> = {
      'a wrong password': async () => [(await app.register()).email, WRONG],
      'an unknown user': async () => ['nobody@example.com', PASSWORD],
      'what is no address at all': async () => ['nobody', PASSWORD],
      'a disabled user with the right password': async () => {
        const { id, email } = await app.register();
        await app.auth.service.disableUser(id);
        return [email, PASSWORD];
      },
      'a disabled user with a wrong password': async () => {
        const { id, email } = await app.register();
        await app.auth.service.disableUser(id);
        return [email, WRONG];
      },
      'a user without a password': async () => {
        const { email } = await app.register();
        await users().updateOne({ email }, { $unset: { password: 1 } });
        return [email, PASSWORD];
      },
      'a user whose password is null': async () => {
        const { email } = await app.register();
        await users().updateOne({ email }, { $set: { password: null } });
        return [email, 'null'];
      },
      'a user whose password is stored in plain text': async () => {
        const { email } = await app.register();
        await users().updateOne({ email }, { $set: { password: PASSWORD } });
        return [email, PASSWORD];
      },
    };

    for (const [reason, arrange] of Object.entries(reasons)) {
      it(`${reason}, like every other reason, with one hash of the configured cost (holds 16, 17)`, async () => {
        const [username, password] = await arrange();
        const before = await sessions().countDocuments();
        const watch = watchCalls(bcrypt, 'compare');
        const hashes = watchCalls(bcrypt, 'hash');
        try {
          expectRefusal(await login(username, password), 'invalid_credentials');
        } finally {
          watch.restore();
          hashes.restore();
        }
        expect(watch.calls).to.have.length(1);
        expect(watch.calls[0]?.[1]).to.match(/^\$2b\$04\$/);
        expect(hashes.calls).to.deep.equal([]);
        expect(await sessions().countDocuments()).to.equal(before);
      });
    }

    it('all of them by the same answer: status, headers and body (hold 16)', async () => {
      const answers = [];
      for (const arrange of Object.values(reasons)) {
        const [username, password] = await arrange();
        const { status, text, headers } = await login(username, password);
        const { date: _date, ...rest } = headers;
        answers.push({ status, text, headers: rest });
      }
      for (const answer of answers) expect(answer).to.deep.equal(answers[0]);
    });

    it('an unknown user at the configured cost, whatever that is (hold 17)', async () => {
      const dear = await createTestApp({ password: { bcryptCost: 6 } });
      const watch = watchCalls(bcrypt, 'compare');
      try {
        expectRefusal(await login('nobody@example.com', PASSWORD, dear), 'invalid_credentials');
        expect(watch.calls.map(([, hash]) => String(hash).slice(0, 7))).to.deep.equal(['$2b$06$']);
        expect(String(watch.calls[0]?.[1])).to.have.length(60);
      } finally {
        watch.restore();
        await dear.close();
      }
    });

    it('a password with a lone surrogate: it is no other character (hold 31)', async () => {
      // In UTF-8 both would be the replacement character.
      const { email } = await app.register();
      const password = await bcrypt.hash('zqxj\ufffdkvbw', 4);
      await app.connection.collection('users').updateOne({ email }, { $set: { password } });
      const { status } = await login(email, 'zqxj\ud800kvbw');
      expect(status).to.equal(401);
    });

    it('a password cut at a NUL (hold 31)', async () => {
      const { email } = await app.register({ password: 'zqxjkvbw' });
      expectRefusal(await login(email, 'zqxjkvbw\0'), 'invalid_credentials');
      expectRefusal(await login(email, 'zqxjkvbw\0more'), 'invalid_credentials');
    });
  });

  it('costs one hash where the password is right, too (hold 17)', async () => {
    const { email } = await app.register();
    const watch = watchCalls(bcrypt, 'compare');
    try {
      await login(email, PASSWORD).expect(200);
    } finally {
      watch.restore();
    }
    expect(watch.calls).to.have.length(1);
  });

  describe('takes for invalid, before any query and any hash (hold 18)', () => {
    const values = { 'a number': 5, 'a boolean': true, 'an array': ['a'], 'an object': { $gt: '' } };
    for (const [what, value] of Object.entries(values)) {
      for (const field of ['username', 'email', 'password']) {
        it(`${what} as ${field}`, async () => {
          const { email } = await app.register();
          const { email: _email, ...without } = { email, username: email, password: PASSWORD };
          const body =
            field === 'email' ? { email: value, password: PASSWORD } : { ...without, [field]: value };
          const hashes = watchCalls(bcrypt, 'compare');
          try {
            const name = field === 'email' ? 'username' : field;
            const commands = await recordCommands(app.connection, async () =>
              expectFaults(await app.http.post('/auth/token').send(body), [
                { code: 'invalid_type', detail: `The ${name} must be a string.`, pointer: `#/${name}` },
              ]),
            );
            expect([commands, hashes.calls]).to.deep.equal([[], []]);
          } finally {
            hashes.restore();
          }
        });
      }
    }
  });

  describe('where the stored hash is cheaper than configured', () => {
    let dear: TestApp;
    before(async () => {
      dear = await createTestApp({ password: { bcryptCost: 5 } });
    });
    after(() => dear.close());

    const storeHash = async (hash: string) => {
      const { email } = await dear.register();
      await dear.connection.collection('users').updateOne({ email }, { $set: { password: hash } });
      return email;
    };
    const hashOf = async (email: string) =>
      (await dear.connection.collection('users').findOne({ email }))?.password;

    it('replaces it at a login with the right password, and ends no session (hold 27)', async () => {
      const email = await storeHash(await bcrypt.hash(PASSWORD, 4));
      const { body: first } = await login(email, PASSWORD, dear).expect(200);
      expect(await hashOf(email)).to.match(/^\$2b\$05\$/);
      await login(email, PASSWORD, dear).expect(200);
      expectRefusal(await login(email, WRONG, dear), 'invalid_credentials');
      await dear.http.post('/auth/refresh').send({ refresh_token: first.refresh_token }).expect(200);
    });

    it('leaves it as it is at a login with a wrong one (hold 27)', async () => {
      const hash = await bcrypt.hash(PASSWORD, 4);
      const email = await storeHash(hash);
      expectRefusal(await login(email, WRONG, dear), 'invalid_credentials');
      expect(await hashOf(email)).to.equal(hash);
    });

    it('leaves a dearer one as it is (hold 27)', async () => {
      const hash = await bcrypt.hash(PASSWORD, 6);
      const email = await storeHash(hash);
      await login(email, PASSWORD, dear).expect(200);
      expect(await hashOf(email)).to.equal(hash);
    });

    it('takes hashes of other implementations, $2a$ and $2y$', async () => {
      const hash = await bcrypt.hash(PASSWORD, 5);
      for (const prefix of ['$2a$', '$2y$']) {
        const email = await storeHash(hash.replace('$2b$', prefix));
        await login(email, PASSWORD, dear).expect(200);
        expectRefusal(await login(email, WRONG, dear), 'invalid_credentials');
      }
    });
  });

  it('says login.succeeded and login.failed, with the reason that the client is not told', async () => {
    const { id, email } = await app.register();
    const { id: disabled, email: disabledEmail } = await app.register();
    await app.auth.service.disableUser(disabled);
    const events = recordEvents(app.auth);
    const { body } = await login(email, PASSWORD).set('user-agent', 'Browser/1').expect(200);
    await login(email, WRONG);
    await login(' Nobody@example.com', WRONG);
    await login(disabledEmail, PASSWORD);
    const { sid: sessionId } = jwt.decode(body.access_token) as jwt.JwtPayload;
    const origin = { ip: '127.0.0.1', userAgent: null };
    expect(events).to.deep.equal([
      ['login.succeeded', { userId: id, sessionId, ...origin, userAgent: 'Browser/1' }],
      ['login.failed', { userId: id, email: null, reason: 'wrong_password', ...origin }],
      ['login.failed', { userId: null, email: ' Nobody@example.com', reason: 'unknown', ...origin }],
      ['login.failed', { userId: disabled, email: null, reason: 'disabled', ...origin }],
    ]);
  });

  it('asks beforeSignIn only after the right password, and answers what that refuses', async () => {
    const seen: string[] = [];
    const guarded = await createTestApp({
      hooks: {
        async beforeSignIn({ user, context }) {
          await Promise.resolve();
          seen.push(`${user.email} from ${context.ip} by ${context.userAgent}`);
          if (user.phone === '0') throw new AuthError({ status: 403, code: 'no_phone', detail: 'Call us.' });
        },
      },
    });
    try {
      const [fine, barred] = [await guarded.register({ phone: '1' }), await guarded.register({ phone: '0' })];
      expectRefusal(await login(fine.email, WRONG, guarded), 'invalid_credentials');
      expect(seen).to.deep.equal([]);
      await login(fine.email, PASSWORD, guarded).set('user-agent', 'UA').expect(200);
      expect(seen).to.deep.equal([`${fine.email} from 127.0.0.1 by UA`]);
      const refused = await login(barred.email, PASSWORD, guarded);
      expectProblem(refused, { status: 403, code: 'no_phone', detail: 'Call us.' });
      expect(await guarded.connection.collection('auth_sessions').countDocuments()).to.equal(1);
    } finally {
      await guarded.close();
    }
  });
});

describe('the password grant, with login fields of the app\u2019s own', () => {
  let app: TestApp;
  before(async () => {
    app = await createTestApp({
      fields: {
        username: { type: String, unique: true, sparse: true, lowercase: true, trim: true },
        badge: { type: String, unique: true, sparse: true },
      },
      registerFields: ['username', 'badge'],
      loginFields: ['email', 'username', 'badge'],
    });
  });
  after(() => app.close());

  const login = (username: unknown, password = PASSWORD) =>
    app.http.post('/auth/token').send({ username, password });

  it('takes each of them, for one hash whatever is found (hold 17)', async () => {
    const { email } = await app.register({ username: 'Ada', badge: 'B-1' });
    for (const [name, status] of [
      [email.toUpperCase(), 200],
      [' ADA ', 200],
      ['B-1', 200],
      ['b-1', 401],
      ['nobody', 401],
    ] as const) {
      const watch = watchCalls(bcrypt, 'compare');
      try {
        expect((await login(name)).status, name).to.equal(status);
      } finally {
        watch.restore();
      }
      expect(watch.calls).to.have.length(1);
    }
  });

  it('asks the same of the database whatever is found (hold 16)', async () => {
    const { email } = await app.register({ username: 'grace', badge: 'B-2' });
    const counts = [];
    for (const name of [email, 'grace', 'B-2', 'nobody']) {
      const commands = await recordCommands(app.connection, async () =>
        expectRefusal(await login(name, 'wrong'), 'invalid_credentials'),
      );
      counts.push(commands.filter((command) => command.name === 'find').length);
    }
    expect(counts).to.deep.equal([3, 3, 3, 3]);
  });

  it('lets nobody have one of them for a password, however it is written (hold 30)', async () => {
    const account = { email: 'hedy@example.com', username: 'hedy-lamarr', badge: 'frequency-hopping' };
    for (const password of ['Hedy-Lamarr', 'frequency-hopping']) {
      const { status, body } = await app.http.post('/auth/register').send({ ...account, password });
      expect([status, body.errors?.[0]?.code]).to.deep.equal([422, 'too_personal']);
    }
    const user = await app.signUp(account);
    const change = { current_password: user.password, new_password: account.username };
    const { body } = await app.http.post('/auth/change-password').set(bearer(user.access_token)).send(change);
    expect(body.errors?.[0]?.code).to.equal('too_personal');
    const token = await app.resetToken(account.email);
    const reset = await app.http.post('/auth/reset-password').send({ token, password: account.badge });
    expect(reset.body.errors?.[0]?.code).to.equal('too_personal');
  });

  it('lets nobody hide an account by taking its address for a name', async () => {
    const owner = await app.register();
    await app.register({ username: owner.email, password: 'the one of another' });
    const { body } = await login(owner.email).expect(200);
    const me = await app.http.get('/auth/me').set(bearer(body.access_token)).expect(200);
    expect(me.body.id).to.equal(owner.id);
    expectRefusal(await login(owner.email, 'the one of another'), 'invalid_credentials');
  });

  it('takes what is no string for invalid (hold 18)', async () => {
    for (const name of [5, null, ['ada'], { $ne: null }, '']) {
      expect((await login(name)).status).to.equal(422);
    }
  });
});
