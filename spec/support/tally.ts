import type { Answer } from './app-process.js';

/** Counts what a fleet answered: the figures that a run under load is judged by. */
export class Tally {
  readonly #counts = new Map<string, number>();
  #killedAt: number | undefined;
  #firstWriteAfterKill: number | undefined;
  /** The 503s that did not say when to try again. */
  readonly unavailableWithoutRetryAfter: string[] = [];

  /**
   * @param request method and path
   * @param startedAt when the request was sent, in milliseconds
   */
  add(request: string, { status, headers }: Pick<Answer, 'status' | 'headers'>, startedAt: number): void {
    const key = `${request} ${status}`;
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
    if (status === 503 && !/^[1-9]\d*$/.test(headers.get('retry-after') ?? '')) {
      this.unavailableWithoutRetryAfter.push(request);
    }
    const afterKill = this.#killedAt !== undefined && startedAt > this.#killedAt;
    if (afterKill && status < 300 && !request.startsWith('GET')) this.#firstWriteAfterKill ??= Date.now();
  }

  clear(): void {
    this.#counts.clear();
  }

  /** That the primary is killed at this moment. */
  kill(): void {
    this.#killedAt = Date.now();
  }

  /** From the kill to the first write that was sent after it and acknowledged, in milliseconds. */
  get failoverMs(): number | undefined {
    return this.#killedAt !== undefined && this.#firstWriteAfterKill !== undefined
      ? this.#firstWriteAfterKill - this.#killedAt
      : undefined;
  }

  #count(matching: (status: number) => boolean): number {
    return [...this.#counts]
      .filter(([key]) => matching(Number(key.split(' ').at(-1))))
      .reduce((sum, [, count]) => sum + count, 0);
  }

  toString(): string {
    const requests = this.#count(() => true);
    const acknowledged = this.#count((status) => status < 300);
    const each = [...this.#counts].map(([key, count]) => `${key}: ${count}`).sort();
    return `${requests} requests, ${acknowledged} acknowledged (${each.join(', ')})`;
  }
}
