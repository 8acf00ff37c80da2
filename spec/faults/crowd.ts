import { expect } from 'chai';
import type { AppProcess } from '../support/app-process.js';
import { type Operation, operations } from './operations.js';
import type { Person } from './people.js';
import { expectDoneOrUnavailable, type Timed, timed } from './unavailable.js';

/** Somebody who is about to do something. */
export interface Member {
  what: string;
  operation: Operation;
  person: Person;
}

/**
 * Somebody for each operation.
 *
 * @param app asked before and after
 * @param each how many for each
 */
export async function gather(app: AppProcess, each = 1): Promise<Member[]> {
  const all = Object.entries(operations(() => app));
  const crowd = Array.from({ length: each }, () => all).flat();
  return Promise.all(
    crowd.map(async ([what, operation]) => ({ what, operation, person: await operation.prepare() })),
  );
}

/**
 * Lets all do it at once: each is told that it is done, or 503.
 *
 * @param apps asked in turn
 * @param within milliseconds
 */
export async function runAll(
  crowd: readonly Member[],
  apps: readonly AppProcess[],
  within?: number,
): Promise<Timed[]> {
  const results = await Promise.all(
    crowd.map(({ operation, person }, index) =>
      timed(() => operation.run(apps[index % apps.length] as AppProcess, person)),
    ),
  );
  for (const [index, { what, operation }] of crowd.entries()) {
    expectDoneOrUnavailable(what, operation.repeated[0] as number, results[index] as Timed, within);
  }
  return results;
}

/**
 * Nothing is half done: it is as before or as after, what was acknowledged is as after, and whoever repeats it gets there.
 *
 * @returns what was left of each operation
 */
export async function expectWhole(
  crowd: readonly Member[],
  results: readonly Timed[],
  app: AppProcess,
): Promise<Record<string, string>> {
  const left = await Promise.all(
    crowd.map(async ({ what, operation: { run, repeated, stateOf }, person }, index) => {
      const state = await stateOf(person);
      if (results[index]?.answer.status !== 503) expect(state, what).to.equal('after');
      expect((await app.insist(() => run(app, person))).status, what).to.be.oneOf(repeated);
      expect(await stateOf(person), what).to.equal('after');
      return [what, state];
    }),
  );
  return Object.fromEntries(left);
}

/** How many were told so, how many 503, and how long the last one took: for whoever reads the output. */
export function summaryOf(results: readonly Timed[]): string {
  const refused = results.filter(({ answer }) => answer.status === 503).length;
  const slowest = Math.max(...results.map(({ ms }) => ms));
  return `${results.length - refused} done, ${refused} told 503, the slowest after ${slowest} ms`;
}
