import { once } from 'node:events';
import http from 'node:http';
import { availableParallelism } from 'node:os';
import bcrypt from 'bcrypt';
import { expect } from 'chai';
import type { Kit } from 'express-auth-kit/feature';
import { createAddressLimit } from '../../../lib/features/throttle/address-limit.js';
import { BLOCKED_MOST } from '../../../lib/features/throttle/numbers.js';
import { runHash } from '../../../lib/security/hash-queue.js';
import { expectOAuthError, expectRefusal } from '../../http/expect-refusal.js';
import { recordCommands } from '../../support/commands.js';
import { failureOf } from '../../support/failure.js';
import { PASSWORD, type TestApp } from '../../support/test-app.js';
import { watchCalls } from '../../support/watch-calls.js';
import { attemptsIn, createThrottledApp, from, MINUTE, newAddress, WRONG } from './guesses.js';

/** Keeps all who come from their hashes. */
class Hold {
  release = () => {};
  constructor() {
    const held = new Promise<void>((resolve) => {
      this.release = resolve;
    });
    for (let time = 0; time < Math.min(3, availableParallelism()); time += 1) void runHash(() => held);
  }
}

const GUESS = { operation: 'login', kind: 'password', user: null, name: 'nobody@example.com' } as const;

describe('what is tried from an address', () => {
  let app: TestApp;
  let kit: Kit;
  const watching = {
    name: 'watching',
    setup(own: Kit) {
      kit = own;
      return {};
    },
  };
  const placesOf = async ({ id }: { id: string }) =>
    (await app.connection.collection('auth_counters').findOne({ key: `password of ${id}` }))?.['count'];
  const { login, register, guess } = attemptsIn(() => app);
  before(async () => {
    app = await createThrottledApp({ emailVerification: 'optional', features: [watching] });
  });
  after(() => app.close());

  const post = (path: string, ip: string, body: object) =>
    app.http.post(`/auth${path}`).set(from(ip)).send(body);
  /** Wrong passwords for accounts that there are not, so that no account has many. */
  const spray = async (ip: string, times: number) => {
    for (let time = 0; time < times; time += 1)
      expectRefusal(await login({ email: `nobody-${time}@example.com` }, WRONG, ip), 'invalid_credentials');
  };

  it('is ten wrong passwords a minute, over all accounts; then it is told to wait (holds 24, 25)', async () => {
    const [ip, user] = [newAddress(), await register()];
    await spray(ip, 9);
    await login(user, PASSWORD, ip).expect(200);
    app.clock.advance(1000);
    await spray(ip, 1);
    const refused = await login(user, PASSWORD, ip);
    expectRefusal(refused, 'too_many_requests');
    expect(refused.headers['retry-after']).to.equal('59');
    await login(user).expect(200);
    app.clock.advance(59_000);
    await login(user, PASSWORD, ip).expect(200);
  });

  it('is no more where many come at once: those whose turn for a hash comes later are refused (hold 24)', async () => {
    const [ip, user] = [newAddress(), await register()];
    const held = new Hold();
    const watch = watchCalls(bcrypt, 'compare');
    try {
      const waiting = login(user, PASSWORD, ip).then((answer) => answer);
      // It has its place, and waits for its hash.
      while (!(await placesOf(user))) await new Promise(setImmediate);
      expect(watch.calls).to.have.length(0);
      const limits = kit.limits;
      for (let time = 0; time < 10; time += 1)
        for (const limit of limits) await limit.after({ ...GUESS, ip }, 'failed');
      held.release();
      expectRefusal(await waiting, 'too_many_requests');
      expect(watch.calls).to.have.length(0);
      // Its place is free again.
      expect(await placesOf(user)).to.equal(0);
    } finally {
      held.release();
      watch.restore();
    }
  });

  it('is told so in the terms of OAuth 2.0 where it came by a form', async () => {
    const [ip, { email: username }] = [newAddress(), await register()];
    await spray(ip, 10);
    const form = { grant_type: 'password', username, password: PASSWORD };
    const refused = await app.http.post('/auth/token').set(from(ip)).type('form').send(form);
    expectOAuthError(refused, 'temporarily_unavailable', 'Too many attempts, try again later', {
      status: 429,
    });
    expect(refused.headers['retry-after']).to.equal('60');
    // What is bounded is passwords.
    const wrong = { grant_type: 'refresh_token', refresh_token: 'x' };
    await app.http.post('/auth/token').set(from(ip)).type('form').send(wrong).expect(400);
  });

  it('is not cleared by a success (hold 98), and not counted by one: an office logs in (hold 24)', async () => {
    const [ip, user] = [newAddress(), await register()];
    await spray(ip, 9);
    for (let time = 0; time < 15; time += 1) await login(user, PASSWORD, ip).expect(200);
    await spray(ip, 1);
    await login(user, PASSWORD, ip).expect(429);
  });

  it('is refused before its body is there, with no question to the database', async () => {
    const ip = newAddress();
    await spray(ip, 10);
    const commands = await recordCommands(app.connection, async () => {
      const headers = { 'content-type': 'application/json', 'content-length': 50, ...from(ip) };
      const request = http.request(`${app.url}/auth/token`, { method: 'POST', headers });
      request.on('error', () => {});
      request.flushHeaders();
      const [answer] = (await once(request, 'response')) as [http.IncomingMessage];
      expect(answer.statusCode).to.equal(429);
      request.destroy();
    });
    expect(commands).to.deep.equal([]);
  });

  for (const [what, one, other, isSame] of [
    ['a /64 of IPv6', '2001:db8:a:b::1', '2001:db8:a:b:ffff::2', true],
    ['another /64', '2001:db8:a:c::1', '2001:db8:a:d::1', false],
    ['IPv4 that IPv6 carries', '::ffff:203.0.113.9', '203.0.113.9', true],
    ['another IPv4', '203.0.113.10', '203.0.113.11', false],
  ] as const) {
    it(`is ${isSame ? 'one with' : 'another than'} ${what} (hold 24)`, async () => {
      await spray(one, 10);
      await login(await register(), PASSWORD, other).expect(isSame ? 429 : 200);
    });
  }

  it('is bounded by the connection where the app trusts no proxy, whatever a header says (hold 24)', async () => {
    const plain = await createThrottledApp({ prepare: (each) => each.set('trust proxy', false) });
    try {
      for (let time = 0; time < 10; time += 1)
        await plain.http
          .post('/auth/token')
          .set(from(newAddress()))
          .send({ username: `a${time}@b.example`, password: WRONG })
          .expect(401);
      const last = { username: 'a@b.example', password: WRONG };
      await plain.http.post('/auth/token').set(from(newAddress())).send(last).expect(429);
    } finally {
      await plain.close();
    }
  });

  it('is 20 registrations an hour, taken addresses among them, and none that are at fault', async () => {
    const [ip, { email: taken }] = [newAddress(), await register()];
    const registration = (email: string, password = PASSWORD) => post('/register', ip, { email, password });
    for (let time = 0; time < 25; time += 1) await registration('new@example.com', 'password').expect(422);
    for (let time = 0; time < 10; time += 1) {
      await registration(`new-${time}@example.com`).expect(201);
      await registration(taken).expect(400);
    }
    const refused = await registration('one-more@example.com');
    expectRefusal(refused, 'too_many_requests');
    expect(refused.headers['retry-after']).to.equal('3600');
    expect(await app.User.countDocuments({ email: 'one-more@example.com' })).to.equal(0);
    app.clock.advance(60 * MINUTE);
    await registration('one-more@example.com').expect(201);
  });

  it('is 20 registrations with any value that somebody has, whether or not the address is taken too', async () => {
    for (const [emailVerification, email] of [
      ['off', 'other@example.com'],
      ['required', 'first@example.com'],
    ] as const) {
      const badges = await createThrottledApp({
        emailVerification,
        fields: { badge: { type: String, unique: true, sparse: true } },
        registerFields: ['badge'],
      });
      try {
        const ip = newAddress();
        const registration = (email: string, origin = ip) =>
          badges.http
            .post('/auth/register')
            .set(from(origin))
            .send({ email, password: PASSWORD, badge: 'a1' });
        const first = await registration('first@example.com', newAddress());
        expect(first.status).to.be.within(201, 202);
        for (let time = 0; time < 20; time += 1) await registration(email).expect(422);
        expectRefusal(await registration(email), 'too_many_requests');
      } finally {
        await badges.close();
      }
    }
  });

  it('is 20 registrations of many at once', async () => {
    const ip = newAddress();
    const bodies = Array.from({ length: 30 }, (_, index) => ({
      email: `at-once-${index}@example.com`,
      password: PASSWORD,
    }));
    const answers = await Promise.all(bodies.map((body) => post('/register', ip, body)));
    expect(answers.filter(({ status }) => status === 201)).to.have.length(20);
    expect(answers.filter(({ status }) => status === 429)).to.have.length(10);
  });

  it('is 30 refused refreshes in five minutes, and any number of good ones', async () => {
    const [ip, user] = [newAddress(), await register()];
    let { refresh_token } = (await login(user).expect(200)).body;
    for (let time = 0; time < 30; time += 1) {
      ({ refresh_token } = (await post('/refresh', ip, { refresh_token }).expect(200)).body);
      await post('/refresh', ip, { refresh_token: 'x' }).expect(401);
    }
    expectRefusal(await post('/refresh', ip, { refresh_token }), 'too_many_requests');
    await post('/refresh', newAddress(), { refresh_token }).expect(200);
    app.clock.advance(5 * MINUTE);
    await post('/refresh', ip, { refresh_token: 'x' }).expect(401);
  });

  for (const path of ['/forgot-password', '/verify-email/resend']) {
    it(`is 60 mails an hour that it asks for at ${path}`, async () => {
      const ip = newAddress();
      for (let time = 0; time < 60; time += 1)
        await post(path, ip, { email: `a${time}@b.example` }).expect(202);
      expectRefusal(await post(path, ip, { email: 'a@b.example' }), 'too_many_requests');
      app.clock.advance(60 * MINUTE);
      await post(path, ip, { email: 'a@b.example' }).expect(202);
    });
  }

  it('leaves the guesses at an account to the account, where the address is none', async () => {
    const { email: username } = await register();
    for (let time = 0; time < 11; time += 1)
      await app.auth.service.login({ username, password: WRONG }).catch(() => {});
    await guess({ email: username }, 1);
    expectRefusal(await login({ email: username }), 'invalid_credentials');
  });
});

describe('the addresses that a process remembers', () => {
  /** As a store that counts too many. */
  const counters = {
    add: async () => ({ count: 1000, endsInMs: MINUTE }),
    takeBack: async () => {},
    read: async () => [],
    forget: async () => {},
  };
  const at = (index: number) =>
    ({ kind: 'password', ip: `10.${index >> 16}.${(index >> 8) & 255}.${index & 255}` }) as const;

  it('are bounded: the oldest is forgotten, and found again at its next failure', async () => {
    const limit = createAddressLimit({ counters, now: () => 0 });
    for (let index = 0; index <= BLOCKED_MOST; index += 1) await limit.after(at(index), 'failed');
    expect(() => limit.admit(at(0))).to.not.throw();
    for (const index of [1, BLOCKED_MOST]) expect(() => limit.admit(at(index))).to.throw('Too many attempts');
    await limit.after(at(0), 'failed');
    expect(() => limit.admit(at(0))).to.throw('Too many attempts');
  });

  it('are asked about what is tried, each kind by itself, until their time is over', async () => {
    let now = 0;
    const limit = createAddressLimit({ counters, now: () => now });
    await limit.after(at(1), 'failed');
    expect(() => limit.admit({ ...at(1), kind: 'refresh' })).to.not.throw();
    expect(() => limit.admit({ ...at(1), ip: null })).to.not.throw();
    expect(await failureOf(() => limit.before(at(1)))).to.deep.include({
      status: 429,
      code: 'too_many_requests',
    });
    now = MINUTE;
    expect(() => limit.admit(at(1))).to.not.throw();
    await limit.before(at(1));
  });
});
