import { spawn } from 'node:child_process';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** What came of a run of specs. */
export type Outcome =
  | { state: 'passed'; count: number }
  | { state: 'failed'; title: string; message: string }
  /** No spec ran, a hook failed, or it took too long: nothing is known. */
  | { state: 'broken'; message: string };

interface Run {
  /** The copy of the project. */
  folder: string;
  /** Below `spec/`. */
  specs: readonly string[];
  /** Of their titles. */
  grep: string;
  mongoUri: string;
}

/** In milliseconds. */
const TIME_LIMIT = 600_000;

interface Report {
  stats: { tests: number };
  failures: { fullTitle: string; err: { message?: string } }[];
}

/** Runs specs until the first one fails. */
export async function runSpecs({ folder, specs, grep, mongoUri }: Run): Promise<Outcome> {
  const file = join(folder, 'report.json');
  await rm(file, { force: true });
  const args = ['--no-parallel', '--bail', '--exit', '--timeout', '60000', '--grep', grep];
  const report = ['--reporter', 'json', '--reporter-option', `output=${file}`];
  const files = specs.map((spec) => join('spec', spec));
  const { output, isLate } = await run(
    'node_modules/mocha/bin/mocha.js',
    [...args, ...report, ...files],
    folder,
    mongoUri,
  );
  if (isLate) return { state: 'broken', message: `not done in ${TIME_LIMIT} ms` };
  const text = await readFile(file, 'utf8').catch(() => undefined);
  if (text === undefined) return { state: 'broken', message: output.slice(-2000) };
  const { stats, failures } = JSON.parse(text) as Report;
  const [failure] = failures;
  if (!failure)
    return stats.tests > 0
      ? { state: 'passed', count: stats.tests }
      : { state: 'broken', message: `no spec has a title with ${grep}` };
  const { fullTitle: title, err } = failure;
  const message = (err.message ?? '').split('\n')[0] as string;
  const isHook = /"(before|after)( all| each)?" hook/.test(title);
  return isHook ? { state: 'broken', message: `${title}: ${message}` } : { state: 'failed', title, message };
}

function run(
  script: string,
  args: readonly string[],
  folder: string,
  mongoUri: string,
): Promise<{ output: string; isLate: boolean }> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [script, ...args], {
      cwd: folder,
      env: { ...process.env, MONGODB_URI: mongoUri },
    });
    let output = '';
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      child.kill('SIGKILL');
    }, TIME_LIMIT);
    child.stdout.on('data', (chunk) => {
      output += chunk;
    });
    child.stderr.on('data', (chunk) => {
      output += chunk;
    });
    child.on('close', () => {
      clearTimeout(timer);
      resolve({ output, isLate });
    });
  });
}
