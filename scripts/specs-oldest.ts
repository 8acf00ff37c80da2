import { spawnSync } from 'node:child_process';
import { cp, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { oldestPeers } from './oldest-peers.js';

/**
 * Runs types and specs on the oldest version of each peer dependency, in a copy of the project with a node_modules of its own:
 * `npm run specs:oldest`, or `npm run specs:oldest spec/http/*.spec.ts` for some of them.
 */
const root = join(import.meta.dirname, '..');
const copy = join(root, '.tmp', 'oldest');

const COPIED = [
  'lib',
  'spec',
  'scripts',
  'docs',
  // To be read: its specs are left out.
  'example-app',
  'README.md',
  'SECURITY.md',
  'package.json',
  'package-lock.json',
  '.npmrc',
  '.mocharc.json',
  '.env.example',
];

/** What is not run here, and why. */
const LEFT_OUT = {
  'spec/browser/**': 'they are about the example app and the client, which has its other specs here',
  'spec/chaos/**': 'it is about the database, and takes minutes',
  'spec/example-app/**': 'the example app is written for express 5',
  'spec/faults/**': 'they are about the database, and take minutes',
  'spec/scripts/**': 'they are about starting a mongod',
  'spec/package.spec.ts': 'it makes consumers with these versions itself, of the package as it is published',
};

await rm(copy, { recursive: true, force: true });
await mkdir(copy, { recursive: true });
for (const name of COPIED) await cp(join(root, name), join(copy, name), { recursive: true });
const tsconfig = {
  extends: '../../tsconfig.json',
  include: ['lib', 'spec', 'scripts'],
  exclude: ['spec/support/consumers', 'spec/browser', 'spec/example-app'],
};
await writeFile(join(copy, 'tsconfig.json'), JSON.stringify(tsconfig));

const peers = await oldestPeers();
console.log(`On ${peers.join(', ')}`);
// Into its package.json, where they take the place of the newest; all else is as the lock has it.
run('npm', ['install', '--save-dev', '--save-exact', '--prefer-offline', ...peers]);
run('npx', ['tsc', '--noEmit']);
const ignored = Object.keys(LEFT_OUT).flatMap((pattern) => ['--ignore', pattern]);
const specs = process.argv.slice(2);
run('npx', ['mocha', ...ignored, ...(specs.length > 0 ? specs : ['spec/**/*.spec.ts'])]);

function run(command: string, args: readonly string[]): void {
  const { status } = spawnSync(command, args, { cwd: copy, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}
