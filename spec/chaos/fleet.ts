import { randomBytes } from 'node:crypto';
import { type AppProcess, startApp } from '../support/app-process.js';
import { GRACE } from './sessions.js';

/** The processes of the app: each is replaced by a new one when it is killed, as a supervisor does. */
export class Fleet {
  readonly apps: AppProcess[] = [];
  #isStopped = false;
  readonly #secretKey = randomBytes(32).toString('base64');

  constructor(
    private readonly mongodbUri: string,
    private readonly transport: string,
  ) {}

  /** @throws Error when it does not start within a minute */
  async start(index: number): Promise<void> {
    for (const until = Date.now() + 60_000; ; ) {
      try {
        const app = await this.#startOnce();
        if (this.#isStopped) await app.stop();
        this.apps[index] = app;
        return;
      } catch (error) {
        // The database is away: it is started again.
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
      output: process.env['CHAOS_OUTPUT'] ? 'inherit' : 'ignore',
    });
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await Promise.all(this.apps.map((app) => app.stop()));
  }
}
