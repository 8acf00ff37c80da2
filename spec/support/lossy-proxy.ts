import type { RequestListener } from 'node:http';
import { type Address, listenAlone } from './listen-alone.js';

/** What the proxy answers. */
export interface ProxiedAnswer {
  status: number;
  headers: Record<string, string | string[]>;
  body: string;
}

const EMPTY: ProxiedAnswer = { status: 200, headers: {}, body: '' };

/** What becomes of an answer: it goes on, another one goes in its place, or none at all. */
type Fate = (answer: ProxiedAnswer) => ProxiedAnswer | 'lost' | Promise<ProxiedAnswer | 'lost'>;

/** What a client sent. */
export interface SeenRequest {
  method: string;
  path: string;
  headers: Record<string, string>;
  body: string;
}

/** A request that waits. */
export interface Held {
  arrived: Promise<void>;
  release(): void;
}

export interface LossyProxy extends Address {
  /** What came, in order. */
  seen: SeenRequest[];
  /** Whether a connection serves several requests. It does not at first: what is lost on a used one, a browser sends once more by itself. */
  keepsConnections: boolean;
  /** How many of them were for this path. */
  count(path: string): number;
  /** The next request for a path is carried out, and its answer has this fate. */
  answerOf(path: string, fate: Fate): void;
  /** The next request for a path is not carried out. */
  insteadOf(path: string, answer: Partial<ProxiedAnswer> | 'lost'): void;
  /**
   * The next request for a path waits: to be carried out, or its answer.
   *
   * @param instead another answer, in place of its own
   */
  hold(path: string, what: 'request' | 'answer', instead?: Partial<ProxiedAnswer>): Held;
}

/**
 * A network between a client and an app that loses, holds up and replaces answers when told to.
 *
 * @param listen where it is reached
 */
export async function createLossyProxy(
  target: string,
  listen: (listener: RequestListener) => Address | Promise<Address> = listenAlone,
): Promise<LossyProxy> {
  const seen: SeenRequest[] = [];
  const fates = new Map<string, (forward: () => Promise<ProxiedAnswer>) => ReturnType<Fate>>();
  const address = await listen(async (req, res) => {
    const chunks: Buffer[] = [];
    for await (const chunk of req) chunks.push(chunk);
    const { host: _host, connection: _connection, ...headers } = req.headers as Record<string, string>;
    const [method, path, body] = [req.method ?? '', req.url ?? '', Buffer.concat(chunks).toString()];
    seen.push({ method, path, headers, body });
    const forward = async (): Promise<ProxiedAnswer> => {
      const { 'content-length': _length, 'transfer-encoding': _chunked, ...passed } = headers;
      const init = { method, headers: passed, ...(body && { body }), redirect: 'manual' } as const;
      const answer = await fetch(target + path, init);
      return {
        status: answer.status,
        headers: { ...Object.fromEntries(answer.headers), 'set-cookie': answer.headers.getSetCookie() },
        body: await answer.text(),
      };
    };
    const fate = fates.get(path);
    fates.delete(path);
    const outcome = await (fate ? fate(forward) : forward());
    if (outcome === 'lost') {
      req.socket.destroy();
      return;
    }
    const { 'content-encoding': _encoding, 'content-length': _size, ...shown } = outcome.headers;
    const connection = proxy.keepsConnections ? 'keep-alive' : 'close';
    res.writeHead(outcome.status, { ...shown, connection }).end(outcome.body);
  });
  const proxy: LossyProxy = {
    ...address,
    keepsConnections: false,
    seen,
    count: (path) => seen.filter((each) => each.path === path).length,
    answerOf: (path, fate) => void fates.set(path, async (forward) => fate(await forward())),
    insteadOf: (path, answer) =>
      void fates.set(path, async () => (answer === 'lost' ? 'lost' : { ...EMPTY, ...answer })),
    hold(path, what, instead) {
      let release = () => {};
      const held = new Promise<void>((resolve) => {
        release = resolve;
      });
      const arrived = new Promise<void>((resolve) => {
        fates.set(path, async (forward) => {
          const answer = what === 'answer' ? await forward() : undefined;
          resolve();
          await held;
          return instead ? { ...EMPTY, ...instead } : (answer ?? forward());
        });
      });
      return { arrived, release };
    },
  };
  return proxy;
}
