/** A spec of a page, as the process hears of it. */
export interface PageTest {
  /** Its place among them all. */
  place: number;
  title: string;
  isPending: boolean;
}

export interface PageSuite {
  title: string;
  tests: PageTest[];
  suites: PageSuite[];
}

/** What became of one. */
export interface PageResult {
  place: number;
  state: 'passed' | 'failed' | 'pending';
  error?: PageError;
}

export interface PageError {
  name: string;
  message: string;
  stack: string;
  actual?: string;
  expected?: string;
}

/** What a page calls in the process. */
interface Told {
  tellResult(result: PageResult): Promise<void>;
  /** That there is nothing more to come, and what went wrong beside the tests. */
  tellEnd(errors: PageError[]): Promise<void>;
}

type PageMocha = Mocha & { setup(options: Mocha.MochaOptions): PageMocha };

/** Set by the script of mocha's for browsers. */
const page = globalThis as unknown as Told & { mocha: PageMocha };

page.mocha.setup({
  ui: 'bdd',
  timeout: 15_000,
  // The process reports.
  reporter: function silent() {} as unknown as Mocha.ReporterConstructor,
});

const places = new Map<Mocha.Runnable, number>();

/** @param nodeAlone the full titles of those that are not to run here */
export function list(nodeAlone: readonly string[]): PageSuite {
  const describe = (suite: Mocha.Suite): PageSuite => ({
    title: suite.title,
    tests: suite.tests.map((test) => {
      places.set(test, places.size);
      test.pending ||= nodeAlone.includes(test.fullTitle());
      return { place: places.size - 1, title: test.title, isPending: test.pending };
    }),
    suites: suite.suites.map(describe),
  });
  return describe(page.mocha.suite);
}

export function run(): void {
  const beside: PageError[] = [];
  const tell = (test: Mocha.Runnable, state: PageResult['state'], error?: PageError) =>
    page.tellResult({ place: places.get(test) as number, state, error });
  page.mocha
    .run(() => page.tellEnd(beside))
    .on('pass', (test) => tell(test, 'passed'))
    .on('pending', (test) => tell(test, 'pending'))
    .on('fail', (test, error) => {
      if (places.has(test)) tell(test, 'failed', plain(error));
      else
        beside.push(
          plain({ ...error, message: `${test.fullTitle()}: ${error.message}`, stack: error.stack }),
        );
    });
}

function plain({ name, message, stack, actual, expected }: Partial<PageError>): PageError {
  const text = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value, null, 2));
  return {
    name: name ?? 'Error',
    message: message ?? '',
    stack: stack ?? '',
    actual: text(actual),
    expected: text(expected),
  };
}
