import { randomBytes, randomInt } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { expect } from 'chai';
import { MongoMemoryReplSet } from 'mongodb-memory-server-core';
import mongoose from 'mongoose';
import { type Answer, type AppProcess, startApp } from '../support/app-process.js';
import { mongodOrSkip } from '../support/mongod.js';

const ACTORS = 24;
/** How long the load runs before the primary is killed, and after the set has a new one, in milliseconds. */
const BEFORE = 2500;
const AFTER = 3500;

interface Pair {
  access_token: string;
  refresh_token: string;
}

/** What the fleet answered, and when. A write that was sent after the kill and acknowledged ends the failover. */
class Record {
  readonly statuses = new Map<string, number>();
  readonly unexpected: string[] = [];
  readonly unavailableWithoutRetryAfter: string[] = [];
  firstSuccessAfter = 0;
  killedAt = 0;
  acknowledged = 0;

  /** @param startedAt when the request was sent, in milliseconds */
  add(path: string, { status, headers, body }: Answer, allowed: readonly number[], startedAt = 0): void {
    const key = `${path} ${status}`;
    this.statuses.set(key, (this.statuses.get(key) ?? 0) + 1);
    if (status < 300) this.acknowledged += 1;
    if (status === 503 && !/^\d+$/.test(headers.get('retry-after') ?? '')) {
      this.unavailableWithoutRetryAfter.push(path);
    }
    if (status !== 503 && !allowed.includes(status)) {
      this.unexpected.push(`${path}: ${status} ${JSON.stringify(body)}`);
    }
    const isFirst = this.killedAt > 0 && startedAt > this.killedAt && this.firstSuccessAfter === 0;
    if (isFirst && status < 300) this.firstSuccessAfter = Date.now();
  }
}

/**
 * A client: it repeats what was answered 503, as Retry-After asks, and remembers what it was promised. Everything that
 * was acknowledged must hold in the end.
 */
class Actor {
  private pair: Pair | undefined;
  private password = 'correct horse battery 0';
  private changes = 0;
  /** What must be dead, and the reset tokens that must be used up. */
  readonly ended: Pair[] = [];
  readonly usedTokens: string[] = [];
  readonly formerPasswords: string[] = [];

  constructor(
    readonly email: string,
    private readonly fleet: readonly AppProcess[],
    private readonly record: Record,
  ) {}

  /** Until an answer that is not 503. The fleet takes turns, but for mails, which one process has. */
  private async insist(
    path: string,
    body: object,
    allowed: readonly number[],
    accessToken?: string,
  ): Promise<Answer> {
    for (let attempt = 0; attempt < 100; attempt += 1) {
      const app = this.fleet[randomInt(this.fleet.length)] as AppProcess;
      const startedAt = Date.now();
      const answer = await app.post(path, body, accessToken);
      this.record.add(path, answer, allowed, startedAt);
      if (answer.status !== 503) return answer;
      await wait(50);
    }
    throw new Error(`${path} stayed unavailable`);
  }

  async begin(): Promise<void> {
    // A registration that was stored although its answer got lost is taken the second time.
    await this.insist('/auth/register', { email: this.email, password: this.password }, [201, 400]);
    await this.login();
  }

  private async login(): Promise<void> {
    const credentials = { username: this.email, password: this.password };
    const { body } = await this.insist('/auth/token', credentials, [200]);
    this.pair = body;
  }

  private get session(): Pair {
    if (!this.pair) throw new Error('not logged in');
    return this.pair;
  }

  async step(): Promise<void> {
    const dice = randomInt(10);
    if (dice < 3) await this.visit();
    else if (dice < 6) await this.refresh();
    else if (dice < 8) await this.logout();
    else if (dice < 9) await this.changePassword();
    else await this.reset();
  }

  private async visit(): Promise<void> {
    const app = this.fleet[randomInt(this.fleet.length)] as AppProcess;
    this.record.add('/protected', await app.get('/protected', this.session.access_token), [200]);
  }

  private async refresh(): Promise<void> {
    const { body } = await this.insist('/auth/refresh', { refresh_token: this.session.refresh_token }, [200]);
    this.pair = body;
  }

  private async logout(): Promise<void> {
    const pair = this.session;
    await this.insist('/auth/logout', { refresh_token: pair.refresh_token }, [204]);
    this.ended.push(pair);
    await this.login();
  }

  private nextPassword(): string {
    this.changes += 1;
    return `correct horse battery ${this.changes}`;
  }

  private async changePassword(): Promise<void> {
    const next = this.nextPassword();
    const body = { current_password: this.password, new_password: next };
    // 400: the change was made although its answer got lost, and the current password is the new one already.
    await this.insist('/auth/change-password', body, [200, 400], this.session.access_token);
    this.formerPasswords.push(this.password);
    this.password = next;
  }

  private async reset(): Promise<void> {
    for (;;) {
      const token = await this.mailedToken();
      if (!token) continue;
      const next = this.nextPassword();
      const { status } = await this.insist('/auth/reset-password', { token, password: next }, [200, 400]);
      this.usedTokens.push(token);
      // 400: the token was used although the answer got lost; whether the password was set too, the next reset decides.
      if (status !== 200) continue;
      this.ended.push(this.session);
      this.formerPasswords.push(this.password);
      this.password = next;
      return this.login();
    }
  }

  private async mailedToken(): Promise<string | undefined> {
    const app = this.fleet[randomInt(this.fleet.length)] as AppProcess;
    const before = await app.resetTokenFor(this.email);
    const answer = await app.post('/auth/forgot-password', { email: this.email });
    this.record.add('/auth/forgot-password', answer, [202]);
    const after = await app.resetTokenFor(this.email);
    return after === before ? undefined : after;
  }

  /** @returns what does not hold */
  async check(): Promise<string[]> {
    const [app] = this.fleet as [AppProcess];
    const broken: string[] = [];
    const expectStatus = async (what: string, status: number, answer: Promise<Answer>) => {
      const { status: actual } = await answer;
      if (actual !== status) broken.push(`${this.email}: ${what}: ${actual}, not ${status}`);
    };
    for (const { access_token, refresh_token } of this.ended) {
      await expectStatus('an ended session', 401, app.get('/protected', access_token));
      await expectStatus('an ended refresh token', 401, app.post('/auth/refresh', { refresh_token }));
    }
    for (const token of this.usedTokens) {
      await expectStatus('a used reset token', 400, app.post('/auth/forgot-password/validate', { token }));
    }
    for (const password of this.formerPasswords) {
      const credentials = { username: this.email, password };
      await expectStatus('a former password', 401, app.post('/auth/token', credentials));
    }
    await expectStatus('the session', 200, app.get('/protected', this.session.access_token));
    const { refresh_token } = this.session;
    await expectStatus('the refresh token', 200, app.post('/auth/refresh', { refresh_token }));
    const credentials = { username: this.email, password: this.password };
    await expectStatus('the password', 200, app.post('/auth/token', credentials));
    return broken;
  }
}

describe('a replica set that loses its primary', function () {
  this.timeout(90_000);
  let replicaSet: MongoMemoryReplSet;
  let fleet: AppProcess[];

  before(async function () {
    const { binary, version } = await mongodOrSkip(this);
    replicaSet = await MongoMemoryReplSet.create({
      binary: { systemBinary: binary, version },
      instanceOpts: Array.from({ length: 3 }, () => ({
        storageEngine: 'wiredTiger' as const,
        args: ['--wiredTigerCacheSizeGB', '0.25'],
      })),
      replSet: {
        count: 3,
        configSettings: { electionTimeoutMillis: 500, heartbeatIntervalMillis: 200 },
      },
    });
    const mongodbUri = replicaSet.getUri('failover');
    const secretKey = randomBytes(32).toString('base64');
    fleet = await Promise.all([0, 1].map(() => startApp({ mongodbUri, secretKey })));
  });
  after(async () => {
    await Promise.all((fleet ?? []).map((app) => app.stop()));
    await replicaSet?.stop();
  });

  it('keeps what was acknowledged, logs nobody else out, and says 503 in between (holds 67, 71)', async () => {
    const record = new Record();
    const actors = Array.from(
      { length: ACTORS },
      (_, index) => new Actor(`actor-${index}@example.com`, fleet, record),
    );
    await Promise.all(actors.map((actor) => actor.begin()));

    let running = true;
    const load = Promise.all(
      actors.map(async (actor) => {
        while (running) await actor.step();
      }),
    );
    await wait(BEFORE);
    await killPrimary(replicaSet, record);
    while (record.firstSuccessAfter === 0) await wait(20);
    await wait(AFTER);
    running = false;
    await load;

    const broken = (await Promise.all(actors.map((actor) => actor.check()))).flat();
    const requests = [...record.statuses.values()].reduce((sum, count) => sum + count, 0);
    console.log(
      `      ${requests} requests, ${record.acknowledged} acknowledged, ${broken.length} broken promises; ` +
        `first write after ${record.firstSuccessAfter - record.killedAt} ms`,
    );
    console.log(
      `      ${[...record.statuses]
        .map(([key, count]) => `${key}: ${count}`)
        .sort()
        .join(', ')}`,
    );
    expect(broken).to.deep.equal([]);
    expect(record.unexpected).to.deep.equal([]);
    expect(record.unavailableWithoutRetryAfter).to.deep.equal([]);
    expect(fleet.map((app) => app.process.exitCode)).to.deep.equal([null, null]);
  });
});

async function killPrimary(replicaSet: MongoMemoryReplSet, record: Record): Promise<void> {
  const connection = await mongoose.createConnection(replicaSet.getUri()).asPromise();
  const { primary } = await connection.db!.admin().command({ hello: 1 });
  await connection.close();
  const port = Number(String(primary).split(':')[1]);
  const server = replicaSet.servers.find(({ instanceInfo }) => instanceInfo?.port === port);
  record.killedAt = Date.now();
  server?.instanceInfo?.instance.mongodProcess?.kill('SIGKILL');
}
