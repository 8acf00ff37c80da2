import { randomBytes } from 'node:crypto';
import { expect } from 'chai';
import { type Answer, type AppProcess, startApp } from '../support/app-process.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';

const OLD = 'correct horse battery';
const NEW = 'another horse battery';
/** More writes than any operation makes. */
const MOST_WRITES = 12;

interface Pair {
  access_token: string;
  refresh_token: string;
}

/**
 * The process is killed after each write of an operation in turn, and another one is asked what is left. What is
 * written is never half of anything: the comments name the states that are allowed.
 */
describe('an app that is killed in the middle', function () {
  this.timeout(90_000);
  let database: TestDatabase;
  let survivor: AppProcess;
  let next: Promise<AppProcess>;
  let users = 0;
  const secretKey = randomBytes(32).toString('base64');
  const start = () => startApp({ mongodbUri: database.uri, secretKey });

  before(async () => {
    database = await createTestDatabase();
    survivor = await start();
    next = start();
  });
  after(async () => {
    await Promise.all([survivor.stop(), next.then((app) => app.stop())]);
    await database.drop();
  });

  const statusOf = async (answer: Promise<Answer>) => (await answer).status;
  const login = (email: string, password: string) =>
    survivor.post('/auth/token', { username: email, password });
  const isAlive = async ({ access_token }: Pair) =>
    (await statusOf(survivor.get('/protected', access_token))) === 200;

  async function signUp() {
    users += 1;
    const email = `crash-${users}@example.com`;
    expect(await statusOf(survivor.post('/auth/register', { email, password: OLD }))).to.equal(201);
    const [own, other] = await Promise.all([login(email, OLD), login(email, OLD)]);
    return { email, own: own.body as Pair, other: other.body as Pair };
  }

  /**
   * Plays an operation with a death after its first write, its second, and so on, until it is answered.
   *
   * @returns how many deaths there were
   */
  async function afterEachWrite<Case>(
    prepare: () => Promise<Case>,
    operate: (app: AppProcess, it: Case) => Promise<Answer>,
    check: (it: Case) => Promise<void>,
  ): Promise<number> {
    for (let writes = 1; writes <= MOST_WRITES; writes += 1) {
      const victim = await next;
      next = start();
      const prepared = await prepare();
      await victim.dieAfterWrites(writes);
      const answer = await operate(victim, prepared).catch(() => undefined);
      await victim.stop();
      await check(prepared);
      if (answer) return writes - 1;
    }
    throw new Error('the operation never ended');
  }

  it('in a registration: the user is there as a whole, or not at all', async () => {
    const deaths = await afterEachWrite(
      async () => `crash-register-${randomBytes(4).toString('hex')}@example.com`,
      (app, email) => app.post('/auth/register', { email, password: OLD }),
      async (email) => {
        const again = await survivor.post('/auth/register', { email, password: OLD });
        expect([201, 400]).to.include(again.status);
        expect((await login(email, OLD)).status).to.equal(200);
      },
    );
    expect(deaths).to.equal(1);
  });

  it('in a refresh: the client, who has the predecessor, is not logged out (hold 38)', async () => {
    const deaths = await afterEachWrite(
      signUp,
      (app, { own }) => app.post('/auth/refresh', { refresh_token: own.refresh_token }),
      async ({ own, other }) => {
        const again = await survivor.post('/auth/refresh', { refresh_token: own.refresh_token });
        expect(again.status).to.equal(200);
        expect(await isAlive(again.body)).to.equal(true);
        expect(await isAlive(other)).to.equal(true);
      },
    );
    expect(deaths).to.equal(1);
  });

  it('in a logout-all: all sessions live, or none (hold 40)', async () => {
    const deaths = await afterEachWrite(
      signUp,
      (app, { own }) => app.post('/auth/logout-all', undefined, own.access_token),
      // From the first write on none.
      async ({ own, other }) => {
        expect([await isAlive(own), await isAlive(other)]).to.deep.equal([false, false]);
      },
    );
    expect(deaths).to.equal(2);
  });

  it('in a change of the password: before or after, and this session goes on either way (holds 32, 41)', async () => {
    const seen: string[] = [];
    const deaths = await afterEachWrite(
      signUp,
      (app, { own }) =>
        app.post('/auth/change-password', { current_password: OLD, new_password: NEW }, own.access_token),
      async ({ email, own, other }) => {
        const changed = (await login(email, NEW)).status === 200;
        seen.push(changed ? 'after' : 'before');
        expect((await login(email, OLD)).status).to.equal(changed ? 401 : 200);
        expect(await isAlive(own)).to.equal(true);
        expect(await isAlive(other)).to.equal(!changed);
        expect(await statusOf(survivor.post('/auth/refresh', { refresh_token: own.refresh_token }))).to.equal(
          200,
        );
      },
    );
    expect(deaths).to.equal(5);
    expect([...new Set(seen)]).to.deep.equal(['before', 'after']);
  });

  it('in a deletion: the user is there as a whole, or gone with every session and link (hold 40)', async () => {
    const seen: string[] = [];
    const deaths = await afterEachWrite(
      async () => {
        const user = await signUp();
        await survivor.post('/auth/forgot-password', { email: user.email });
        return { ...user, token: await survivor.resetTokenFor(user.email) };
      },
      (app, { own }) => app.delete('/auth/me', { password: OLD }, own.access_token),
      async ({ email, token, own, other }) => {
        const there = (await login(email, OLD)).status === 200;
        seen.push(there ? 'there' : 'gone');
        expect([await isAlive(own), await isAlive(other)]).to.deep.equal([there, there]);
        const link = await survivor.post('/auth/forgot-password/validate', { token });
        expect(link.status).to.equal(there ? 200 : 400);
        // Nothing of what was left stands in the way of a new user with the same address.
        if (!there)
          expect((await survivor.post('/auth/register', { email, password: NEW })).status).to.equal(201);
      },
    );
    expect(deaths).to.equal(3);
    expect([...new Set(seen)]).to.deep.equal(['gone']);
  });

  it('in a reset: the token works still, or the new password does (holds 50, 51)', async () => {
    const seen: string[] = [];
    const deaths = await afterEachWrite(
      async () => {
        const user = await signUp();
        await survivor.post('/auth/forgot-password', { email: user.email });
        return { ...user, token: await survivor.resetTokenFor(user.email) };
      },
      (app, { token }) => app.post('/auth/reset-password', { token, password: NEW }),
      async ({ email, token, own, other }) => {
        const changed = (await login(email, NEW)).status === 200;
        seen.push(changed ? 'after' : 'before');
        expect((await login(email, OLD)).status).to.equal(changed ? 401 : 200);
        expect([await isAlive(own), await isAlive(other)]).to.deep.equal([!changed, !changed]);
        const again = await survivor.post('/auth/reset-password', { token, password: `${NEW} again` });
        expect(again.status).to.equal(changed ? 400 : 200);
      },
    );
    expect(deaths).to.equal(3);
    // The first write decides: there is no moment at which the token is used up and the password is the old one.
    expect([...new Set(seen)]).to.deep.equal(['after']);
  });
});
