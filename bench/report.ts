import { writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { goalsTable } from './goals.js';
import { installedVersion } from './packages.js';
import type { Result, Section } from './section.js';
import { markdown } from './table.js';

const FILE = fileURLToPath(new URL('../docs/benchmarks.md', import.meta.url));

const PACKAGES = [
  ...['express', 'mongoose', 'passport', 'passport-jwt', 'passport-local', 'jsonwebtoken', 'bcrypt'],
  ...['express-jwt', 'better-auth', '@auth/express', 'autocannon'],
];

const HOW = `What the kit costs, beside what else one could take. \`npm run bench\` measures it and writes this page, in about thirteen minutes, and gives up after seventeen:
each server in a process of its own with \`NODE_ENV=production\`, a real mongod in another, all on one machine; each server is warmed up,
then all are driven in turn, several rounds; a figure is the median of the rounds, a p99 that of all rounds together. The clients run on the
same machine: look at the ratios within one table, not at the figures of two runs. What stands below is one run, as it came out, also
where another does better.`;

/** Writes the document of a whole run. */
export async function writeReport(
  results: ReadonlyMap<Section, Result>,
  mongodVersion: string,
): Promise<void> {
  const sections = [...results].flatMap(([{ title }, { tables }]) => [
    `## ${title}`,
    '',
    ...tables.map(markdown),
  ]);
  const goals = markdown(goalsTable([...results.values()]));
  const text = ['# Benchmarks', '', HOW, '', where(mongodVersion), '', goals, ...sections].join('\n');
  await writeFile(FILE, `${text.replace(/\n{3,}/g, '\n\n').trimEnd()}\n`);
  console.log(`written: ${FILE}`);
}

function where(mongodVersion: string): string {
  const processors = cpus();
  const [model] = processors.map((cpu) => cpu.model);
  return [
    `Measured on ${new Date().toISOString().slice(0, 10)}, on ${processors.length} cores (${model?.trim() || 'of unknown model'}), with`,
    `Node.js ${process.versions.node}, MongoDB ${mongodVersion},`,
    `${PACKAGES.map((name) => `${name} ${installedVersion(name)}`).join(', ')}.`,
  ].join(' ');
}
