import { expect } from 'chai';
import { runCli } from '../support/cli.js';

const USER = [
  'create',
  'show',
  'list',
  'disable',
  'enable',
  'set-password',
  'set-roles',
  'sessions',
  'revoke',
  'delete',
  'import',
];

describe('the command line', () => {
  for (const args of [[], ['secret'], ['user'], ...USER.map((command) => ['user', command])]) {
    it(`has help for ${args.join(' ') || 'itself'}`, async () => {
      const { code, stdout, stderr } = await runCli([...args, '--help']);
      expect({ code, stderr }).to.deep.equal({ code: 0, stderr: '' });
      expect(stdout).to.include(`Usage: express-auth-kit ${args.join(' ')}`);
      if (args[0] !== 'secret') expect(stdout).to.match(/no AUTH_SECRET_KEY, and runs no hooks/);
      if (args.length > 1) expect(stdout).to.include('--json').and.include('--collection');
    });
  }

  it('lists every command', async () => {
    expect((await runCli(['--help'])).stdout)
      .to.include('secret')
      .and.include('user');
    const { stdout } = await runCli(['user', '--help']);
    for (const command of USER) expect(stdout).to.include(`\n  ${command} `);
  });

  for (const [what, args, reason] of [
    ['no command', [], 'Usage'],
    ['half a command', ['user'], 'Usage'],
    ['an unknown command', ['user', 'lst'], 'Did you mean list?'],
    ['a missing address', ['user', 'show'], "missing required argument 'email'"],
    ['an unknown option', ['user', 'show', 'ada@example.com', '--jsn'], 'Did you mean --json?'],
    ['what is too much', ['user', 'set-password', 'ada@example.com', 'geheim'], 'too many arguments'],
    ['no database', ['user', 'show', 'ada@example.com'], 'MONGODB_URI'],
  ] as const) {
    it(`ends with 2 for ${what}, and says it on standard error`, async () => {
      const { code, stdout, stderr } = await runCli(args);
      expect({ code, stdout }).to.deep.equal({ code: 2, stdout: '' });
      expect(stderr).to.include(reason);
      expect(stderr).not.to.include('geheim');
    });
  }

  it('takes no password as an argument, and repeats none', async () => {
    for (const command of ['create', 'set-password']) {
      const { code, stderr } = await runCli(['user', command, 'ada@example.com', '--password=geheim']);
      expect({ code, stderr }).to.deep.equal({ code: 2, stderr: "error: unknown option '--password'" });
      const apart = await runCli(['user', command, 'ada@example.com', '--password', 'geheim']);
      expect(apart.code).to.equal(2);
      expect(apart.stderr).not.to.include('geheim');
    }
  });
});
