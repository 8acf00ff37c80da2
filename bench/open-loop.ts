import { setMaxListeners } from 'node:events';
import { Agent, request as send } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import type { Load, Request } from './load.js';

/** How many may be on their way at the same time. */
const LIMIT = 3000;

interface Target {
  url: string;
  load: Load;
  /** How many connections are opened before, and no more after; by default as many as are needed, when they are. */
  kept?: number;
}

interface Stretch {
  /** Requests a second, whether or not those before have been answered. */
  rate: number;
  seconds: number;
  /** How long the last ones are waited for, in milliseconds. */
  patience: number;
}

export interface Answers {
  /** In milliseconds. Who was not answered counts with as long as it was waited for. */
  times: number[];
  /** How many had each status; 0: no answer. */
  statuses: Record<number, number>;
}

/** Who sends at a fixed rate, as users do: a server that is slow gets no fewer requests for it. */
export interface OpenLoop {
  run(stretch: Stretch): Promise<Answers>;
  close(): void;
}

export async function createOpenLoop({ url, load: { requests }, kept }: Target): Promise<OpenLoop> {
  const agent = new Agent({ keepAlive: true, maxSockets: kept ?? LIMIT, maxFreeSockets: LIMIT });
  const requestAt = (index: number) => requests[index % requests.length] as Request;
  const { signal } = new AbortController();
  setMaxListeners(0, signal);
  await Promise.all(Array.from({ length: kept ?? 0 }, (_, i) => statusOf(url, requestAt(i), agent, signal)));
  return {
    async run({ rate, seconds, patience }) {
      const answers: Answers = { times: [], statuses: {} };
      const waiting = new Set<Promise<void>>();
      const giveUp = new AbortController();
      setMaxListeners(0, giveUp.signal);
      const go = async (request: Request) => {
        const start = performance.now();
        const status = await statusOf(url, request, agent, giveUp.signal);
        answers.times.push(performance.now() - start);
        answers.statuses[status] = (answers.statuses[status] ?? 0) + 1;
      };

      const start = performance.now();
      const end = start + seconds * 1000;
      for (let sent = 0; performance.now() < end; await wait(1)) {
        const due = ((performance.now() - start) * rate) / 1000;
        for (; sent < due; sent += 1) {
          if (waiting.size >= LIMIT) continue;
          const going = go(requestAt(sent));
          waiting.add(going);
          going.then(() => waiting.delete(going));
        }
      }
      const timer = setTimeout(() => giveUp.abort(), patience);
      await Promise.all(waiting);
      clearTimeout(timer);
      return answers;
    },
    close: () => agent.destroy(),
  };
}

/** @returns 0 where none came */
function statusOf(url: string, request: Request, agent: Agent, signal: AbortSignal): Promise<number> {
  const { method, path, headers = {}, body } = request;
  const length = body === undefined ? {} : { 'content-length': Buffer.byteLength(body) };
  return new Promise((resolve) => {
    const sent = send(
      url + path,
      { method, agent, signal, headers: { ...headers, ...length } },
      (response) => {
        response.resume();
        response.once('end', () => resolve(response.statusCode ?? 0));
        response.once('error', () => resolve(0));
      },
    );
    sent.once('error', () => resolve(0));
    sent.end(body);
  });
}
