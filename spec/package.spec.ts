import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { codeBlocks } from './support/code-blocks.js';
import { createTestDatabase } from './support/database.js';

const run = promisify(execFile);
const root = fileURLToPath(new URL('..', import.meta.url));

/** The project of somebody who ran `npm install express-auth-kit`, and has TypeScript. */
describe('the package', function () {
  this.timeout(120_000);
  let project: string;
  let tarball: string;
  let packed: string[];

  before(async () => {
    project = await mkdtemp(join(tmpdir(), 'express-auth-kit-consumer-'));
    const { stdout } = await run('npm', ['pack', '--json', '--pack-destination', project], { cwd: root });
    // npm prints the output of the build before its own.
    const report = JSON.parse(stdout.slice(stdout.indexOf('[\n')));
    tarball = join(project, report[0].filename);
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

  it('type-checks in the apps of others, declarations of the libraries included', async () => {
    const [example] = codeBlocks(await readFile(join(root, 'README.md'), 'utf8'));
    await writeFile(join(project, 'readme.ts'), example as string);
    const files = ['readme.ts'];
    for (const name of ['play', ...Object.keys(CONSUMERS)]) {
      const source = await readFile(join(root, 'spec/support/consumers', `${name}.ts`), 'utf8');
      await writeFile(join(project, `${name}.ts`), source);
      // The same by require(): what TypeScript makes of `import` in a CommonJS module.
      await writeFile(join(project, `${name}.cts`), source.replace("'./play.js'", "'./play.cjs'"));
      files.push(`${name}.ts`, `${name}.cts`);
    }
    const flags = ['--strict', '--module', 'nodenext', '--target', 'es2023'];
    const errors = await run('npx', ['tsc', ...flags, ...files], { cwd: project })
      .then(() => '')
      .catch((error: { stdout: string }) => error.stdout);
    expect(errors).to.equal('');
  });

  it('is what publint and arethetypeswrong expect of a package', async () => {
    const { stdout: lint } = await run('npx', ['publint', '--strict', tarball], { cwd: root });
    expect(lint).to.include('All good!');
    await run('npx', ['attw', '--profile', 'esm-only', tarball], { cwd: root });
  });

  for (const [extension, how] of [
    ['js', 'import'],
    ['cjs', 'require()'],
  ] as const) {
    it(`runs in apps that use it by ${how}: discriminator, plugin, and neither`, async () => {
      for (const [name, expected] of Object.entries(CONSUMERS)) {
        const database = await createTestDatabase();
        try {
          const env = { ...process.env, MONGODB_URI: database.uri, AUTH_SECRET_KEY: randomUUID() };
          const { stdout } = await run('node', [`${name}.${extension}`], { cwd: project, env });
          expect(JSON.parse(stdout), name).to.deep.equal({
            stored: 'ada@example.com',
            protected: { user: 'ada@example.com' },
            typed: expected,
            withoutToken: 401,
          });
        } finally {
          await database.drop();
        }
      }
    });
  }
});

/** What `/typed` of each app in `spec/support/consumers` answers. */
const CONSUMERS = {
  discriminator: { age: 36, phone: '123', session: 'string' },
  plugin: { plan: 'paid', roles: [], name: 'ada@example.com' },
  alone: { initials: 'AD' },
};
