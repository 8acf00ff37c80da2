import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { checkSigningKey } from '../../lib/config/signing-key.js';
import { bareEnvironment } from '../example-app/app-process.js';
import { createTestApp, PASSWORD } from '../support/test-app.js';

const MAIN = fileURLToPath(new URL('../../lib/cli/main.ts', import.meta.url));

/** Runs the command line in a process of its own, with nothing of this one's configuration. */
async function start(args: string[], env: Record<string, string> = {}, input?: string) {
  const child = spawn(
    process.execPath,
    ['--conditions=express-auth-kit-source', '--import', 'tsx', MAIN, ...args],
    { env: { ...bareEnvironment(), ...env } },
  );
  const texts = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text) => {
      texts[name] += text;
    });
  }
  if (input !== undefined) child.stdin.end(input);
  const [code] = await once(child, 'close');
  return { code, ...texts };
}

describe('the process of the command line', function () {
  this.timeout(60_000);

  it('prints a key and nothing else', async () => {
    const { code, stdout, stderr } = await start(['secret']);
    expect({ code, stderr }).to.deep.equal({ code: 0, stderr: '' });
    checkSigningKey('secretKey', stdout.trim(), 'HS256');
  });

  it('makes a user who logs in, by a password from standard input, without a key', async () => {
    const app = await createTestApp();
    try {
      const email = 'ada@example.com';
      const args = ['user', 'create', email, '--role', 'admin', '--password-stdin', '--json'];
      const env = { MONGODB_URI: app.uri, AUTH_BCRYPT_COST: '10' };
      const { code, stdout, stderr } = await start(args, env, `${PASSWORD}\n`);
      expect(code).to.equal(0);
      expect(JSON.parse(stdout))
        .to.include({ email })
        .and.deep.include({ roles: ['admin'] });
      expect(stdout + stderr).not.to.include(PASSWORD);
      await app.login({ email, password: PASSWORD });
    } finally {
      await app.close();
    }
  });

  it('ends within seconds where no database answers, with the reason and no stack', async () => {
    const uri = 'mongodb://operator:geheim@127.0.0.1:1/app';
    const started = performance.now();
    const { code, stdout, stderr } = await start(['user', 'list'], { MONGODB_URI: uri });
    expect(performance.now() - started).to.be.lessThan(20_000);
    expect({ code, stdout }).to.deep.equal({ code: 1, stdout: '' });
    expect(stderr).to.match(/^error: the database cannot be used: .*ECONNREFUSED.*\n$/);
    expect(stderr).not.to.include('geheim');
  });

  it('ends with 2 where nobody names a database', async () => {
    const { code, stderr } = await start(['user', 'list']);
    expect(code).to.equal(2);
    expect(stderr).to.match(/^error: MONGODB_URI .*\n$/);
  });
});
