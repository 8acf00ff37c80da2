import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { codeBlocks } from './support/code-blocks.js';

const run = promisify(execFile);
const root = fileURLToPath(new URL('..', import.meta.url));

/** The project of somebody who ran `npm install express-auth-kit`, and has TypeScript. */
describe('the package', function () {
  this.timeout(120_000);
  let project: string;
  let packed: string[];

  before(async () => {
    project = await mkdtemp(join(tmpdir(), 'express-auth-kit-consumer-'));
    const { stdout } = await run('npm', ['pack', '--json', '--pack-destination', project], { cwd: root });
    // npm prints the output of the build before its own.
    const report = JSON.parse(stdout.slice(stdout.indexOf('[\n')));
    packed = report[0].files.map(({ path }: { path: string }) => path);
    await writeFile(
      join(project, 'package.json'),
      JSON.stringify({ name: 'consumer', type: 'module', private: true }),
    );
    const { version } = JSON.parse(
      await readFile(join(root, 'node_modules/typescript/package.json'), 'utf8'),
    );
    await run('npm', ['install', '--prefer-offline', `./${report[0].filename}`, `typescript@${version}`], {
      cwd: project,
    });
  });
  after(() => rm(project, { recursive: true, force: true }));

  const typeCheck = (...files: string[]) =>
    run('npx', ['tsc', '--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2023', ...files], {
      cwd: project,
    })
      .then(() => '')
      .catch((error: { stdout: string }) => error.stdout);

  it('holds the built files, their sources, and nothing of the workshop', () => {
    expect(packed).to.include.members([
      'dist/index.js',
      'dist/index.d.ts',
      'dist/testing/index.js',
      'LICENSE',
      'README.md',
    ]);
    const foreign = packed.filter(
      (path) =>
        !/^(dist|lib)\//.test(path) &&
        !['LICENSE', 'README.md', 'CHANGELOG.md', 'package.json'].includes(path),
    );
    expect(foreign).to.deep.equal([]);
  });

  it("type-checks README's first example, declarations of the libraries included", async () => {
    const [example] = codeBlocks(await readFile(join(root, 'README.md'), 'utf8'));
    await writeFile(join(project, 'example.ts'), example as string);
    expect(await typeCheck('example.ts')).to.equal('');
  });

  it("types req.user as the app's user: discriminator, plugin, and neither", async () => {
    await writeFile(join(project, 'typed.ts'), TYPED);
    expect(await typeCheck('typed.ts')).to.equal('');
  });

  it('can be imported and required', async () => {
    await writeFile(join(project, 'import.js'), `import * as kit from 'express-auth-kit'; ${SHOW}`);
    await writeFile(join(project, 'require.cjs'), `const kit = require('express-auth-kit'); ${SHOW}`);
    for (const file of ['import.js', 'require.cjs']) {
      const { stdout } = await run('node', [file], {
        cwd: project,
        env: { ...process.env, AUTH_SECRET_KEY: '' },
      });
      expect(JSON.parse(stdout)).to.deep.equal({
        createAuthRouter: 'function',
        BaseUser: 'BaseUser',
        error: 'AUTH_SECRET_KEY',
      });
    }
  });
});

const SHOW = `
let error;
try { kit.createAuthRouter(); } catch (thrown) { error = thrown.message.split(' ')[0]; }
console.log(JSON.stringify({ createAuthRouter: typeof kit.createAuthRouter, BaseUser: kit.BaseUser.modelName, error }));
`;

const TYPED = `
import express from 'express';
import { createConnection, Schema } from 'mongoose';
import { type AuthOptions, BaseUser, baseUserPlugin, createAuthRouter, requireUser } from 'express-auth-kit';
import { createClock, createMailbox, loginAs } from 'express-auth-kit/testing';

declare global { namespace Express { interface User extends InstanceType<typeof User> {} } }
const User = BaseUser.discriminator('User', new Schema({ phone: String, age: { type: Number, required: true } }));
const schema = new Schema({ plan: { type: String, enum: ['free', 'paid'], required: true } });
schema.plugin(baseUserPlugin);
const Member = createConnection().model('Member', schema);

const mailbox = createMailbox();
const users = createAuthRouter({
  User,
  clock: createClock(),
  mail: { transport: mailbox.transport, from: 'App <app@example.com>' },
  hooks: { beforeSignIn({ user }) { const age: number = user.age; void age; } },
});
const members = createAuthRouter({ User: Member });
const base = createAuthRouter();

export const app = express();
app.get('/1', users.handler((req, res) => { const age: number = req.user.age; res.json([age, req.user.phone, req.auth.sid]); }));
app.get('/2', members.handler((req, res) => {
  const plan: 'free' | 'paid' = req.user.plan;
  const roles: string[] = req.user.roles;
  const shown: string = req.user.displayName;
  res.json([plan, roles, shown, req.user.email, req.user.save()]);
}));
app.get('/3', base.handler((req, res) => { const email: string = req.user.email; res.json(email); }));
app.get('/4', requireUser, (req, res) => { const age: number = req.user!.age; res.json([age, req.auth!.sub]); });
// @ts-expect-error the user has no such field
app.get('/5', members.handler((req, res) => { res.json(req.user.nope); }));
// @ts-expect-error there is no such option
export const misspelt: AuthOptions = { secretkey: 'x' };
export const plan: Promise<'free' | 'paid'> = members.service
  .createUser({ email: 'a@example.com', password: 'b', plan: 'free' })
  .then((member) => member.plan);
export const header: Promise<{ authorization: string }> = loginAs(members, 'an id');
`;
