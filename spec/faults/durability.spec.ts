import { expect } from 'chai';
import type { Answer } from '../support/app-process.js';
import { type AppOnLoneMongod, startAppOnLoneMongod } from '../support/lone-mongod.js';

const PASSWORD = 'correct horse battery';
const LOGOUTS = 50;
const REGISTRATIONS = 50;
/** Of the passwords of those who registered. */
const CHANGES = 10;

/**
 * One mongod, no replica set: what it was told to write it keeps in memory for up to 100 ms, unless it is asked to
 * write its journal before it answers.
 */
describe('a single mongod that is killed right after it answered', function () {
  this.timeout(60_000);
  let lone: AppOnLoneMongod;

  before(async function () {
    lone = await startAppOnLoneMongod(this);
  });
  after(() => lone?.stop());

  const many = <T>(count: number, run: (index: number) => Promise<T>) =>
    Promise.all(Array.from({ length: count }, (_, index) => run(index)));

  it('has what was acknowledged when it is back: users, logouts, new passwords (hold 71)', async () => {
    const { app, mongod } = lone;
    const email = 'first@example.com';
    // So many at once that the hashes of some are refused (503): who repeats them gets in.
    const ask = async (expected: number, request: () => Promise<Answer>) => {
      const answer = await app.insist(request);
      expect(answer.status, JSON.stringify(answer.body)).to.equal(expected);
      return answer;
    };
    const login = (username: string, password: string) => () =>
      app.post('/auth/token', { username, password });
    await ask(201, () => app.post('/auth/register', { email, password: PASSWORD }));
    const sessions = await many(LOGOUTS, () => ask(200, login(email, PASSWORD)));
    // One after the other, each answered; the last answer is a moment old when the server dies.
    for (const { body } of sessions) {
      const { status } = await app.post('/auth/logout', { refresh_token: body.refresh_token });
      expect(status).to.equal(204);
    }
    const registered = await many(REGISTRATIONS, async (index) => {
      const account = { email: `durable-${index}@example.com`, password: PASSWORD };
      await ask(201, () => app.post('/auth/register', account));
      return account;
    });
    const changed = await many(CHANGES, async (index) => {
      const account = registered[index] ?? { email: '', password: '' };
      const { body } = await ask(200, login(account.email, account.password));
      const change = { current_password: account.password, new_password: `${PASSWORD} ${index}` };
      await ask(200, () => app.post('/auth/change-password', change, body.access_token));
      return { former: { ...account }, password: change.new_password };
    });
    for (const [index, { password }] of changed.entries())
      Object.assign(registered[index] ?? {}, { password });
    await mongod.kill();
    await mongod.restart();

    await ask(200, login(email, PASSWORD));
    const alive = await many(LOGOUTS, async (index) => {
      const { access_token, refresh_token } = sessions[index]?.body ?? {};
      const visit = await app.insist(() => app.get('/protected', access_token));
      const refresh = await app.insist(() => app.post('/auth/refresh', { refresh_token }));
      return visit.status === 401 && refresh.status === 401 ? [] : [index];
    });
    const missing = await many(REGISTRATIONS, async (index) => {
      const { email: username, password } = registered[index] ?? { email: '', password: '' };
      return (await app.insist(login(username, password))).status === 200 ? [] : [username];
    });
    expect({ alive: alive.flat(), missing: missing.flat() }).to.deep.equal({ alive: [], missing: [] });
    const undone = await many(CHANGES, async (index) => {
      const { email: username, password } = changed[index]?.former ?? { email: '', password: '' };
      return (await app.insist(login(username, password))).status === 401 ? [] : [username];
    });
    expect(undone.flat()).to.deep.equal([]);
  });
});
