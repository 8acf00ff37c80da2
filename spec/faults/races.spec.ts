import { randomBytes } from 'node:crypto';
import { expect } from 'chai';
import { type AppProcess, startApp } from '../support/app-process.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { Tally } from '../support/tally.js';

const PASSWORD = 'correct horse battery';
const ROUNDS = 100;
const BATCH = 20;

interface Pair {
  access_token: string;
  refresh_token: string;
}

/** Two processes of one app on one database: nothing but the database can settle who was first. */
describe('races between two processes', function () {
  this.timeout(60_000);
  let database: TestDatabase;
  let fleet: [AppProcess, AppProcess];
  const tally = new Tally();
  let users = 0;

  beforeEach(() => tally.clear());
  afterEach(() => console.log(`      ${tally}`));
  before(async () => {
    database = await createTestDatabase();
    const start = () => startApp({ mongodbUri: database.uri, secretKey, tally });
    fleet = await Promise.all([start(), start()]);
  });
  after(async () => {
    await Promise.all(fleet.map((app) => app.stop()));
    await database.drop();
  });

  const secretKey = randomBytes(32).toString('base64');
  const either = (index: number) => fleet[index % 2] as AppProcess;
  /** For what costs a hash: of many at once some are refused (503), and who repeats them gets in. */
  const post = (index: number, path: string, body: object, apps: readonly AppProcess[] = fleet) => {
    const app = apps[index % 2] as AppProcess;
    return app.insist(() => app.post(path, body));
  };
  const inParallel = <T>(count: number, run: (index: number) => Promise<T>) =>
    Promise.all(Array.from({ length: count }, (_, index) => run(index)));

  /** `ROUNDS` rounds, some at a time: the machine is kept busy, which is when races show. */
  async function inBatches(round: (index: number) => Promise<void>): Promise<void> {
    for (let first = 0; first < ROUNDS; first += BATCH) {
      await inParallel(BATCH, (index) => round(first + index));
    }
  }

  async function signUp(): Promise<Pair & { email: string; id: string }> {
    users += 1;
    const email = `racer-${users}@example.com`;
    const { body: user } = await post(users, '/auth/register', { email, password: PASSWORD });
    const { body } = await post(users + 1, '/auth/token', { username: email, password: PASSWORD });
    return { ...body, email, id: user.id };
  }

  /** Whether anything that came of a session can still be used. */
  async function survivors(tokens: readonly Pair[]): Promise<number[]> {
    const answers = await Promise.all(
      tokens.flatMap(({ access_token, refresh_token }, index) => [
        either(index).get('/protected', access_token),
        either(index).post('/auth/refresh', { refresh_token }),
      ]),
    );
    return answers.map(({ status }) => status).filter((status) => status !== 401);
  }

  it('gives 200 holders of one refresh token the same single successor (hold 35)', async () => {
    const { refresh_token, access_token } = await signUp();
    const answers = await inParallel(200, (index) => either(index).post('/auth/refresh', { refresh_token }));
    expect(new Set(answers.map(({ status }) => status))).to.deep.equal(new Set([200]));
    const successors = new Set(answers.map(({ body }) => body.refresh_token));
    expect(successors.size).to.equal(1);
    const [successor] = successors;
    expect(claimsOf(successor as string).gen).to.equal(claimsOf(refresh_token).gen + 1);
    expect((await either(0).get('/protected', access_token)).status).to.equal(200);
  });

  it('lets exactly one rotate where there is no grace, and then ends the session (holds 35, 36)', async () => {
    const strict = await Promise.all(
      [0, 1].map(() =>
        startApp({ mongodbUri: database.uri, secretKey, tally, options: { refreshGraceSeconds: 0 } }),
      ),
    );
    try {
      const { refresh_token } = await signUp();
      const answers = await inParallel(200, (index) =>
        (strict[index % 2] as AppProcess).post('/auth/refresh', { refresh_token }),
      );
      const won = answers.filter(({ status }) => status === 200);
      expect(won.length).to.equal(1);
      expect(new Set(answers.map(({ status }) => status))).to.deep.equal(new Set([200, 401]));
      expect(await survivors(won.map(({ body }) => body))).to.deep.equal([]);
    } finally {
      await Promise.all(strict.map((app) => app.stop()));
    }
  });

  it(`leaves no live descendant of a refresh that races a logout, ${ROUNDS} times (hold 42)`, async () => {
    await inBatches(async (round) => {
      const pair = await signUp();
      const [logout, ...refreshes] = await Promise.all([
        either(round).post('/auth/logout', { refresh_token: pair.refresh_token }),
        ...[0, 1].map((index) => either(index).post('/auth/refresh', { refresh_token: pair.refresh_token })),
      ]);
      expect(logout.status).to.equal(204);
      expect(refreshes.map(({ status }) => status).every((status) => [200, 401].includes(status))).to.equal(
        true,
      );
      const won = refreshes.filter(({ status }) => status === 200).map(({ body }) => body);
      expect(await survivors([pair, ...won])).to.deep.equal([]);
    });
  });

  it(`leaves no live descendant of a refresh that races a reset, ${ROUNDS} times (holds 40, 42)`, async () => {
    await inBatches(async (round) => {
      const pair = await signUp();
      await either(round).post('/auth/forgot-password', { email: pair.email });
      const token = await either(round).tokenFor(pair.email);
      const [reset, login, ...refreshes] = await Promise.all([
        post(round, '/auth/reset-password', { token, password: `${PASSWORD} ${round}` }),
        post(round + 1, '/auth/token', { username: pair.email, password: PASSWORD }),
        ...[0, 1].map((index) => either(index).post('/auth/refresh', { refresh_token: pair.refresh_token })),
      ]);
      expect(reset.status).to.equal(200);
      const won = [login, ...refreshes].filter(({ status }) => status === 200).map(({ body }) => body);
      expect(await survivors([pair, ...won])).to.deep.equal([]);
    });
  });

  it(`leaves no live descendant of a refresh that races a delete, ${ROUNDS} times (holds 40, 42)`, async () => {
    await inBatches(async (round) => {
      const pair = await signUp();
      const [deleted, ...refreshes] = await Promise.all([
        either(round).insist(() =>
          either(round).delete('/auth/me', { password: PASSWORD }, pair.access_token),
        ),
        ...[0, 1].map((index) => either(index).post('/auth/refresh', { refresh_token: pair.refresh_token })),
      ]);
      expect(deleted.status).to.equal(204);
      const won = refreshes.filter(({ status }) => status === 200).map(({ body }) => body);
      expect(await survivors([pair, ...won])).to.deep.equal([]);
    });
  });

  it('stores one of 50 registrations of one email on a fresh database (hold 45)', async () => {
    const fresh = await createTestDatabase();
    const apps = await Promise.all([0, 1].map(() => startApp({ mongodbUri: fresh.uri, secretKey, tally })));
    try {
      const account = { email: 'once@example.com', password: PASSWORD };
      const answers = await inParallel(50, (index) => post(index, '/auth/register', account, apps));
      const statuses = answers.map(({ status }) => status);
      expect(statuses.filter((status) => status === 201).length).to.equal(1);
      expect(answers.filter(({ body }) => body.code === 'email_taken').length).to.equal(49);
      expect(await fresh.connection.collection('users').countDocuments()).to.equal(1);
    } finally {
      await Promise.all(apps.map((app) => app.stop()));
      await fresh.drop();
    }
  });

  it('accepts one of 50 resets with one token (hold 50)', async () => {
    const { email } = await signUp();
    await either(0).post('/auth/forgot-password', { email });
    const token = await either(0).tokenFor(email);
    const answers = await inParallel(50, (index) =>
      post(index, '/auth/reset-password', { token, password: `${PASSWORD} ${index}` }),
    );
    const won = answers.flatMap(({ status }, index) => (status === 200 ? [index] : []));
    expect(won.length).to.equal(1);
    expect(answers.filter(({ body }) => body.code === 'invalid_one_time_token').length).to.equal(49);
    const credentials = { username: email, password: `${PASSWORD} ${won[0]}` };
    expect((await post(1, '/auth/token', credentials)).status).to.equal(200);
  });

  it('never mixes up the users of logins in flight', async () => {
    const accounts = await inParallel(100, async (index) => {
      const account = { email: `many-${index}@example.com`, password: `${PASSWORD} ${index}` };
      const { body } = await post(index, '/auth/register', account);
      return { ...account, id: body.id as string };
    });
    const answers = await Promise.all(
      accounts.map(({ email, password }, index) => post(index, '/auth/token', { username: email, password })),
    );
    const owners = answers.map(({ body }) => claimsOf(body.access_token).sub);
    expect(owners).to.deep.equal(accounts.map(({ id }) => id));
    const shown = await Promise.all(
      answers.map(({ body }, index) => either(index + 1).get('/protected', body.access_token)),
    );
    expect(shown.map(({ body }) => body.user)).to.deep.equal(accounts.map(({ email }) => email));
  });
});

function claimsOf(token: string): { sub: string; gen: number } {
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
}
