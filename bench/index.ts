import { goalsTable } from './goals.js';
import { openLab } from './lab.js';
import { writeReport } from './report.js';
import type { Result, Section } from './section.js';
import { flood } from './sections/flood.js';
import { guards } from './sections/guards.js';
import { login } from './sections/login.js';
import { sameness } from './sections/sameness.js';
import { scale } from './sections/scale.js';
import { start } from './sections/start.js';
import { webMode } from './sections/web-mode.js';
import { markdown } from './table.js';

const SECTIONS: readonly Section[] = [guards, webMode, login, flood, scale, start, sameness];

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !SECTIONS.some((section) => section.name === name));
if (unknown.length > 0) {
  console.error(`no section ${unknown.join(', ')}; there are ${SECTIONS.map(({ name }) => name).join(', ')}`);
  process.exit(2);
}
const sections = SECTIONS.filter(({ name }) => asked.length === 0 || asked.includes(name));

const lab = await openLab();
let closing: Promise<void> | undefined;
const close = () => {
  closing ??= lab.close();
  return closing;
};
const breakOff = async (why: string, code: number) => {
  console.error(why);
  await close().finally(() => process.exit(code));
};
process.once('SIGINT', () => breakOff('broken off', 130));
process.once('SIGTERM', () => breakOff('broken off', 143));
// A section may take what another has left, and all together a fifth more, on a slow machine.
const budget = 1.2 * sections.reduce((sum, section) => sum + section.budget, 0);
const deadline = setTimeout(
  () => breakOff(`not done in ${budget} s: is the machine at rest?`, 1),
  budget * 1000,
);

try {
  const results = new Map<Section, Result>();
  for (const section of sections) {
    console.log(`\n## ${section.title}\n`);
    const begun = performance.now();
    const result = await section.run(lab);
    const seconds = (performance.now() - begun) / 1000;
    console.log(result.tables.map(markdown).join('\n'));
    console.log(`(${section.name}: ${seconds.toFixed(0)} s, budget ${section.budget} s)`);
    results.set(section, result);
  }
  console.log(`\n${markdown(goalsTable([...results.values()]))}`);
  if (sections.length === SECTIONS.length) await writeReport(results, lab.mongodVersion);
} catch (error) {
  if (!closing) throw error;
} finally {
  clearTimeout(deadline);
  await close();
}
