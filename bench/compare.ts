import type { Request } from './load.js';
import { median } from './statistics.js';
import { ms, type Table } from './table.js';

/** How much the medians may differ: more would tell something. */
export const ALLOWED = 0.1;

/** Does what must not be told apart, once. @returns what is timed of it, in milliseconds, by its name */
export type Attempt<Timed extends string> = () => Promise<Record<Timed, number>>;

/**
 * Times what must not be told apart, interleaved.
 *
 * @param attempts by name
 * @param before awaited before each, outside the time
 * @returns for each thing that is timed a table of medians, and the largest difference among them: 0.1 is 10 %
 */
export async function compareTimes<Timed extends string>(
  titles: Record<Timed, string>,
  attempts: Record<string, Attempt<Timed>>,
  { rounds, before }: { rounds: number; before?: () => Promise<unknown> },
): Promise<Record<Timed, { table: Table; spread: number }>> {
  const seen = Object.keys(attempts).map((name) => [name, [] as Record<Timed, number>[]] as const);
  const times = new Map(seen);
  for (let round = 0; round < rounds; round += 1) {
    // Nobody always comes after the same one.
    const shuffled = Object.entries(attempts).sort(() => Math.random() - 0.5);
    for (const [name, attempt] of shuffled) {
      await before?.();
      times.get(name)?.push(await attempt());
    }
  }
  const outcome = (timed: Timed) => {
    const medians = seen.map(([name, all]) => [name, median(all.map((each) => each[timed]))] as const);
    const values = medians.map(([, value]) => value);
    const spread = Math.max(...values) / Math.min(...values) - 1;
    const rows = medians.map(([name, value]) => [name, ms(value)]);
    const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
    const notes = [`Largest difference: ${percent(spread)} (allowed: ${percent(ALLOWED)}).`];
    const title = `${titles[timed]} (medians of ${rounds} each, interleaved)`;
    return { table: { title, columns: ['who', 'median'], rows, notes }, spread };
  };
  const all = (Object.keys(titles) as Timed[]).map((timed) => [timed, outcome(timed)]);
  return Object.fromEntries(all);
}

/** @returns how long the answer took, in milliseconds */
export async function timeOf(
  url: string,
  { method, path, headers, body }: Request,
  status: number,
): Promise<number> {
  const start = performance.now();
  const response = await fetch(url + path, { method, ...(headers && { headers }), ...(body && { body }) });
  await response.text();
  const time = performance.now() - start;
  if (response.status !== status) throw new Error(`${path} answered ${response.status}`);
  return time;
}
