import { parseSetCookie } from 'cookie';
import request, { type Response, type Test } from 'supertest';
import type { TestApp } from '../support/test-app.js';

export type Cookie = ReturnType<typeof parseSetCookie>;

/** The cookies that an answer sets, as the browser reads them. */
export function cookiesOf({ headers }: Pick<Response, 'headers'>): Cookie[] {
  const lines = (headers['set-cookie'] ?? []) as unknown as string[];
  return lines.map((line) => parseSetCookie(line));
}

/** What a browser does that has a page of `appUrl` open: it keeps cookies, sends them, and says where it comes from. */
export class Browser {
  readonly jar = new Map<string, string>();

  constructor(
    private readonly app: () => TestApp,
    private readonly headers: Readonly<Record<string, string>> = { 'sec-fetch-site': 'same-origin' },
  ) {}

  url(): string {
    return this.app().url;
  }

  get(path: string): Promise<Response> {
    return this.send(request(this.app().url).get(path));
  }

  post(path: string, body: object = {}): Promise<Response> {
    return this.send(request(this.app().url).post(path).send(body));
  }

  delete(path: string): Promise<Response> {
    return this.send(request(this.app().url).delete(path));
  }

  /** Asks for cookies, as a script of the page does. */
  logIn(user: { email: string; password: string }): Promise<Response> {
    const test = request(this.app().url).post('/auth/token').set('X-Auth-Mode', 'cookies');
    return this.send(test.send({ username: user.email, password: user.password }));
  }

  /** The `Cookie` header, as it is now. */
  cookie(): Record<string, string> {
    const pairs = [...this.jar].map(([name, value]) => `${name}=${value}`);
    return pairs.length > 0 ? { cookie: pairs.join('; ') } : {};
  }

  async send(test: Test): Promise<Response> {
    const answer = await test.set({ ...this.headers, ...this.cookie() });
    for (const { name, value, maxAge } of cookiesOf(answer)) {
      if (maxAge === 0) this.jar.delete(name);
      else this.jar.set(name, value ?? '');
    }
    return answer;
  }
}
