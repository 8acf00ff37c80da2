import { expect } from 'chai';
import type { Answer } from '../support/app-process.js';

/** What a client is told 503 within, in milliseconds. */
const IN_TIME = 3000;

/** An answer, and how long it took in milliseconds. */
export interface Timed {
  answer: Answer;
  ms: number;
}

export async function timed(run: () => Promise<Answer>): Promise<Timed> {
  const startedAt = Date.now();
  const answer = await run();
  return { answer, ms: Date.now() - startedAt };
}

/** That a client was told 503 in time, and to come again. */
export function expectUnavailable(what: string, { answer, ms }: Timed, within = IN_TIME): void {
  const { status, body, headers } = answer;
  expect(status, `${what}: ${JSON.stringify(body)}`).to.equal(503);
  // In a form of its own to OAuth clients.
  expect(body.code ?? body.error).to.be.oneOf(['unavailable', 'temporarily_unavailable']);
  expect(headers.get('retry-after')).to.match(/^[1-9]\d*$/);
  expect(headers.get('www-authenticate')).to.equal(null);
  expect(ms, what).to.be.lessThan(within);
}

/** The same, or that it is done. */
export function expectDoneOrUnavailable(what: string, done: number, each: Timed, within = IN_TIME): void {
  if (each.answer.status !== done) expectUnavailable(what, each, within);
  else expect(each.ms, what).to.be.lessThan(within);
}
