import autocannon from 'autocannon';
import type { Served } from './lab.js';
import { cookies, type Load, type Request } from './load.js';
import { median, percentile } from './statistics.js';

/** A row of a comparison: one kind of request to one server. */
export interface Line {
  what: string;
  served: Served;
  /** The name of the server's load, or one of one's own. */
  load: string | Load;
  /** So many requests a round in place of so many seconds: for what is slow. A multiple of the connections. */
  amount?: number;
}

/** The medians of all rounds. */
export interface Measured {
  perSecond: number;
  /** In milliseconds. */
  median: number;
  /** In milliseconds, over all rounds together. */
  p99: number;
}

interface Turns {
  connections: number;
  rounds: number;
  /** Of each line, each round. */
  seconds: number;
  /** In seconds; 0 for servers that are warm. */
  warmUp: number;
}

/**
 * Drives the lines in turn, A B C A B C ..., so that what the machine does besides meets all of them.
 *
 * @returns by `what`
 * @throws Error when an answer has another status than the load says
 */
export async function driveInTurn<What extends string>(
  lines: readonly (Line & { what: What })[],
  { connections, rounds, seconds, warmUp }: Turns,
): Promise<Record<What, Measured>> {
  if (warmUp > 0) {
    for (const line of lines)
      await drive(line, { connections, seconds: warmUp, amount: line.amount && connections });
  }
  const samples = new Map(lines.map(({ what }) => [what, [] as Sample[]]));
  for (let round = 0; round < rounds; round += 1) {
    for (const line of lines) {
      samples.get(line.what)?.push(await drive(line, { connections, seconds, amount: line.amount }));
    }
  }
  const measured = [...samples].map(([what, of]) => [what, summary(of)] as const);
  return Object.fromEntries(measured) as Record<What, Measured>;
}

/** One go. */
interface Sample {
  perSecond: number;
  /** In milliseconds. */
  times: number[];
}

function summary(samples: readonly Sample[]): Measured {
  const times = samples.flatMap((sample) => sample.times);
  return {
    perSecond: median(samples.map(({ perSecond }) => perSecond)),
    median: median(times),
    p99: percentile(times, 99),
  };
}

interface Go {
  connections: number;
  seconds: number;
  amount?: number | undefined;
}

/** The times are taken here: autocannon's own are whole milliseconds. */
export async function drive({ what, served, load: given }: Line, go: Go): Promise<Sample> {
  const load = typeof given === 'string' ? await served.load(given) : given;
  const wrong = new Map<string, number>();
  const count = (fault: string) => wrong.set(fault, (wrong.get(fault) ?? 0) + 1);
  const times: number[] = [];
  let connection = 0;
  let first = 0;
  let end = 0;
  const { connections, seconds, amount } = go;
  const start = performance.now();
  await new Promise<void>((resolve, reject) => {
    const options: autocannon.Options = {
      url: served.url,
      connections,
      ...(amount ? { amount } : { duration: seconds }),
      // How often it looks whether it is done.
      sampleInt: 50,
      setupClient: (client) => client.setRequests(requestsOf(load, connection++, connections)),
    };
    const run = autocannon(options, (error) => (error ? reject(error) : resolve()));
    run.on('response', (_client, status, _bytes, time) => {
      end = performance.now();
      first ||= end;
      times.push(time);
      if (status !== load.status) count(`status ${status}`);
    });
    run.on('reqError', (error: Error) => count(error.message));
  });
  if (wrong.size > 0 || times.length === 0) {
    const faults = [...wrong].map(([fault, of]) => `${of} x ${fault}`).join(', ');
    throw new Error(`${what}: of ${times.length} answers, expected ${load.status}: ${faults || 'none came'}`);
  }
  // A fixed amount is too small to lose its first answers; else what it takes to connect is no part of the rate.
  const perMs = amount ? times.length / (end - start) : (times.length - 1) / (end - first);
  return { perSecond: perMs * 1000, times };
}

/** Every connection has its own share. */
function requestsOf(
  { requests, carries, keeps }: Load,
  connection: number,
  connections: number,
): autocannon.Request[] {
  const share = requests.filter((_, index) => index % connections === connection);
  if (share.length === 0) throw new Error(`${requests.length} requests for ${connections} connections`);
  if (keeps) return share.map((request) => keeping(request, keeps));
  if (carries) return share.map((request) => carrying(request, carries));
  return share.map((request) => ({ ...request }));
}

function carrying(request: Request, field: string): autocannon.Request {
  let { body } = request;
  return {
    ...request,
    setupRequest: (next: autocannon.Request) => ({ ...next, body }),
    onResponse(_status: number, answer: string) {
      body = JSON.stringify({ [field]: JSON.parse(answer)[field] });
    },
  } as autocannon.Request;
}

/** With a jar of its own, which each answer fills. */
function keeping(request: Request, names: readonly string[]): autocannon.Request {
  let { headers } = request;
  return {
    ...request,
    setupRequest: (next: autocannon.Request) => ({ ...next, headers }),
    onResponse(
      _status: number,
      _answer: string,
      _context: object,
      { 'Set-Cookie': set }: { 'Set-Cookie'?: string[] },
    ) {
      headers = {
        ...headers,
        ...cookies(Object.fromEntries(names.map((name) => [name, cookieIn(name, set)]))),
      };
    },
  } as autocannon.Request;
}

function cookieIn(name: string, lines: readonly string[] = []): string {
  const line = lines.find((each) => each.startsWith(`${name}=`));
  if (line === undefined) throw new Error(`an answer sets no cookie ${name}`);
  return line.slice(name.length + 1).split(';')[0] as string;
}
