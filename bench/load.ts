/** One HTTP request, as it is sent again and again. */
export interface Request {
  method: 'GET' | 'POST';
  /** With the leading slash. */
  path: string;
  headers?: Record<string, string>;
  body?: string;
}

/** What a server is driven with. */
export interface Load {
  /** Of every answer; another one is a fault of the benchmark. */
  status: number;
  /** One a user. Each connection has users of its own: no two ask for the same one at the same time. */
  requests: Request[];
  /** The field of the answer that goes into the body of the next request. */
  carries?: string;
  /** The cookies of the answer that go into the next request, by their names: the others have ended, and the browser drops them. */
  keeps?: readonly string[];
}

export function post(path: string, body: object): Request {
  return {
    method: 'POST',
    path,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  };
}

let addresses = 0;

/** The same from elsewhere: each call is another address, for a server that trusts its proxy. */
export function fromElsewhere(request: Request): Request {
  addresses += 1;
  const address = `10.${(addresses >> 16) & 255}.${(addresses >> 8) & 255}.${addresses & 255}`;
  return { ...request, headers: { ...request.headers, 'x-forwarded-for': address } };
}

export function getAs(path: string, headers: Record<string, string>): Request {
  return { method: 'GET', path, headers };
}

export function bearer(token: string): { authorization: string } {
  return { authorization: `Bearer ${token}` };
}

/** The same as a page of the app's own sends it. */
export function fromPage(request: Request, origin: string): Request {
  const from = { 'sec-fetch-site': 'same-origin', ...(request.method === 'POST' && { origin }) };
  return { ...request, headers: { ...request.headers, ...from } };
}

/** As a browser sends them. */
export function cookies(all: Readonly<Record<string, string>>): { cookie: string } {
  return {
    cookie: Object.entries(all)
      .map(([name, value]) => `${name}=${value}`)
      .join('; '),
  };
}
