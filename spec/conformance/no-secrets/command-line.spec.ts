import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import bcrypt from 'bcrypt';
import { expect } from 'chai';
import { type CliOptions, runCli } from '../../support/cli.js';
import { PASSWORD } from '../../support/test-app.js';
import { COMMON_PASSWORD, NEW_PASSWORD } from '../flow-steps.js';
import { createWatchedApp, type WatchedApp } from './watched-app.js';

const DATABASE_PASSWORD = 'zqxj-database-password';
const SMTP_PASSWORD = 'zqxj-smtp-password';
/** As another system keeps it: 512 bytes in hex. */
const FOREIGN_HASH = Buffer.from('zqxj'.repeat(128)).toString('hex');

describe('output of the command line', function () {
  // Each plays a lot.
  this.timeout(120_000);

  let watched: WatchedApp;
  let folder: string;
  let bcryptHash: string;

  before(async () => {
    watched = await createWatchedApp();
    folder = await mkdtemp(join(tmpdir(), 'express-auth-kit-secrets-'));
    bcryptHash = await bcrypt.hash(PASSWORD, 4);
    watched.secrets.add(PASSWORD, NEW_PASSWORD, DATABASE_PASSWORD, SMTP_PASSWORD, FOREIGN_HASH, bcryptHash);
  });
  after(async () => {
    await watched.close();
    await rm(folder, { recursive: true, force: true });
  });

  const run = async (args: string[], options: CliOptions = {}) => {
    const { code, stdout, stderr } = await runCli(args, { uri: watched.app.uri, ...options });
    watched.output.note('command line', stdout, stderr);
    return code;
  };
  const user = (args: string[], options?: CliOptions) => run(['user', ...args], options);
  const byStdin = (password: string) => ({ input: `${password}\n` });

  it('shows no secret, whatever is done to a user (hold 63)', async () => {
    const shown = await watched.expectNothingSeen(async () => {
      expect(await user(['create', 'ada@example.com', '--password-stdin'], byStdin(PASSWORD))).to.equal(0);
      expect(await user(['create', 'ada@example.com', '--password-stdin'], byStdin(PASSWORD))).to.equal(1);
      expect(
        await user(['create', 'own@example.com', '--password-stdin'], byStdin(COMMON_PASSWORD)),
      ).to.equal(1);
      expect(await user(['create', PASSWORD, '--password-stdin'], byStdin(PASSWORD))).to.equal(1);
      expect(await user(['create', 'bea@example.com'], { answers: [PASSWORD, NEW_PASSWORD] })).to.equal(1);
      await watched.app.login({ email: 'ada@example.com', password: PASSWORD });
      for (const json of [[], ['--json']]) {
        for (const command of ['show', 'sessions', 'disable', 'enable', 'set-roles', 'revoke']) {
          expect(await user([command, 'ada@example.com', ...json]), command).to.equal(0);
        }
        expect(await user(['list', ...json])).to.equal(0);
      }
      const set = ['set-password', 'ada@example.com', '--password-stdin'];
      expect(await user(set, byStdin(NEW_PASSWORD))).to.equal(0);
      expect(await user(set, byStdin('zqxj'))).to.equal(1);
      expect(await user(['delete', 'ada@example.com', '--yes'])).to.equal(0);
    });
    expect(shown).to.include('ada@example.com');
  });

  it('shows no hash of a file that it imports, nor of a line that it refuses (hold 63)', async () => {
    const file = join(folder, 'users.jsonl');
    const lines = [
      { email: 'bcrypt@example.com', passwordHash: bcryptHash },
      { email: 'bcrypt@example.com', passwordHash: bcryptHash },
      { email: 'cut@example.com', passwordHash: bcryptHash.slice(0, -1) },
      { email: 'unknown@example.com', passwordHash: FOREIGN_HASH },
      { email: 'clear@example.com', password: PASSWORD },
      { email: 'odd@example.com', passwordHash: { hash: bcryptHash } },
      { email: 'former@example.com', salt: FOREIGN_HASH, hash: FOREIGN_HASH },
    ].map((line) => JSON.stringify(line));
    await writeFile(file, [...lines, `{"email":"a@example.com","passwordHash":"${bcryptHash}"`].join('\n'));
    await watched.expectNothingSeen(async () => {
      for (const more of [['--dry-run'], ['--json'], []]) {
        expect(await user(['import', file, ...more])).to.equal(1);
      }
    });
  });

  it('shows no secret of the environment when it cannot start (hold 63)', async () => {
    await watched.expectNothingSeen(async () => {
      for (const MONGODB_URI of [
        `mongodb:/ada:${DATABASE_PASSWORD}@localhost/app`,
        `mongodb://ada:${DATABASE_PASSWORD}@127.0.0.1:1/app?serverSelectionTimeoutMS=100`,
        `postgres://ada:${DATABASE_PASSWORD}@localhost/app`,
      ]) {
        expect(await user(['list'], { env: { MONGODB_URI } })).to.be.above(0);
      }
      const env = { SMTP_URL: `smpt://mailer:${SMTP_PASSWORD}@localhost`, MAIL_FROM: 'a@example.com' };
      expect(await user(['list'], { env })).to.be.above(0);
    });
  });
});
