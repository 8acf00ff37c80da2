import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { loadCommonPasswords } from '../../lib/security/common-passwords.js';
import { foldPassword } from '../../lib/security/fold-password.js';

const run = promisify(execFile);
const policyFile = new URL('../../lib/security/password-policy.ts', import.meta.url).href;

/** In a process of its own: what is loaded after each step, as the inspector lists it. */
const STEPS = `
  import { randomBytes } from 'node:crypto';
  import { Session } from 'node:inspector';
  import { createAuthRouter } from 'express-auth-kit';
  import { createPasswordPolicy } from '${policyFile}';
  // Whatever was begun has ended when there is nothing left to do.
  const idle = () => new Promise((resolve) => process.once('beforeExit', () => setImmediate(resolve)));
  const isLoaded = async () => {
    await idle();
    const files = [];
    const session = new Session();
    session.connect();
    session.on('Debugger.scriptParsed', ({ params }) => files.push(params.url));
    session.post('Debugger.enable');
    session.disconnect();
    if (!files.some((file) => file.includes('/jsonwebtoken/'))) throw new Error('the inspector lists nothing');
    return files.some((file) => file.includes('/@zxcvbn-ts/'));
  };
  const settings = { minLength: 8, maxLength: 256 };
  const loaded = [];
  createAuthRouter({ secretKey: randomBytes(32).toString('base64') });
  loaded.push(await isLoaded());
  await createPasswordPolicy({ ...settings, blocklist: true }).check('short', { email: 'a@example.com' });
  loaded.push(await isLoaded());
  await createPasswordPolicy({ ...settings, blocklist: false }).check('password1', { email: 'a@example.com' });
  loaded.push(await isLoaded());
  await createPasswordPolicy({ ...settings, blocklist: true }).check('password1', { email: 'a@example.com' });
  loaded.push(await isLoaded());
  console.log(JSON.stringify(loaded));
`;

describe('the common passwords', () => {
  it('are 10,000 at least, the most common among them (hold 30)', async () => {
    const passwords = await loadCommonPasswords();
    expect(passwords.size).to.be.at.least(10_000);
    for (const password of ['password', '12345678', 'qwertyuiop', 'iloveyou', 'password1', 'sunshine']) {
      expect(passwords.has(password), password).to.equal(true);
    }
  });

  it('are folded, as what is looked up is', async () => {
    const passwords = [...(await loadCommonPasswords())];
    expect(passwords.filter((password) => password !== foldPassword(password))).to.deep.equal([]);
  });

  it('are loaded once', async () => {
    const [one, other] = await Promise.all([loadCommonPasswords(), loadCommonPasswords()]);
    expect(one).to.equal(other);
  });

  it('are loaded when a password is first looked up among them, not before', async () => {
    const script = [
      '--import',
      'tsx',
      '--conditions=express-auth-kit-source',
      '--input-type=module',
      '--eval',
      STEPS,
    ];
    const cwd = new URL('../..', import.meta.url).pathname;
    const { stdout } = await run(process.execPath, script, { cwd, timeout: 15_000 });
    expect(JSON.parse(stdout)).to.deep.equal([false, false, false, true]);
  });
});
