import { expect } from 'chai';
import { type CliResult, runCli } from '../../support/cli.js';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';

describe('user list', () => {
  let database: TestDatabase;

  before(async () => {
    database = await createTestDatabase();
    const users = database.connection.collection('users');
    await users.createIndex({ email: 1 }, { unique: true });
    await users.insertMany([
      { email: 'ada@example.com', name: 'Ada', roles: ['admin', 'editor'], password: 'geheim' },
      { email: 'adam@example.com', disabledAt: new Date() },
      { email: 'grace@example.com', name: 'x\u001b[2J' },
    ]);
  });
  after(() => database.drop());

  const run = (...args: string[]) => runCli(['user', 'list', ...args], { uri: database.uri });
  const emails = ({ json }: CliResult) => json().users.map(({ email }: { email: string }) => email);

  it('prints a line a user', async () => {
    const { code, stdout, stderr } = await run();
    expect({ code, stderr }).to.deep.equal({ code: 0, stderr: '' });
    expect(stdout.split('\n')).to.deep.equal([
      'ada@example.com  Ada  admin, editor',
      'adam@example.com  disabled',
      'grace@example.com  x [2J',
    ]);
  });

  it('goes page by page, and says when there are more', async () => {
    const first = await run('--limit', '2', '--json');
    expect(emails(first)).to.deep.equal(['ada@example.com', 'adam@example.com']);
    expect(first.json().next).to.equal('adam@example.com');
    const second = await run('--limit', '2', '--json', '--after', first.json().next);
    expect(emails(second)).to.deep.equal(['grace@example.com']);
    expect(second.json().next).to.equal(null);
    expect((await run('--limit', '2')).stderr).to.equal('there are more: --after adam@example.com');
    expect((await run('--limit', '3', '--json')).json().next).to.equal(null);
  });

  it('finds those whose address begins with a text, which is no pattern', async () => {
    expect(emails(await run('--email', 'ADA', '--json'))).to.deep.equal([
      'ada@example.com',
      'adam@example.com',
    ]);
    expect(emails(await run('--email', '.*', '--json'))).to.deep.equal([]);
    expect(await run('--email', 'nobody')).to.include({ code: 0, stdout: '' });
  });

  it('refuses a limit that is none', async () => {
    for (const limit of ['0', '1001', '-1', '1.5', 'all', '']) {
      const { code, stderr } = await run('--limit', limit);
      expect({ limit, code }).to.deep.equal({ limit, code: 2 });
      expect(stderr).to.include('1 to 1000');
    }
  });
});
