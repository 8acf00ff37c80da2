import { setTimeout as wait } from 'node:timers/promises';
import { expect } from 'chai';
import { RateLimiterMemory, RateLimiterRedis } from 'rate-limiter-flexible';
import { createLimiterCounters } from '../../../lib/features/throttle/limiter-counters.js';
import { expectRefusal } from '../../http/expect-refusal.js';
import { expectUnavailable } from '../../support/failure.js';
import { type RedisServer, startRedis } from '../../support/redis.js';
import { PASSWORD, type TestApp } from '../../support/test-app.js';
import { attemptsIn, createThrottledApp, newAddress, WRONG } from './guesses.js';

/** By the system's clock, which is the store's. */
describe('counters in a Redis', () => {
  let redis: RedisServer;
  let app: TestApp;
  const { login, register, guess } = attemptsIn(() => app);
  const storeOn = (options: object = {}) =>
    new RateLimiterRedis({
      storeClient: redis.client,
      keyPrefix: 'auth',
      points: 5,
      duration: 5,
      ...options,
    });

  before(async function () {
    redis = await startRedis(this);
    app = await createThrottledApp({ throttle: { store: storeOn() } });
  });
  after(async () => {
    await app?.close();
    await redis?.stop();
  });
  const nameOf = (key: string) => ({ key, user: null });

  it('count, take back, tell and forget as those in the database do', async () => {
    const counters = createLimiterCounters(storeOn(), 'users');
    const numbers = await Promise.all(Array.from({ length: 50 }, () => counters.add(nameOf('many'), 10)));
    expect(new Set(numbers.map(({ count }) => count)).size).to.equal(50);
    for (const { endsInMs } of numbers) expect(endsInMs).to.be.within(8000, 10_000);

    const one = nameOf('one');
    await counters.add(one, 10);
    for (let time = 0; time < 3; time += 1) await counters.takeBack(one);
    expect((await counters.add(one, 10)).count).to.equal(1);
    const [known, unknown] = await counters.read(one, nameOf('never added'));
    expect(known).to.have.property('count', 1);
    expect(known?.endsInMs).to.be.within(8000, 10_000);
    expect(unknown).to.deep.equal({ count: 0, endsInMs: 0 });
    await counters.forget(one, nameOf('never added'));
    expect(await counters.read(one)).to.deep.equal([{ count: 0, endsInMs: 0 }]);
    expect((await counters.add(one, 10)).count).to.equal(1);
  });

  it('end by themselves', async () => {
    const counters = createLimiterCounters(storeOn(), 'users');
    const { endsInMs } = await counters.add(nameOf('short'), 1);
    await wait(endsInMs + 50);
    expect((await counters.add(nameOf('short'), 1)).count).to.equal(1);
  });

  it('are each kind of users’ own (hold 74)', async () => {
    await createLimiterCounters(storeOn(), 'users').add(nameOf('same'), 10);
    expect((await createLimiterCounters(storeOn(), 'admins').add(nameOf('same'), 10)).count).to.equal(1);
  });

  it('bound the guesses at an account, many at once too, with no collection in the database (hold 20)', async () => {
    const user = await register();
    const answers = await Promise.all(Array.from({ length: 30 }, () => login(user, WRONG)));
    for (const answer of answers) expectRefusal(answer, 'invalid_credentials');
    expectRefusal(await login(user), 'invalid_credentials');
    const names = (await app.connection.listCollections()).map(({ name }) => name);
    expect(names).to.not.include('auth_counters');
    expect(await redis.client.keys('*')).to.satisfy((keys: string[]) =>
      keys.every((key) => !key.includes(user.email)),
    );
  });

  it('let right ones pass, ten at once, and are cleared by a reset (holds 21, 22)', async () => {
    const user = await register();
    for (const _round of [1, 2]) {
      const answers = await Promise.all(Array.from({ length: 10 }, () => login(user)));
      expect(answers.map(({ status }) => status)).to.deep.equal(Array(10).fill(200));
    }
    await guess(user, 10);
    expectRefusal(await login(user), 'invalid_credentials');
    const token = await app.resetToken(user.email);
    await app.http.post('/auth/reset-password').send({ token, password: 'a new horse' }).expect(200);
    await login(user, 'a new horse').expect(200);
  });

  it('bound what an address tries', async () => {
    const ip = newAddress();
    for (let time = 0; time < 10; time += 1)
      await login({ email: `nobody-${time}@example.com` }, WRONG, ip).expect(401);
    const refused = await login(await register(), PASSWORD, ip);
    expectRefusal(refused, 'too_many_requests');
    expect(Number(refused.headers['retry-after'])).to.be.within(50, 60);
  });

  describe('that is away', () => {
    let insured: TestApp;
    before(async () => {
      const insuranceLimiter = new RateLimiterMemory({ points: 1, duration: 1 });
      const store = storeOn({ insuranceLimiter, rejectIfRedisNotReady: true });
      insured = await createThrottledApp({ throttle: { store } });
    });
    after(async () => {
      redis.resume();
      await insured.close();
    });

    it('let nobody log in, and refuse nobody: 503, whether it stands still or is gone', async () => {
      const user = await register();
      const token = (await login(user)).body.access_token;
      redis.pause();
      for (const _state of ['paused', 'killed']) {
        for (const password of [PASSWORD, WRONG]) expectRefusal(await login(user, password), 'unavailable');
        // What is not counted goes on.
        await app.http
          .get('/protected')
          .set({ authorization: `Bearer ${token}` })
          .expect(200);
        await redis.kill();
      }
    });

    it('count in the process where the limiter has an insurance', async () => {
      const { login: loginTo, register: registerIn, guess: guessIn } = attemptsIn(() => insured);
      const user = await registerIn();
      await loginTo(user).expect(200);
      await guessIn(user, 10);
      await loginTo(user).expect(401);
    });
  });

  it('that never answers is waited for no longer than for a database', async () => {
    const never = new Promise<never>(() => {});
    const store = { penalty: () => never, reward: () => never, get: () => never, delete: () => never };
    const counters = createLimiterCounters(store, 'users', 20);
    const error = await expectUnavailable(() => counters.add(nameOf('any'), 10));
    expect(error.cause).to.have.property('message', 'no answer within 20 ms');
  });
});
