import { expect } from 'chai';
import { runCli } from '../support/cli.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';

const BY_ADDRESS = ['show', 'disable', 'enable', 'set-roles', 'revoke'];

describe('the commands on one user', () => {
  let database: TestDatabase;

  before(async () => {
    database = await createTestDatabase();
    await database.connection.collection('members').insertOne({ email: 'ada@example.com', phone: '1' });
  });
  after(() => database.drop());

  const run = (args: string[]) => runCli(['user', ...args], { uri: database.uri });

  for (const command of [...BY_ADDRESS, 'sessions', 'delete', 'set-password']) {
    it(`${command}: says that nobody has the address`, async () => {
      const more = { delete: ['--yes'], 'set-password': ['--password-stdin'] }[command] ?? [];
      const { code, stdout, stderr } = await run([command, 'nobody@example.com', ...more]);
      expect({ code, stdout, stderr }).to.deep.equal({
        code: 1,
        stdout: '',
        stderr: 'error: no user has the address nobody@example.com',
      });
    });
  }

  for (const command of BY_ADDRESS) {
    it(`${command}: finds the user however the address is typed, in the collection that is named`, async () => {
      const found = await run([command, ' ADA@example.com', '--collection', 'members']);
      expect({ code: found.code, stderr: found.stderr }).to.deep.equal({ code: 0, stderr: '' });
      expect(found.stdout).to.include('ada@example.com');
      const { code, json } = await run([command, 'ada@example.com', '--collection', 'members', '--json']);
      expect(code).to.equal(0);
      expect(json()).to.deep.include({ email: 'ada@example.com', phone: '1' });
    });
  }

  it("refuses a collection of the kit's own", async () => {
    const { code, stderr } = await run(['list', '--collection', 'auth_sessions']);
    expect(code).to.equal(1);
    expect(stderr).to.include('auth_sessions');
  });
});
