import { randomBytes } from 'node:crypto';
import { type AppProcess, startApp } from '../support/app-process.js';
import { GRACE } from './sessions.js';

/** How long it may take until a process is there, in milliseconds, with the database away now and then. */
const STARTING = 120_000;

/** How long an answer is waited for, in milliseconds: longer than it may take. */
const WAITING = 60_000;

/** Two processes of the app. One that is killed is replaced, as a supervisor does; the next one is ready by then. */
export class Fleet {
  readonly apps: AppProcess[] = [];
  /** How long the slowest start of a process took, in milliseconds: how slow this machine is with all that it does. */
  slowestStart = 0;
  #spare: Promise<AppProcess> | undefined;
  #isStopped = false;
  readonly #secretKey = randomBytes(32).toString('base64');

  constructor(
    private readonly mongodbUri: string,
    private readonly transport: string,
  ) {}

  async start(): Promise<void> {
    this.apps.push(...(await Promise.all([this.#startOne(), this.#startOne()])));
    this.#prepareSpare();
  }

  /** @throws Error when it does not start in two minutes */
  async replace(index: number): Promise<void> {
    const spare = this.#spare ?? this.#startOne();
    this.#prepareSpare();
    this.apps[index] = await spare;
  }

  #prepareSpare(): void {
    if (this.#isStopped) return;
    this.#spare = this.#startOne();
    // Whoever needs it is told.
    this.#spare.catch(() => {});
  }

  async #startOne(): Promise<AppProcess> {
    for (const until = Date.now() + STARTING; ; ) {
      try {
        const begin = Date.now();
        const app = await this.#startOnce();
        this.slowestStart = Math.max(this.slowestStart, Date.now() - begin);
        return app;
      } catch (error) {
        // The database is away: it is tried again.
        if (this.#isStopped || Date.now() > until) throw error;
      }
    }
  }

  #startOnce(): Promise<AppProcess> {
    return startApp({
      mongodbUri: this.mongodbUri,
      secretKey: this.#secretKey,
      options: {
        mail: { transport: this.transport, from: 'app@example.com' },
        refreshGraceSeconds: GRACE / 1000,
        // What ends is to be ended by somebody: neither by time nor by number.
        accessTokenExpireMinutes: 60,
        sessionsPerUser: 1000,
        throttle: false,
      },
      looksForMails: true,
      timeout: WAITING,
      output: process.env['CHAOS_OUTPUT'] ? 'inherit' : 'ignore',
    });
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    const spare = this.#spare?.catch(() => undefined);
    await Promise.all(this.apps.map((app) => app.stop()));
    await (await spare)?.stop();
  }
}
