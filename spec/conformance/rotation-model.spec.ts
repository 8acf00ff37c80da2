import { expect } from 'chai';
import type { TokenPair } from 'express-auth-kit';
import fc from 'fast-check';
import { bearer, createTestApp, type TestApp } from '../support/test-app.js';

const SECOND = 1000;
const GRACE = 30 * SECOND;
const ACCESS_LIFETIME = 900 * SECOND;
const SESSION_LIFETIME = 24 * 3600 * SECOND;
const FIRST_PASSWORD = 'correct horse battery';

/** What the contract says of one session, without a database. */
interface Model {
  now: number;
  alive: boolean;
  generation: number;
  rotatedAt: number;
  expiresAt: number;
}

/** The real session: every token that was ever handed out, by generation, and the newest access token. */
interface Real {
  app: TestApp;
  email: string;
  password: string;
  refreshTokens: string[];
  accessToken: string;
  accessExpiresAt: number;
  replays: number;
}

type Command = fc.AsyncCommand<Model, Real>;

function isLive(model: Model): boolean {
  return model.alive && model.now < model.expiresAt;
}

function take(real: Real, model: Model, pair: TokenPair): void {
  real.refreshTokens[model.generation] = pair.refresh_token;
  real.accessToken = pair.access_token;
  real.accessExpiresAt = model.now + ACCESS_LIFETIME;
}

/** Anybody presents any refresh token that was ever handed out. */
class Present implements Command {
  constructor(
    private readonly back: number,
    private readonly holders: number,
  ) {}

  check = (): boolean => true;

  async run(model: Model, real: Real): Promise<void> {
    const generation = Math.max(0, model.generation - this.back);
    const replaysBefore = real.replays;
    const answers = await Promise.all(
      Array.from({ length: this.holders }, () =>
        real.app.http.post('/auth/refresh').send({ refresh_token: real.refreshTokens[generation] }),
      ),
    );
    const isCurrent = generation === model.generation;
    const isForgiven = generation === model.generation - 1 && model.now - model.rotatedAt < GRACE;
    if (isLive(model) && (isCurrent || isForgiven)) {
      if (isCurrent) Object.assign(model, { generation: model.generation + 1, rotatedAt: model.now });
      for (const { status, body } of answers) {
        expect(status).to.equal(200);
        // Never a fork: whoever is answered, is answered with the one current generation.
        expect(body.refresh_token).to.equal(answers[0]?.body.refresh_token);
        if (isForgiven) expect(body.refresh_token).to.equal(real.refreshTokens[model.generation]);
      }
      take(real, model, answers[0]?.body);
      expect(real.replays).to.equal(replaysBefore);
      return;
    }
    for (const { status, body } of answers) {
      expect(status).to.equal(401);
      expect(body.code).to.equal('invalid_refresh_token');
    }
    // Of several replays at once, one ended the session.
    expect(real.replays - replaysBefore).to.equal(isLive(model) ? 1 : 0);
    model.alive = false;
  }

  toString = (): string => `present(current - ${this.back}) x ${this.holders}`;
}

class Advance implements Command {
  constructor(private readonly ms: number) {}
  check = (): boolean => true;
  async run(model: Model, real: Real): Promise<void> {
    model.now += this.ms;
    real.app.clock.advance(this.ms);
  }
  toString = (): string => `advance(${this.ms / SECOND} s)`;
}

/** The access token opens a guarded route as long as it has not expired and the session lives. */
class Visit implements Command {
  check = (): boolean => true;
  async run(model: Model, real: Real): Promise<void> {
    const { status } = await real.app.http.get('/protected').set(bearer(real.accessToken));
    expect(status).to.equal(isLive(model) && model.now < real.accessExpiresAt ? 200 : 401);
  }
  toString = (): string => 'visit';
}

/** Any refresh token of the session, an old one too, is enough to end it. */
class Logout implements Command {
  constructor(private readonly back: number) {}
  check = (): boolean => true;
  async run(model: Model, real: Real): Promise<void> {
    const generation = Math.max(0, model.generation - this.back);
    await real.app.http
      .post('/auth/logout')
      .send({ refresh_token: real.refreshTokens[generation] })
      .expect(204);
    if (model.now < model.expiresAt) model.alive = false;
  }
  toString = (): string => `logout(current - ${this.back})`;
}

/** A change of the password by this session, in whose place a new one comes; or by somebody else, which ends it. */
class ChangePassword implements Command {
  constructor(private readonly own: boolean) {}
  check = (): boolean => true;
  async run(model: Model, real: Real): Promise<void> {
    const { app, email } = real;
    const next = `${real.password}!`;
    if (!this.own) {
      const user = await app.User.findOne({ email }).orFail();
      await app.auth.service.setPassword(user, next);
      model.alive = false;
      real.password = next;
      return;
    }
    const body = { current_password: real.password, new_password: next };
    const former = { access: real.accessToken, refresh: real.refreshTokens.at(-1) };
    const answer = await app.http.post('/auth/change-password').set(bearer(former.access)).send(body);
    expect(answer.status).to.equal(isLive(model) && model.now < real.accessExpiresAt ? 200 : 401);
    if (answer.status !== 200) return;
    await app.http.get('/protected').set(bearer(former.access)).expect(401);
    await app.http.post('/auth/refresh').send({ refresh_token: former.refresh }).expect(401);
    real.password = next;
    real.refreshTokens = [];
    const { now } = model;
    Object.assign(model, { generation: 0, rotatedAt: now, expiresAt: now + SESSION_LIFETIME });
    take(real, model, answer.body);
  }
  toString = (): string => `change password (${this.own ? 'this session' : 'elsewhere'})`;
}

describe('the rotation, as a state machine', function () {
  this.timeout(60_000);
  let app: TestApp;
  let runs = 0;
  const replays = new Map<string, number>();

  before(async () => {
    app = await createTestApp({ refreshTokenExpireDays: 1, password: { maxLength: 512 } });
    app.auth.on('session.replayed', ({ userId }) => {
      replays.set(userId, (replays.get(userId) ?? 0) + 1);
    });
    // Whole seconds, as the tokens have them.
    app.clock.advance(SECOND - (app.clock.now() % SECOND));
  });
  after(() => app.close());

  async function begin(): Promise<{ model: Model; real: Real }> {
    runs += 1;
    const email = `model-${runs}@example.com`;
    const user = await app.auth.service.createUser({ email, password: FIRST_PASSWORD });
    const pair = await app.auth.service.issueTokens(user);
    const now = app.clock.now();
    const model = { now, alive: true, generation: 0, rotatedAt: now, expiresAt: now + SESSION_LIFETIME };
    const real: Real = {
      app,
      email,
      password: FIRST_PASSWORD,
      refreshTokens: [pair.refresh_token],
      accessToken: pair.access_token,
      accessExpiresAt: now + ACCESS_LIFETIME,
      get replays() {
        return replays.get(user.id) ?? 0;
      },
    };
    return { model, real };
  }

  it('keeps what the contract says, whatever is presented when (holds 35-41)', async () => {
    const commands = fc.commands(
      [
        fc
          .record({
            back: fc.constantFrom(0, 0, 0, 0, 1, 1, 1, 2, 3),
            holders: fc.constantFrom(1, 1, 1, 2, 5),
          })
          .map(({ back, holders }) => new Present(back, holders)),
        fc
          .constantFrom(1, 15, 29, 30, 31, 60, 840, 899, 900, 3600, 86_399)
          .map((s) => new Advance(s * SECOND)),
        fc.constant(new Visit()),
        fc.constantFrom(0, 1, 4).map((back) => new Logout(back)),
        fc.boolean().map((own) => new ChangePassword(own)),
      ],
      { maxCommands: 25, size: 'max' },
    );
    await fc.assert(
      fc.asyncProperty(commands, async (plan) => {
        await fc.asyncModelRun(begin, plan);
      }),
      { numRuns: 40, endOnFailure: false },
    );
    expect(runs).to.be.at.least(40);
  });
});
