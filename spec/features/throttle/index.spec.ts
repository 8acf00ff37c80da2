import { randomBytes } from 'node:crypto';
import { availableParallelism } from 'node:os';
import bcrypt from 'bcrypt';
import { expect } from 'chai';
import { baseUserPlugin, createAuthRouter } from 'express-auth-kit';
import { type Kit, withinLimits } from 'express-auth-kit/feature';
import { Schema } from 'mongoose';
import { runHash } from '../../../lib/security/hash-queue.js';
import { expectRefusal } from '../../http/expect-refusal.js';
import { methods } from '../../own-features/methods.js';
import { isWrite, recordCommands } from '../../support/commands.js';
import { expectCode } from '../../support/failure.js';
import { interceptCommands } from '../../support/intercept-commands.js';
import { PASSWORD, type TestApp } from '../../support/test-app.js';
import { watchCalls } from '../../support/watch-calls.js';
import { attemptsIn, createThrottledApp, from, MINUTE, newAddress, type User, WRONG } from './guesses.js';

const NOTICE = 'Somebody is trying to sign in to your account';

describe('guesses at an account', () => {
  let app: TestApp;
  const { login, register, guess, signedIn } = attemptsIn(() => app);
  before(async () => {
    app = await createThrottledApp();
  });
  after(() => app.close());
  const countersOf = async ({ id }: User) => {
    const all = await app.connection.collection('auth_counters').find({}).toArray();
    return all.filter(({ user }) => String(user) === id);
  };

  it('are no more than ten, however many are made at once, each for one hash (holds 17, 20)', async () => {
    const user = await register();
    const stored = await app.User.findById(user.id).select('+password');
    const watch = watchCalls(bcrypt, 'compare');
    try {
      const answers = await Promise.all(Array.from({ length: 50 }, () => login(user, WRONG)));
      for (const answer of answers) expectRefusal(answer, 'invalid_credentials');
      const hashes = watch.calls.map(([, hash]) => hash);
      expect(hashes).to.have.length(50);
      expect(hashes.filter((hash) => hash === stored?.get('password'))).to.have.length(10);
    } finally {
      watch.restore();
    }
  });

  it('are refused after ten, a right one too, by the same answer as a wrong one (hold 16)', async () => {
    const user = await register();
    await guess(user, 9);
    const wrong = await login(user, WRONG);
    const locked = await login(user);
    const unknown = await login({ email: 'nobody@example.com' });
    const shown = ({ status, text, headers: { date: _, ...headers } }: typeof wrong) => ({
      status,
      text,
      headers,
    });
    expectRefusal(locked, 'invalid_credentials');
    expect(shown(locked)).to.deep.equal(shown(wrong));
    expect(shown(unknown)).to.deep.equal(shown(wrong));
  });

  it('wait longer each time, up to fifteen minutes, and never for ever (hold 22)', async () => {
    const user = await register();
    await guess(user, 10);
    for (const minutes of [1, 2, 4, 8, 15, 15]) {
      app.clock.advance(minutes * MINUTE - 1);
      await login(user).expect(401);
      app.clock.advance(1);
      await login(user, WRONG).expect(401);
    }
    app.clock.advance(15 * MINUTE);
    await login(user).expect(200);
    // Who was right does not wait for the next time, and gives nobody another ten.
    await login(user).expect(200);
    await login(user, WRONG).expect(401);
    await login(user).expect(401);
    app.clock.advance(15 * MINUTE);
    await login(user).expect(200);
  });

  it('are forgotten after fifteen minutes where there were few, after a day where there were many', async () => {
    const few = await register();
    await guess(few, 9);
    app.clock.advance(15 * MINUTE);
    await guess(few, 9);
    await login(few).expect(200);

    const many = await register();
    await guess(many, 10);
    app.clock.advance(24 * 60 * MINUTE);
    await guess(many, 9);
    await login(many).expect(200);
  });

  it('that are right are not counted: ten at once succeed, and as many again (hold 21)', async () => {
    const user = await register();
    for (const round of [1, 2]) {
      const answers = await Promise.all(Array.from({ length: 10 }, () => login(user)));
      expect(
        answers.map(({ status }) => status),
        `${round}`,
      ).to.deep.equal(Array(10).fill(200));
    }
    expect((await countersOf(user)).map(({ count }) => count)).to.deep.equal([0]);
  });

  it('beyond ten at once are answered as wrong, and none of them is counted', async () => {
    const user = await register();
    let letGo = () => {};
    const held = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    // Who is refused a place is asked for its home.
    let refused = 0;
    const ignore = interceptCommands(async ({ name, collection }, send) => {
      if (name === 'find' && collection === 'auth_sessions') refused += 1;
      return send();
    });
    const busy = Array.from({ length: Math.min(3, availableParallelism()) }, () => runHash(() => held));
    const logins = Promise.all(Array.from({ length: 14 }, () => login(user)));
    // Ten have a place, and nobody gives one back before there are hashes.
    while (refused < 4) await new Promise(setImmediate);
    ignore();
    letGo();
    await Promise.all(busy);
    const statuses = (await logins).map(({ status }) => status).sort();
    expect(statuses).to.deep.equal([...Array(10).fill(200), ...Array(4).fill(401)]);
    await login(user).expect(200);
  });

  it('are counted by the user, whichever way the name is typed', async () => {
    const user = await register();
    for (let time = 0; time < 10; time += 1) {
      const name = time % 2 ? ` ${user.email.toUpperCase()}` : user.email;
      await login({ email: name }, WRONG).expect(401);
    }
    await login(user).expect(401);
  });

  it('count where there is no such user too: whoever registers meanwhile is not told by it', async () => {
    const email = 'not-there-yet@example.com';
    const watch = watchCalls(bcrypt, 'compare');
    try {
      for (let time = 0; time < 12; time += 1)
        expectRefusal(await login({ email }, WRONG), 'invalid_credentials');
      expect(watch.calls).to.have.length(12);
    } finally {
      watch.restore();
    }
    const body = { email, password: PASSWORD };
    await app.http.post('/auth/register').set(from(newAddress())).send(body).expect(201);
    await login({ email }).expect(200);
  });

  it('end with a reset, which works all the time (hold 22)', async () => {
    const user = await register();
    await guess(user, 12);
    const password = 'a new horse battery';
    const token = await app.resetToken(user.email);
    await app.http.post('/auth/reset-password').send({ token, password }).expect(200);
    await login(user, password).expect(200);
    await guess(user, 9);
    await login(user, password).expect(200);
  });

  for (const [what, send] of Object.entries({
    'a change of the password': (token: Record<string, string>) =>
      app.http
        .post('/auth/change-password')
        .set(token)
        .send({ current_password: PASSWORD, new_password: 'another horse' }),
    'a change of the address': (token: Record<string, string>) =>
      app.http
        .post('/auth/change-email')
        .set(token)
        .send({ email: `new-${newAddress()}@example.com`, password: PASSWORD }),
    'a confirmation': (token: Record<string, string>) =>
      app.http.post('/auth/confirm').set(token).send({ password: PASSWORD }),
    'a deletion': (token: Record<string, string>) =>
      app.http.delete('/auth/me').set(token).send({ password: PASSWORD }),
  })) {
    it(`are refused at ${what} too (hold 23)`, async () => {
      const user = await register();
      const token = await signedIn(user);
      await guess(user, 10);
      expectRefusal(await send({ ...token, ...from(newAddress()) }), 'wrong_password');
      app.clock.advance(MINUTE);
      expect((await send({ ...token, ...from(newAddress()) })).status).to.be.within(200, 204);
    });
  }

  it('of a stranger do not keep out who is signed in from the same network, who has ten of their own (hold 98)', async () => {
    const user = await register();
    const [home, neighbour] = ['2001:db8:1:2::7', '2001:db8:1:2:9::1'];
    await signedIn(user, home);
    await guess(user, 12);
    await login(user).expect(401);
    for (const ip of [home, neighbour]) await login(user, PASSWORD, ip).expect(200);
    for (let time = 0; time < 10; time += 1) {
      await login(user, WRONG, home).expect(401);
      if (time !== 4) continue;
      // By address, ten would be too many within a minute. The stranger goes on.
      app.clock.advance(MINUTE);
      await login(user, WRONG).expect(401);
    }
    await login(user, PASSWORD, home).expect(401);
  });

  it('know of no home where all sessions have ended', async () => {
    const user = await register();
    const home = newAddress();
    const token = await signedIn(user, home);
    await app.http.post('/auth/logout').set(token).expect(204);
    await guess(user, 10);
    await login(user, PASSWORD, home).expect(401);
  });

  it('are told to their owner, once a day (hold 33)', async () => {
    const user = await register();
    await guess(user, 9);
    const mails = async () => {
      await app.auth.service.settled();
      return app.mailbox.messages.filter(({ to, subject }) => to === user.email && subject === NOTICE);
    };
    expect(await mails()).to.have.length(0);
    const ip = newAddress();
    await login(user, WRONG, ip).expect(401);
    const [mail, ...others] = await mails();
    expect(others).to.deep.equal([]);
    expect(mail?.text).to.include(user.email).and.include(`IP address: ${ip}`).and.include('UTC');
    app.clock.advance(MINUTE);
    await login(user, WRONG).expect(401);
    expect(await mails()).to.have.length(1);
    app.clock.advance(24 * 60 * MINUTE);
    await guess(user, 10);
    expect(await mails()).to.have.length(2);
  });

  it('cost a login two writes and a read beside, and a protected request nothing', async () => {
    const user = await register();
    const asked = await recordCommands(app.connection, () => login(user).then(() => {}));
    const counted = asked.filter(({ collection }) => collection === 'auth_counters');
    expect(counted.filter(isWrite).map(({ name }) => name)).to.deep.equal(['findAndModify', 'findAndModify']);
    expect(counted).to.have.length(3);
    const token = await signedIn(user);
    const guarded = await recordCommands(app.connection, async () => {
      await app.http.get('/protected').set(token).expect(200);
    });
    expect(guarded.filter(({ collection }) => collection === 'auth_counters')).to.deep.equal([]);
  });

  /** Another process of the app, or another app on the database. */
  const routerOf = (User: typeof app.User) =>
    createAuthRouter({
      User,
      secretKey: randomBytes(32).toString('base64'),
      password: { bcryptCost: 4 },
      clock: app.clock,
      logger: {},
    });

  it('are counted by all processes together', async () => {
    const user = await register();
    const { service } = routerOf(app.User);
    try {
      const credentials = { username: user.email, password: PASSWORD };
      await guess(user, 5);
      await service.login(credentials);
      for (let time = 0; time < 5; time += 1)
        await expectCode(() => service.login({ ...credentials, password: WRONG }), 'invalid_credentials');
      await expectCode(() => service.login(credentials), 'invalid_credentials');
      await login(user).expect(401);
    } finally {
      await service.close();
    }
  });

  it('are each kind of users’ own, whatever their ids and names are (hold 74)', async () => {
    const user = await register();
    const schema = new Schema({});
    schema.plugin(baseUserPlugin);
    const Admin = app.connection.model('Admin', schema, 'admins');
    const { service } = routerOf(Admin as never);
    try {
      await service.createUser({ email: user.email, password: PASSWORD });
      await Admin.updateOne({ email: user.email }, {});
      await guess(user, 10);
      await service.login({ username: user.email, password: PASSWORD });
      await login(user).expect(401);
    } finally {
      await service.close();
    }
  });

  it('go with the user, and name nobody', async () => {
    const user = await register();
    await guess(user, 10);
    const rows = await countersOf(user);
    expect(rows.map(({ count }) => count).sort()).to.deep.equal([1, 1, 10]);
    expect(JSON.stringify(rows)).to.not.include(user.email);
    await app.auth.service.deleteUser(user.id);
    expect(await countersOf(user)).to.deep.equal([]);
  });

  it('open no collection where throttling is off, and bound nothing', async () => {
    const free = await createThrottledApp({ throttle: 'off' });
    try {
      const { email } = await free.register();
      for (let time = 0; time < 12; time += 1)
        await free.http.post('/auth/token').send({ username: email, password: WRONG }).expect(401);
      await free.http.post('/auth/token').send({ username: email, password: PASSWORD }).expect(200);
      const names = (await free.connection.listCollections()).map(({ name }) => name);
      expect(names).to.not.include('auth_counters');
    } finally {
      await free.close();
    }
  });
});

describe('mails that an account is sent', () => {
  let app: TestApp;
  const { register } = attemptsIn(() => app);
  before(async () => {
    app = await createThrottledApp({ emailVerification: 'optional' });
  });
  after(() => app.close());

  for (const [path, page, minutes] of [
    ['/forgot-password', 'password/reset', 30],
    ['/verify-email/resend', 'verify-email', 24 * 60],
  ] as const) {
    it(`at ${path} are three while their links live; then the answer is the same, and one of them works`, async () => {
      const { email } = await register();
      await app.auth.service.settled();
      if (page === 'verify-email') app.clock.advance(24 * 60 * MINUTE);
      const ask = async () => {
        const answer = await app.http
          .post(`/auth${path}`)
          .set(from(newAddress()))
          .send({ email })
          .expect(202);
        await app.auth.service.settled();
        return answer.text;
      };
      const links = () =>
        app.mailbox.messages.filter(({ to, text }) => to === email && text.includes(`${page}?token=`));
      const before = links().length;
      const answers = [];
      for (let time = 0; time < 5; time += 1) {
        answers.push(await ask());
        app.clock.advance(MINUTE);
      }
      expect(new Set(answers).size).to.equal(1);
      expect(links().length - before).to.equal(3);
      app.clock.advance((minutes - 5) * MINUTE);
      await ask();
      expect(links().length - before).to.equal(4);
    });
  }
});

describe('guesses at a code', () => {
  let app: TestApp;
  let kit: Kit;
  const { register, login } = attemptsIn(() => app);
  before(async () => {
    app = await createThrottledApp({
      features: [
        methods({ app: { isSetUp: () => true } }, (given) => {
          kit = given;
        }),
      ],
    });
  });
  after(() => app.close());

  const challengeOf = async (user: User, password = PASSWORD) =>
    (await login(user, password).expect(403)).body.challenge as string;
  const answer = async (user: User, code: string, password?: string) =>
    app.http
      .post('/auth/challenge')
      .set(from(newAddress()))
      .send({ challenge: await challengeOf(user, password), method: 'app', code });

  it('are ten in a row, over all challenges; then codes wait, and say so (holds 25, 91)', async () => {
    const user = await register();
    for (let time = 0; time < 10; time += 1) expect((await answer(user, 'wrong')).status).to.equal(401);
    const refused = await answer(user, 'right');
    expectRefusal(refused, 'too_many_requests');
    expect(refused.headers['retry-after']).to.equal('60');
    // Neither the right password nor a reset opens it.
    const password = 'a new horse battery';
    const token = await app.resetToken(user.email);
    await app.http.post('/auth/reset-password').send({ token, password }).expect(200);
    expectRefusal(await answer(user, 'right', password), 'too_many_requests');
    app.clock.advance(MINUTE);
    expect((await answer(user, 'right', password)).status).to.equal(200);
    // A challenge that was met does, and a code of an app's own operation does not.
    const coupon = { operation: 'coupon', kind: 'code', user: user.id, name: null, ip: null } as const;
    for (let time = 0; time < 9; time += 1)
      expect((await answer(user, 'wrong', password)).status).to.equal(401);
    await withinLimits(kit.limits, coupon, async () => ({ succeeded: true, result: undefined }));
    expect((await answer(user, 'wrong', password)).status).to.equal(401);
    expectRefusal(await answer(user, 'right', password), 'too_many_requests');
    await withinLimits(kit.limits, coupon, async () => ({ succeeded: false, result: undefined }));
    app.clock.advance(MINUTE);
    expect((await answer(user, 'right', password)).status).to.equal(200);
  });
});
