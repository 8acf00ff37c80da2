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
  /** When an access token of the current generation was first shown; null until then. */
  shownAt: number | null;
  expiresAt: number;
}

/** The real session: every token that was ever handed out, by generation; of the access tokens the newest of each. */
interface Real {
  app: TestApp;
  email: string;
  password: string;
  refreshTokens: string[];
  accessTokens: { token: string; expiresAt: number }[];
  replays: number;
}

type Command = fc.AsyncCommand<Model, Real>;

function isLive(model: Model): boolean {
  return model.alive && model.now < model.expiresAt;
}

function take(real: Real, model: Model, pair: TokenPair): void {
  real.refreshTokens[model.generation] = pair.refresh_token;
  real.accessTokens[model.generation] = { token: pair.access_token, expiresAt: model.now + ACCESS_LIFETIME };
}

function accessTokenOf(real: Real, generation: number): { token: string; expiresAt: number } {
  return real.accessTokens[generation] as { token: string; expiresAt: number };
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
    const isPredecessor = generation === model.generation - 1;
    const isForgiven = isPredecessor && model.now - (model.shownAt ?? model.now) < GRACE;
    if (isLive(model) && (isCurrent || isForgiven)) {
      if (isCurrent) Object.assign(model, { generation: model.generation + 1, shownAt: null });
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

/**
 * An access token of any generation opens a guarded route as long as it has not expired and the session lives. One of the
 * current generation shows that this has arrived.
 */
class Visit implements Command {
  constructor(private readonly back: number) {}
  check = (): boolean => true;
  async run(model: Model, real: Real): Promise<void> {
    const generation = Math.max(0, model.generation - this.back);
    const { token, expiresAt } = accessTokenOf(real, generation);
    const { status } = await real.app.http.get('/protected').set(bearer(token));
    expect(status).to.equal(isLive(model) && model.now < expiresAt ? 200 : 401);
    await real.app.auth.service.settled();
    if (status === 200 && generation === model.generation) model.shownAt ??= model.now;
  }
  toString = (): string => `visit(current - ${this.back})`;
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
    const { token: access, expiresAt } = accessTokenOf(real, model.generation);
    const former = { access, refresh: real.refreshTokens.at(-1) };
    const answer = await app.http.post('/auth/change-password').set(bearer(former.access)).send(body);
    expect(answer.status).to.equal(isLive(model) && model.now < expiresAt ? 200 : 401);
    if (answer.status !== 200) return;
    await app.http.get('/protected').set(bearer(former.access)).expect(401);
    await app.http.post('/auth/refresh').send({ refresh_token: former.refresh }).expect(401);
    real.password = next;
    real.refreshTokens = [];
    real.accessTokens = [];
    const { now } = model;
    Object.assign(model, { generation: 0, shownAt: null, expiresAt: now + SESSION_LIFETIME });
    take(real, model, answer.body);
  }
  toString = (): string => `change password (${this.own ? 'this session' : 'elsewhere'})`;
}

describe('the rotation, as a state machine', function () {
  this.timeout(60_000);
  let app: TestApp;
  let runs = 0;
  const replays = new Map<string, number>();
  /** How many sessions ended by a replay. */
  let found = 0;

  before(async () => {
    app = await createTestApp({ refreshTokenExpireDays: 1, password: { maxLength: 512 } });
    app.auth.on('session.replayed', ({ userId }) => {
      found += 1;
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
    const model = { now, alive: true, generation: 0, shownAt: null, expiresAt: now + SESSION_LIFETIME };
    const real: Real = {
      app,
      email,
      password: FIRST_PASSWORD,
      refreshTokens: [pair.refresh_token],
      accessTokens: [{ token: pair.access_token, expiresAt: now + ACCESS_LIFETIME }],
      get replays() {
        return replays.get(user.id) ?? 0;
      },
    };
    return { model, real };
  }

  it('keeps what the contract says, whatever is presented when (holds 35-41)', async () => {
    const present = fc
      .record({
        back: fc.constantFrom(0, 0, 0, 0, 1, 1, 1, 2, 3),
        holders: fc.constantFrom(1, 1, 1, 2, 5),
      })
      .map(({ back, holders }) => new Present(back, holders));
    const advance = fc
      .constantFrom(1, 15, 29, 30, 31, 60, 840, 899, 900, 3600, 86_399)
      .map((s) => new Advance(s * SECOND));
    const visit = fc.constantFrom(0, 0, 0, 1).map((back) => new Visit(back));
    const logout = fc.constantFrom(0, 1, 4).map((back) => new Logout(back));
    const changePassword = fc.boolean().map((own) => new ChangePassword(own));
    // What ends a session is rare: most of what can become of one takes a while.
    const often = [present, present, advance, visit].flatMap((each) => [each, each]);
    const commands = fc.commands([...often, logout, changePassword], { maxCommands: 25, size: 'max' });
    await fc.assert(
      fc.asyncProperty(commands, async (plan) => {
        await fc.asyncModelRun(begin, plan);
      }),
      { numRuns: 40, endOnFailure: false },
    );
    expect(runs).to.be.at.least(40);
  });

  it('finds who presents the predecessor, later than the grace after the successor was shown (holds 36-38)', async () => {
    const seconds = fc.constantFrom(0, 1, 29, 30, 31, 600);
    await fc.assert(
      fc.asyncProperty(seconds, seconds, fc.boolean(), async (lost, used, isShown) => {
        const before = found;
        const shown = isShown ? [new Visit(0)] : [];
        const [until, since] = [new Advance(lost * SECOND), new Advance(used * SECOND)];
        await fc.asyncModelRun(begin, [new Present(0, 1), until, ...shown, since, new Present(1, 2)]);
        expect(found - before).to.equal(isShown && used >= 30 ? 1 : 0);
      }),
      { numRuns: 20, endOnFailure: false },
    );
  });
});
