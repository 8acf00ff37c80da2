import { expect } from 'chai';
import { recordCommands } from '../support/commands.js';
import { failureOf } from '../support/failure.js';
import { createTestApp, PASSWORD, type TestApp } from '../support/test-app.js';

describe('ensureUser', () => {
  let app: TestApp;
  before(async () => {
    app = await createTestApp();
  });
  after(() => app.close());

  const account = { email: 'admin@example.com', password: PASSWORD, roles: ['admin'] };
  const stored = (email: string) => app.connection.collection('users').findOne({ email });

  it('makes the user once, also where 20 ask at once on an empty database', async () => {
    const made = await Promise.all(Array.from({ length: 20 }, () => app.auth.service.ensureUser(account)));
    expect(new Set(made.map(({ id }) => id)).size).to.equal(1);
    expect(await app.connection.collection('users').countDocuments({ email: account.email })).to.equal(1);
    expect(made[0]?.roles).to.deep.equal(['admin']);
    await app.login(account);
  });

  it('changes nothing of a user who is there: password, roles, name', async () => {
    const before = await stored(account.email);
    const other = { email: ' Admin@Example.com', password: 'another good one', roles: [], name: 'Other' };
    const commands = await recordCommands(app.connection, () => app.auth.service.ensureUser(other));
    expect(commands.filter(({ name }) => name !== 'find')).to.deep.equal([]);
    expect(await stored(account.email)).to.deep.equal(before);
    await app.login(account);
  });

  it('gives the app no hash and no stamps', async () => {
    const user = await app.auth.service.ensureUser(account);
    expect(user.toObject()).to.not.have.any.keys('password', 'securityStamp', 'passwordStamp', 'waysIn');
  });

  it('refuses a new user whom createUser refuses', async () => {
    const refused = () => app.auth.service.ensureUser({ email: 'short@example.com', password: 'short' });
    expect(await failureOf(refused)).to.include({ code: 'validation_failed', status: 422 });
    expect(await stored('short@example.com')).to.equal(null);
  });
});
