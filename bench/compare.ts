import { printTable } from './table.js';

/** How much the medians may differ: more would tell something. */
const ALLOWED = 0.1;

export interface Attempt {
  /** Of the answer; another one is a fault of the benchmark. */
  status: number;
  body: object;
}

/**
 * Times requests that must not be told apart, interleaved, and prints the medians.
 *
 * @param before awaited before each request, outside the time
 */
export async function compareTimes(
  title: string,
  url: string,
  attempts: Record<string, Attempt>,
  { rounds, before }: { rounds: number; before?: () => Promise<unknown> },
): Promise<void> {
  const times = new Map<string, number[]>(Object.keys(attempts).map((name) => [name, []]));
  for (let round = 0; round < rounds; round += 1) {
    // Nobody always comes after the same one.
    const shuffled = Object.entries(attempts).sort(() => Math.random() - 0.5);
    for (const [name, attempt] of shuffled) {
      await before?.();
      times.get(name)?.push(await timeOf(url, attempt));
    }
  }
  const rows = [...times].map(([what, values]) => ({ what, value: median(values), unit: 'ms (median)' }));
  const values = rows.map(({ value }) => value);
  const spread = Math.max(...values) / Math.min(...values) - 1;
  const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
  printTable(
    `${title} (${rounds} of each, interleaved)`,
    rows,
    `Largest difference of the medians: ${percent(spread)} (allowed: ${percent(ALLOWED)})`,
  );
}

async function timeOf(url: string, { status, body }: Attempt): Promise<number> {
  const headers = { 'content-type': 'application/json' };
  const start = performance.now();
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
  await response.text();
  const ms = performance.now() - start;
  if (response.status !== status) throw new Error(`${url} answered ${response.status}`);
  return ms;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] as number;
}
