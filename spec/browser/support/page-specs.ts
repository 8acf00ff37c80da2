import { SourceMap } from 'node:module';
import Mocha from 'mocha';
import type { Page } from 'playwright-core';
import type { PageError, PageResult, PageSuite } from '../page/mocha-in-page.js';

type Outcome = Omit<PageResult, 'place'>;

/**
 * Runs the specs of a page, and makes each one of this process, which ends as it does there.
 *
 * @param into the suite they become part of
 * @param page with the script of `mocha-in-page.ts`, as `specs`
 * @param nodeAlone why some are not to run there, by full title
 * @param map of that script
 * @returns how many suites the page has, and which specs of it do not run there
 */
export async function adoptSpecs(
  into: Mocha.Suite,
  page: Page,
  nodeAlone: Readonly<Record<string, string>>,
  map: string,
): Promise<{ suites: number; left: string[] }> {
  const outcomes = await followRun(page);
  const left: string[] = [];
  const titles = Object.keys(nodeAlone);
  const root = await page.evaluate<PageSuite>(`specs.list(${JSON.stringify(titles)})`);
  const adopt = (from: PageSuite, suite: Mocha.Suite) => {
    // A test may have to wait for a hook of the page's, too.
    suite.timeout(40_000);
    for (const { place, title, isPending } of from.tests) {
      const fullTitle = `${suite.fullTitle().slice(into.fullTitle().length + 1)} ${title}`;
      const reason = nodeAlone[fullTitle];
      if (reason) left.push(fullTitle);
      const run = async function (this: Mocha.Context) {
        const { state, error } = await outcomes.of(place);
        if (state === 'pending') this.skip();
        if (error) throw revive(error, map);
      };
      suite.addTest(
        new Mocha.Test(reason ? `${title} (in Node alone: ${reason})` : title, isPending ? undefined : run),
      );
    }
    for (const each of from.suites) adopt(each, Mocha.Suite.create(suite, each.title));
  };
  for (const each of root.suites) adopt(each, Mocha.Suite.create(into, each.title));
  await page.evaluate('specs.run()');
  return { suites: root.suites.length, left };
}

async function followRun(page: Page): Promise<{ of(place: number): Promise<Outcome> }> {
  const told = new Map<number, (outcome: Outcome) => void>();
  const known = new Map<number, Outcome>();
  let end: Outcome | undefined;
  const finish = (error: PageError) => {
    end ??= { state: 'failed', error };
    for (const tell of told.values()) tell(end);
  };
  const broken = (message: string) => finish({ name: 'Error', message, stack: message });
  await page.exposeFunction('tellResult', ({ place, ...outcome }: PageResult) => {
    known.set(place, outcome);
    told.get(place)?.(outcome);
  });
  await page.exposeFunction('tellEnd', ([error]: PageError[]) =>
    error ? finish(error) : broken('the page did not run it'),
  );
  page.on('crash', () => broken('the page has crashed'));
  page.on('close', () => broken('the page was closed'));
  return {
    of: async (place) =>
      known.get(place) ?? end ?? new Promise<Outcome>((resolve) => told.set(place, resolve)),
  };
}

function revive({ stack, ...parts }: PageError, map: string): Error {
  const sources = new SourceMap(JSON.parse(map));
  const lines = stack.replace(/[^\s()]*specs\.js:(\d+):(\d+)/g, (place, line, column) => {
    const entry = sources.findEntry(Number(line) - 1, Number(column) - 1);
    return 'originalSource' in entry
      ? `${entry.originalSource}:${entry.originalLine + 1}:${entry.originalColumn + 1}`
      : place;
  });
  return Object.assign(new Error(parts.message), parts, {
    stack: lines,
    showDiff: parts.actual !== parts.expected,
  });
}
