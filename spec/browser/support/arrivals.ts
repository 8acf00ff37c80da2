import type { IncomingMessage, Server, ServerResponse } from 'node:http';

/** A request that a server has answered. */
export interface Arrival {
  method: string;
  /** With its query. */
  path: string;
  cookie: string | undefined;
  origin: string | undefined;
  status: number;
}

export interface Arrivals {
  all: readonly Arrival[];
  /** Resolves when each of these (`POST /auth/logout`) has been answered; the query does not count. */
  answered(names: readonly string[]): Promise<void>;
  stop(): void;
}

/** Notes what arrives at a server, and how it is answered. */
export function noteArrivals(server: Server): Arrivals {
  const all: Arrival[] = [];
  let look = () => {};
  const note = (req: IncomingMessage, res: ServerResponse) => {
    // Express rewrites it on its way.
    const [path, { cookie, origin }] = [req.url ?? '', req.headers];
    res.once('close', () => {
      all.push({ method: req.method ?? '', path, cookie, origin, status: res.statusCode });
      look();
    });
  };
  server.prependListener('request', note);
  return {
    all,
    answered: (names) =>
      new Promise((resolve) => {
        look = () => {
          const known = new Set(all.map(nameOf));
          if (names.every((name) => known.has(name))) resolve();
        };
        look();
      }),
    stop: () => server.off('request', note),
  };
}

export function nameOf({ method, path }: Pick<Arrival, 'method' | 'path'>): string {
  return `${method} ${path.split('?')[0]}`;
}
