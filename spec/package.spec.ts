import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { copyFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { checkSigningKey } from '../lib/config/signing-key.js';
import { oldestPeers } from '../scripts/oldest-peers.js';
import { codeBlocks } from './support/code-blocks.js';
import { type Consumer, createConsumer, packKit } from './support/consumer.js';
import { createTestDatabase } from './support/database.js';

const run = promisify(execFile);
const root = fileURLToPath(new URL('..', import.meta.url));
const consumers = join(root, 'spec/support/consumers');
const read = (file: string) => readFile(join(root, file), 'utf8');

const JEST = 'jest@30.5.2';

/** The last compiler that is written in JavaScript, which many apps have still. */
const TYPESCRIPT_5 = '5.9.3';

/** What is compiled and not run. */
const TYPED = [
  { what: 'routers of different users in any order', files: ['in-order.ts', 'reversed.ts'] },
  { what: 'a plugged-in user that is declared', files: ['declared-plugin.ts'] },
  // The parameters of its routes are not named: one that `handler` is not told of could be missing.
  { what: 'a discriminator that is declared', files: ['declared-discriminator.ts'], unchecked: true },
];

/** What `/typed` of each app in `spec/support/consumers` answers. */
const CONSUMERS = {
  discriminator: { age: 36, phone: '123', session: 'string' },
  plugin: { plan: 'paid', roles: [], name: 'ada@example.com' },
  alone: { initials: 'AD' },
};

describe('the package', function () {
  // Many runs of a compiler, on machines that do other things besides.
  this.timeout(300_000);
  let folder: string;
  let tarball: string;
  let packed: string[];

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'express-auth-kit-package-'));
    ({ tarball, files: packed } = await packKit(folder));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  it('holds the built files, their sources, the documentation, and nothing of the workshop', () => {
    expect(packed).to.include.members([
      'dist/index.js',
      'dist/index.d.ts',
      'dist/testing/index.js',
      // Where the source maps lead.
      'lib/index.ts',
      'LICENSE',
      'README.md',
    ]);
    const foreign = packed.filter(
      (path) =>
        !/^(dist|lib|docs)\//.test(path) &&
        !['LICENSE', 'README.md', 'CHANGELOG.md', 'SECURITY.md', 'package.json'].includes(path),
    );
    expect(foreign).to.deep.equal([]);
  });

  it('holds every document that one of its documents links to', async () => {
    for (const name of packed.filter((path) => path.endsWith('.md'))) {
      for (const [, target] of (await read(name)).matchAll(/\]\((?![a-z]+:|#)([^)#]+)/g)) {
        const { pathname } = new URL(target as string, `file:///${name}`);
        expect(packed, `${name} links to ${target}`).to.include(pathname.slice(1));
      }
    }
  });

  it('says where the project lives', async () => {
    const { repository, homepage, bugs } = JSON.parse(await read('package.json'));
    const project = 'https://github.com/express-auth-kit/express-auth-kit';
    expect({ repository, homepage, bugs }).to.deep.equal({
      repository: { type: 'git', url: `git+${project}.git` },
      homepage: `${project}#readme`,
      bugs: `${project}/issues`,
    });
  });

  it('is what publint and arethetypeswrong expect of a package', async () => {
    const { stdout: lint } = await run('npx', ['publint', '--strict', tarball], { cwd: root });
    expect(lint).to.include('All good!');
    await run('npx', ['attw', '--profile', 'esm-only', tarball], { cwd: root });
  });

  for (const [which, peersOf] of [
    ['the newest', newestPeers],
    ['the oldest', oldestPeers],
  ] as const) {
    describe(`beside ${which} of each peer`, () => {
      let consumer: Consumer;

      before(async () => {
        // Here and not among the devDependencies, where two compilers would claim one command.
        const compilers = [await installed('typescript'), `typescript-5@npm:typescript@${TYPESCRIPT_5}`];
        consumer = await createConsumer([tarball, ...(await peersOf()), ...compilers]);
      });
      after(() => consumer.remove());

      /** @returns what the compiler says, nothing when all is well */
      function compile(
        compiler: 'typescript' | 'typescript-5',
        files: string[],
        flags: string[] = [],
      ): Promise<string> {
        const tsc = join('node_modules', compiler, 'bin/tsc');
        const strict = ['--strict', '--module', 'nodenext', '--target', 'es2023'];
        return consumer
          .run('node', [tsc, ...strict, ...flags, ...files])
          .then(() => '')
          .catch((error: { stdout: string }) => error.stdout);
      }

      it('type-checks in the apps of others, declarations of the libraries included', async () => {
        const [example] = codeBlocks(await read('README.md'));
        await consumer.write('readme.ts', example as string);
        const files = ['readme.ts'];
        for (const name of ['play', ...Object.keys(CONSUMERS)]) {
          const source = await readFile(join(consumers, `${name}.ts`), 'utf8');
          await consumer.write(`${name}.ts`, source);
          // The same by require(): what TypeScript makes of `import` in a CommonJS module.
          await consumer.write(`${name}.cts`, source.replace("'./play.js'", "'./play.cjs'"));
          files.push(`${name}.ts`, `${name}.cts`);
        }
        expect(await compile('typescript', files)).to.equal('');
      });

      it('lets a library export its models and routers, declarations written out', async () => {
        await copyFile(join(consumers, 'exported.ts'), join(consumer.folder, 'exported.ts'));
        for (const compiler of ['typescript', 'typescript-5'] as const) {
          const flags = ['--declaration', '--skipLibCheck', '--outDir', `built-by-${compiler}`];
          expect(await compile(compiler, ['exported.ts'], flags), compiler).to.equal('');
        }
      });

      // Programs of their own: what one declares of `Express.User` is a whole program's. Mongoose 8 infers less.
      for (const { what, files, unchecked } of which === 'the newest' ? TYPED : []) {
        for (const compiler of ['typescript', 'typescript-5'] as const) {
          it(`types ${what} (${compiler}), and refuses what must not compile`, async () => {
            for (const file of files)
              await copyFile(join(consumers, 'types', file), join(consumer.folder, file));
            const flags =
              compiler === 'typescript-5'
                ? ['--skipLibCheck']
                : ['--exactOptionalPropertyTypes', ...(unchecked ? [] : ['--noUncheckedIndexedAccess'])];
            expect(await compile(compiler, files, ['--noEmit', ...flags])).to.equal('');
          });
        }
      }

      for (const compiler of ['typescript', 'typescript-5'] as const) {
        it(`types the client in a page, where there is nothing of Node.js (${compiler})`, async () => {
          await copyFile(join(consumers, 'types', 'page.ts'), join(consumer.folder, 'page.ts'));
          const flags = ['--noEmit', '--lib', 'es2022,dom,dom.iterable', '--typeRoots', 'none'];
          expect(await compile(compiler, ['page.ts'], flags)).to.equal('');
        });
      }

      it('brings the command line', async () => {
        const key = await consumer.run('npx', ['--no', 'express-auth-kit', 'secret']);
        expect(checkSigningKey('secretKey', key.trimEnd(), 'HS256')).to.match(/^[\w+/]{43}=$/);
        const env = { MONGODB_URI: '' };
        const failure = await consumer
          .run('npx', ['--no', 'express-auth-kit', 'user', 'list'], env)
          .catch(({ code, stderr }: { code: number; stderr: string }) => ({ code, stderr }));
        expect(failure).to.have.property('code', 2);
        await withDatabase(async (env) => {
          const args = [
            '--no',
            'express-auth-kit',
            'user',
            'create',
            'ada@example.com',
            '--no-password',
            '--json',
          ];
          expect(JSON.parse(await consumer.run('npx', args, env))).to.include({ email: 'ada@example.com' });
        });
      });

      // Beside the oldest it is there: an optional peer is one.
      if (which === 'the newest') {
        it('needs its optional package for Argon2 alone, and says so at the start', async () => {
          const script = `
          import { argon2id, django } from 'express-auth-kit/verifiers';
          django();
          argon2id();
        `;
          const failed = await consumer
            .run('node', ['--input-type=module', '--eval', script])
            .catch(({ stderr }: { stderr: string }) => stderr);
          expect(failed).to.include('TypeError: argon2id: install the package @node-rs/argon2');
        });
      }

      it('says which fields there are to who misspells one', async () => {
        await consumer.write(
          'misspelt.ts',
          `import { BaseUser, createAuthRouter } from 'express-auth-kit';
           import { Schema } from 'mongoose';
           const User = BaseUser.discriminator('User', new Schema({ company: String, phone: String }));
           createAuthRouter({ User, registerFields: ['phnoe'] });
           createAuthRouter({ User }).service.createUser({ email: '', password: '', phnoe: '' });`,
        );
        const errors = await compile('typescript', ['misspelt.ts'], ['--noEmit', '--skipLibCheck']);
        expect(errors).to.include(`Type '"phnoe"' is not assignable to type '"company" | "phone"'.`);
        expect(errors).to.include(
          `'phnoe' does not exist in type 'CreateUserInput & { company?: string | null | undefined; phone?: string | null | undefined; }`,
        );
        expect(errors).to.include(`Did you mean to write 'phone'?`);
      });

      for (const [extension, how] of [
        ['js', 'import'],
        ['cjs', 'require()'],
      ] as const) {
        it(`runs in apps that use it by ${how}: discriminator, plugin, and neither`, async () => {
          for (const [name, expected] of Object.entries(CONSUMERS)) {
            const answers = await withDatabase((env) => consumer.run('node', [`${name}.${extension}`], env));
            expect(JSON.parse(answers), name).to.deep.equal({
              stored: 'ada@example.com',
              protected: { user: 'ada@example.com' },
              typed: expected,
              withoutToken: 401,
            });
          }
        });
      }
    });
  }

  describe('in a project of JavaScript, tested by Jest', () => {
    let consumer: Consumer;
    let source: string;

    before(async () => {
      consumer = await createConsumer([tarball, JEST]);
      source = await readFile(join(consumers, 'jest.mjs'), 'utf8');
    });
    after(() => consumer.remove());

    it('brings no types', () => {
      for (const name of ['express', 'passport']) {
        expect(existsSync(join(consumer.folder, 'node_modules/@types', name)), name).to.equal(false);
      }
    });

    it('runs by import, without a configuration', async () => {
      await consumer.write('app.test.mjs', source);
      await withDatabase((env) => {
        const flags = { ...env, NODE_OPTIONS: '--experimental-vm-modules' };
        return consumer.run('npx', ['jest', '--config', '{}', 'app.test.mjs'], flags);
      });
    });
  });
});

/** The peers that the project itself runs on, less the one that only Argon2 needs. */
async function newestPeers(): Promise<string[]> {
  const { peerDependencies } = JSON.parse(await read('package.json'));
  const needed = Object.keys(peerDependencies).filter((name) => name !== '@node-rs/argon2');
  return Promise.all(needed.map(installed));
}

async function installed(name: string): Promise<string> {
  const { version } = JSON.parse(await read(`node_modules/${name}/package.json`));
  return `${name}@${version}`;
}

/** Runs something in an environment that names a database and a key. */
async function withDatabase<Result>(use: (env: NodeJS.ProcessEnv) => Promise<Result>): Promise<Result> {
  const database = await createTestDatabase();
  try {
    return await use({ MONGODB_URI: database.uri, AUTH_SECRET_KEY: randomUUID() });
  } finally {
    await database.drop();
  }
}
