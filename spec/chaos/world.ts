import { setTimeout as wait } from 'node:timers/promises';
import type { Answer, AppProcess } from '../support/app-process.js';
import { claimsOf, type Pair, SharedAccount } from './account.js';
import type { Fleet } from './fleet.js';
import { type History, type Kind, type Link, type Operation, outcomeOf } from './history.js';

/** What a request shows and asks for. */
export type Details = Pick<
  Operation,
  'session' | 'generation' | 'shows' | 'target' | 'email' | 'password' | 'newEmail' | 'newPassword' | 'link'
>;

export type Send = (app: AppProcess) => Promise<Answer>;

/** A request to be sent. */
export interface Request extends Details {
  account: SharedAccount;
  client: number;
  app: number;
  send: Send;
}

/** A request that was sent, and what came back. */
export interface Recorded extends Operation {
  // biome-ignore lint/suspicious/noExplicitAny: whatever the endpoint answers
  body: any;
}

/** Where the clients are: what they have in common, and the record of all that they ask. */
export class World {
  readonly history: History = { operations: [], links: [], incidents: [] };
  readonly accounts: SharedAccount[] = [];
  readonly #startedAt = performance.now();
  #names = 0;
  #hasEnded = false;
  /** For whom an address was asked for, from before there is an answer. */
  readonly #owners = new Map<string, SharedAccount>();

  constructor(private readonly fleet: Fleet) {}

  /** Milliseconds since the begin. */
  now(): number {
    return performance.now() - this.#startedAt;
  }

  newEmail(): string {
    this.#names += 1;
    return `person-${this.#names}@example.com`;
  }

  newPassword(): string {
    this.#names += 1;
    return `correct horse battery ${this.#names}`;
  }

  newAccount(): { account: SharedAccount; email: string; password: string } {
    const [email, password] = [this.newEmail(), this.newPassword()];
    const account = new SharedAccount(`account ${this.accounts.length}`, email, password);
    this.accounts.push(account);
    return { account, email, password };
  }

  receive(link: Pick<Link, 'kind' | 'to' | 'token'>): void {
    const account = this.#owners.get(link.to);
    if (!account) return;
    const received = { ...link, account: account.id, receivedAt: this.now() };
    account.links.push(received);
    this.history.links.push(received);
  }

  /** Sends a request, and writes down what came of it. */
  async ask(kind: Kind, { account, client, app: first, send, ...details }: Request): Promise<Recorded> {
    if (details.newEmail) this.#owners.set(details.newEmail, account);
    let app = first;
    let begin = this.now();
    let answer = await this.#send(app, send);
    // Whoever asks goes to the process that is there next.
    while (!answer) {
      await wait(200);
      app = (app + 1) % 2;
      begin = this.now();
      answer = await this.#send(app, send);
    }
    const { status, body } = answer;
    const answered = { begin, end: this.now(), status, code: body?.code, ...madeBy(body) };
    const operation: Operation = { kind, account: account.id, client, app, ...details, ...answered };
    this.history.operations.push(operation);
    return { ...operation, body };
  }

  /** @returns undefined where nobody was there: it was not asked */
  async #send(app: number, send: Send): Promise<Pick<Answer, 'status' | 'body'> | undefined> {
    if (this.#hasEnded) throw new Error('the run is over');
    try {
      return await send(this.fleet.apps[app] as AppProcess);
    } catch (error) {
      const { code } = ((error as Error).cause ?? {}) as { code?: string };
      return code === 'ECONNREFUSED' ? undefined : { status: 0, body: undefined };
    }
  }

  /** Asks until the outcome is known, for so long in milliseconds. */
  async insist(kind: Kind, request: Request, ms = 30_000): Promise<Recorded> {
    for (let tries = 0, until = this.now() + ms; ; tries += 1) {
      const recorded = await this.ask(kind, { ...request, app: tries % 2 });
      if (outcomeOf(recorded) !== 'unknown' || this.now() > until) return recorded;
      await wait(100);
    }
  }

  /** Lets nobody ask any more, who would wait for ever for a process that does not come back. */
  end(): void {
    this.#hasEnded = true;
  }
}

function madeBy(body: Partial<Pair> | undefined): Pick<Operation, 'made'> {
  if (!body?.refresh_token) return {};
  const { sid, gen } = claimsOf(body.refresh_token);
  return { made: { session: sid, generation: gen } };
}
