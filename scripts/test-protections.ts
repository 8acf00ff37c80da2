import { cp, mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startLocalMongo } from './local-mongo.js';
import { PROTECTIONS } from './protections/index.js';
import { type Protection, takeOut } from './protections/protection.js';
import { type Outcome, runSpecs } from './protections/run-specs.js';
import { readSecurityList } from './protections/security-list.js';

/**
 * Takes each protection out of a copy of the project, one at a time, and looks whether a spec fails:
 * `npm run test:protections`. With words, those whose names have one of them, or whose numbers are one; `--resume` leaves out
 * those that a former run has found killed, `--jobs 1` runs one at a time.
 */
const root = join(import.meta.dirname, '..');
const temporary = join(root, '.tmp', 'protections');
const resultsFile = join(temporary, 'results.json');

const COPIED = [
  ...['lib', 'spec', 'scripts', 'docs', 'example-app', 'README.md', 'SECURITY.md', 'CHANGELOG.md'],
  ...['package.json', 'tsconfig.json', '.mocharc.json', '.env.example'],
];

const { values, positionals } = parseArgs({
  options: { resume: { type: 'boolean' }, jobs: { type: 'string', default: '2' } },
  allowPositionals: true,
});

await mkdir(temporary, { recursive: true });
const former = JSON.parse(await readFile(resultsFile, 'utf8').catch(() => '{}')) as Record<string, Outcome>;
const results: Record<string, Outcome> = values.resume ? former : {};
const lines = readSecurityList(await readFile(join(root, 'docs/security.md'), 'utf8'));
const chosen = PROTECTIONS.filter(isChosen);
const todo = chosen.filter(({ name }) => results[name]?.state !== 'failed');

const mongo = await startLocalMongo();
const start = performance.now();
try {
  const jobs = Array.from({ length: Number(values.jobs) }, (_, index) =>
    work(join(temporary, String(index))),
  );
  await Promise.all(jobs);
} finally {
  await mongo.stop();
}
process.exitCode = report() ? 0 : 1;

function isChosen({ name, holds }: Protection): boolean {
  return (
    positionals.length === 0 ||
    positionals.some((word) => (/^\d+$/.test(word) ? holds.includes(Number(word)) : name.includes(word)))
  );
}

/** Takes one after another, in a copy of its own. */
async function work(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  for (const name of COPIED) await cp(join(root, name), join(folder, name), { recursive: true });
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'));
  for (let next = todo.shift(); next; next = todo.shift()) {
    const outcome = await tryWithout(next, folder);
    results[next.name] = outcome;
    await writeFile(resultsFile, JSON.stringify(results, null, 2));
    console.log(rowOf(next, outcome));
  }
}

async function tryWithout({ holds, cuts, specs }: Protection, folder: string): Promise<Outcome> {
  const sources = new Map<string, string>();
  try {
    for (const cut of cuts) {
      const file = join('lib', cut.file);
      const source = sources.get(file) ?? (await readFile(join(root, file), 'utf8'));
      sources.set(file, takeOut(source, cut));
    }
  } catch (error) {
    return { state: 'broken', message: (error as Error).message };
  }
  for (const [file, source] of sources) await writeFile(join(folder, file), source);
  // What belongs to no line is found by any of its specs.
  const grep = holds.length > 0 ? `hold.*\\b(${holds.join('|')})\\b` : '';
  const outcome = await runSpecs({ folder, specs: specs ?? specsOf(holds), grep, mongoUri: mongo.uri });
  for (const file of sources.keys()) await cp(join(root, file), join(folder, file));
  return outcome;
}

/** What docs/security.md names, but for what takes minutes. */
function specsOf(holds: readonly number[]): string[] {
  const files = lines
    .filter(({ numbers }) => numbers.some((number) => holds.includes(number)))
    .flatMap((line) => line.files.map(({ file }) => file));
  return [...new Set(files)].filter((file) => file.endsWith('.spec.ts') && !file.startsWith('faults/'));
}

function rowOf({ name, holds, survives }: Protection, outcome: Outcome): string {
  const number = holds.join(', ').padEnd(8);
  if (outcome.state === 'failed')
    return `${number}${name}\n        killed by: ${outcome.title}\n        ${outcome.message}`;
  if (outcome.state === 'broken') return `${number}${name}\n        BROKEN: ${outcome.message}`;
  const why = survives ? `survives: ${survives}` : `SURVIVED ${outcome.count} specs`;
  return `${number}${name}\n        ${why}`;
}

/** @returns whether all were killed, or are explained */
function report(): boolean {
  const seconds = Math.round((performance.now() - start) / 1000);
  const of = (state: Outcome['state']) => chosen.filter(({ name }) => results[name]?.state === state);
  const unexplained = of('passed').filter(({ survives }) => !survives);
  const failed = [...unexplained, ...of('broken')];
  console.log(
    `\n${chosen.length} protections: ${of('failed').length} killed, ${of('passed').length - unexplained.length} ` +
      `explained, ${unexplained.length} survived, ${of('broken').length} broken; ${seconds} s`,
  );
  for (const { name } of failed) console.log(`- ${name}`);
  return failed.length === 0;
}
