import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../..', import.meta.url));

/** The project of somebody who installed the kit. */
export interface Consumer {
  folder: string;
  /** Runs a command in it. @returns what it printed; what it fails with has `stdout` and `stderr` */
  run(command: string, args: readonly string[], env?: NodeJS.ProcessEnv): Promise<string>;
  write(file: string, text: string): Promise<void>;
  remove(): Promise<void>;
}

/**
 * Makes a project and installs packages in it.
 *
 * @param packages the kit's tarball among them
 */
export async function createConsumer(packages: readonly string[]): Promise<Consumer> {
  const folder = await mkdtemp(join(tmpdir(), 'express-auth-kit-consumer-'));
  const consumer: Consumer = {
    folder,
    async run(command, args, env = {}) {
      return (await run(command, args, { cwd: folder, env: { ...process.env, ...env } })).stdout;
    },
    write: (file, text) => writeFile(join(folder, file), text),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
  await consumer.write('package.json', JSON.stringify({ name: 'consumer', type: 'module', private: true }));
  await consumer.run('npm', ['install', '--prefer-offline', ...packages]);
  return consumer;
}

/** Packs the kit as `npm publish` does. @returns the tarball, and the paths of the files in it */
export async function packKit(folder: string): Promise<{ tarball: string; files: string[] }> {
  const { stdout } = await run('npm', ['pack', '--json', '--pack-destination', folder], { cwd: root });
  // npm prints the output of the build before its own.
  const [report] = JSON.parse(stdout.slice(stdout.indexOf('[\n')));
  return {
    tarball: join(folder, report.filename),
    files: report.files.map(({ path }: { path: string }) => path),
  };
}
