import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { AuthOptions } from 'express-auth-kit';
import type { Tally } from './tally.js';

const MAIN = fileURLToPath(new URL('app-process-main.ts', import.meta.url));

export interface Answer {
  status: number;
  headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: whatever the endpoint answers
  body: any;
}

/** A signal that an app sends the moment the database has carried out its n-th command, or its n-th write, from now. */
export interface Fault {
  after: number;
  count: 'commands' | 'writes';
  signal: 'SIGKILL' | 'SIGSTOP';
  /** Whom it goes to; the app itself when absent. */
  pid?: number;
}

/** What `app-process-main.ts` is told; it answers each. */
export interface Order {
  /** Absent: no fault any more. */
  arm?: Fault;
  /** To answer when no command is under way, and leave the fault as it is. */
  quiet?: boolean;
  /** By how much its clock is to step, in milliseconds; the fault stays as it is. */
  step?: number;
}

/** An app in a process of its own, as a fleet has several. */
export interface AppProcess {
  url: string;
  process: ChildProcess;
  /** @param body sent as JSON, or as the form that it is */
  post(path: string, body?: object | URLSearchParams, accessToken?: string): Promise<Answer>;
  get(path: string, accessToken?: string): Promise<Answer>;
  patch(path: string, body: object, accessToken: string): Promise<Answer>;
  delete(path: string, body: object, accessToken: string): Promise<Answer>;
  /** Repeats what is answered 503, for 30 s at most. */
  insist(request: () => Promise<Answer>): Promise<Answer>;
  /** The newest mail that this process sent there. */
  textFor(email: string): Promise<string | undefined>;
  /** The token of the link in it. */
  tokenFor(email: string): Promise<string | undefined>;
  arm(fault: Fault): Promise<void>;
  /** @returns whether a fault was armed still, and did not happen */
  disarm(): Promise<boolean>;
  /** Resolves when the database has answered all it was sent, though the clients have been told 503 long ago. */
  quiet(): Promise<void>;
  /** Lets its clock step, forward or back. @param ms milliseconds */
  stepClock(ms: number): Promise<void>;
  stop(): Promise<void>;
}

export interface AppProcessOptions {
  mongodbUri: string;
  secretKey: string;
  options?: Pick<
    AuthOptions,
    | 'accessTokenExpireMinutes'
    | 'algorithm'
    | 'mail'
    | 'previousSecretKeys'
    | 'refreshGraceSeconds'
    | 'sessionsPerUser'
    | 'throttle'
  >;
  /** Whether it sends mails by itself; else it sends its own when `textFor` asks for them. */
  looksForMails?: boolean;
  /** Counts the answers of this process. */
  tally?: Tally;
  /** Where what it writes to its output goes. */
  output?: 'inherit' | 'ignore';
  /** How long an answer is waited for, in milliseconds. */
  timeout?: number;
}

/** Starts `app-process-main.ts`. It ends with this process, whatever happens. */
export async function startApp({
  mongodbUri,
  secretKey,
  options = {},
  looksForMails = false,
  tally,
  output = 'inherit',
  timeout = 15_000,
}: AppProcessOptions): Promise<AppProcess> {
  const child = fork(MAIN, {
    execArgv: ['--conditions=express-auth-kit-source', '--import', 'tsx'],
    env: {
      ...process.env,
      MONGODB_URI: mongodbUri,
      AUTH_SECRET_KEY: secretKey,
      APP_OPTIONS: JSON.stringify(options),
      LOOKS_FOR_MAILS: looksForMails ? 'yes' : '',
    },
    stdio: ['ignore', output, output, 'ipc'],
  });
  const [message] = await Promise.race([once(child, 'message'), once(child, 'exit')]);
  if (typeof message?.port !== 'number') throw new Error(`the app did not start: ${message}`);
  const url = `http://127.0.0.1:${message.port}`;

  const send = async (method: string, path: string, accessToken?: string, body?: object): Promise<Answer> => {
    const isJson = body && !(body instanceof URLSearchParams);
    const response = await fetch(url + path, {
      method,
      headers: {
        ...(isJson && { 'content-type': 'application/json' }),
        ...(accessToken && { authorization: `Bearer ${accessToken}` }),
      },
      ...(body && { body: isJson ? JSON.stringify(body) : (body as URLSearchParams) }),
      signal: AbortSignal.timeout(timeout),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: text && JSON.parse(text) };
  };
  const ask: typeof send = async (method, path, ...rest) => {
    const startedAt = Date.now();
    const answer = await send(method, path, ...rest);
    tally?.add(`${method} ${path}`, answer, startedAt);
    return answer;
  };

  const order = async (what: Order): Promise<boolean> => {
    child.send(what);
    const [answer] = await Promise.race([once(child, 'message'), once(child, 'exit')]);
    return answer?.wasArmed === true;
  };

  const textFor = async (email: string): Promise<string | undefined> =>
    (await send('GET', `/mails/${email}`)).body.at(-1)?.text;

  return {
    url,
    process: child,
    post: (path, body, accessToken) => ask('POST', path, accessToken, body),
    patch: (path, body, accessToken) => ask('PATCH', path, accessToken, body),
    get: (path, accessToken) => ask('GET', path, accessToken),
    delete: (path, body, accessToken) => ask('DELETE', path, accessToken, body),
    async insist(request) {
      for (const end = Date.now() + 30_000; ; await wait(50)) {
        const answer = await request();
        if (answer.status !== 503 || Date.now() > end) return answer;
      }
    },
    textFor,
    tokenFor: async (email) => /[?&]token=([\w-]+)/.exec((await textFor(email)) ?? '')?.[1],
    arm: async (fault) => void (await order({ arm: fault })),
    disarm: () => order({}),
    quiet: async () => void (await order({ quiet: true })),
    stepClock: async (ms) => void (await order({ step: ms })),
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}
