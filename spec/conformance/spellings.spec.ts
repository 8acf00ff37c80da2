import http from 'node:http';
import bcrypt from 'bcrypt';
import { expect } from 'chai';
import { AuthError } from 'express-auth-kit';
import type { Feature } from 'express-auth-kit/feature';
import type { Route } from '../../lib/http/route.js';
import { mailedCode } from '../own-features/mailed-code.js';
import { bearer, createTestApp, PASSWORD, type TestApp } from '../support/test-app.js';
import { watchCalls } from '../support/watch-calls.js';
import { nameOf, tableOf } from './route-rows.js';

/** A path as it is, and as whoever looks for a way around a limit would spell it. */
const SPELLINGS: Record<string, (mount: string, path: string) => string> = {
  'as it is': (mount, path) => mount + path,
  'with two slashes': (mount, path) => `${mount}/${path}`,
  'with two slashes in front': (mount, path) => `/${mount}${path}`,
  'in capitals': (mount, path) => (mount + path).toUpperCase(),
  'with a slash at its end': (mount, path) => `${mount}${path}/`,
  'with two slashes at its end': (mount, path) => `${mount}${path}//`,
  'with a dot': (mount, path) => `${mount}/.${path}`,
  'with a detour': (mount, path) => `${mount}/x/..${path}`,
  'with a letter escaped': (mount, path) => mount + path.replace(/[a-z]/, (letter) => escaped(letter)),
  'with a slash escaped': (mount, path) => mount + path.replace(/^\//, '%2f'),
  'with a query': (mount, path) => `${mount}${path}?a=b`,
  'with a parameter': (mount, path) => `${mount}${path};a=b`,
  'as a whole URL': (mount, path) => `http://localhost${mount}${path}`,
};

function escaped(letter: string): string {
  return `%${letter.charCodeAt(0).toString(16)}`;
}

/** Whether every guess is refused, and how many were made. */
const limit = { isClosed: false, asked: 0 };
const closing: Feature = {
  name: 'closing',
  setup: () => ({
    limits: {
      async before() {
        limit.asked += 1;
        if (limit.isClosed)
          throw new AuthError({ status: 429, code: 'too_many_requests', detail: 'Too many attempts' });
        return undefined;
      },
      async after() {},
    },
  }),
};
const own = [closing, mailedCode({ tries: Number.POSITIVE_INFINITY })];

describe('the spelling of a path', () => {
  const rows = tableOf(own);
  let app: TestApp;

  before(async () => {
    app = await createTestApp({ features: own, emailVerification: 'optional' });
  });
  after(() => app.close());
  afterEach(() => {
    limit.isClosed = false;
  });

  interface Sent {
    method: string;
    path: string;
    headers?: Record<string, string>;
    body?: string;
  }

  /** Past what would tidy the path up on its way. */
  async function send({ method, path, headers = {}, body = '' }: Sent) {
    const { hostname: host, port } = new URL(app.url);
    const length = { 'content-length': String(Buffer.byteLength(body)) };
    const [response] = await new Promise<[http.IncomingMessage]>((resolve, reject) => {
      const request = http.request({ host, port, method, path, headers: { ...headers, ...length } });
      request.once('response', (answer) => resolve([answer])).once('error', reject);
      request.end(body);
    });
    return { status: response.statusCode as number, text: (await response.toArray()).join('') };
  }

  type Body = Pick<Sent, 'headers' | 'body'>;
  const json = (body: object, headers = {}): Body => ({
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });

  type Account = Awaited<ReturnType<TestApp['signUp']>>;
  const enrolled = async (): Promise<Account> => {
    const account = await app.signUp();
    // The mail of the registration goes out before the one with the code: those of one look go side by side.
    await app.auth.service.settled();
    await app.http.post('/auth/mailed-code').set(bearer(account.access_token)).expect(202);
    return account;
  };
  const login = ({ email: username, password }: Account) => ({ username, password });
  const asForm = (account: Account): Body => ({
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: String(new URLSearchParams({ grant_type: 'password', ...login(account) })),
  });

  let registrations = 0;
  /** Of every row that is bounded: a request that is let through, or undefined where none is made. A new row without a word here fails. */
  const GUESSES: Record<string, (() => Promise<Body>) | undefined> = {
    'POST /register': async () => {
      registrations += 1;
      return json({ email: `new-${registrations}@example.com`, password: PASSWORD });
    },
    'POST /token': async () => json(login(await app.signUp())),
    'POST /token (form)': async () => asForm(await app.signUp()),
    'POST /refresh': async () => json({ refresh_token: (await app.signUp()).refresh_token }),
    'POST /logout': undefined,
    'POST /logout-all': undefined,
    'GET /sessions': undefined,
    'DELETE /sessions': undefined,
    'DELETE /sessions/:id': undefined,
    'POST /forgot-password': async () => json({ email: (await app.register()).email }),
    'POST /forgot-password/validate': undefined,
    'POST /reset-password': undefined,
    'POST /verify-email': undefined,
    'POST /verify-email/resend': async () => json({ email: (await app.register()).email }),
    'POST /change-password': async () => {
      const { access_token } = await app.signUp();
      return json({ current_password: PASSWORD, new_password: 'another horse' }, bearer(access_token));
    },
    'POST /change-email': async () => {
      const { access_token } = await app.signUp();
      return json({ email: 'another@example.com', password: PASSWORD }, bearer(access_token));
    },
    'POST /change-email/confirm': undefined,
    'POST /change-email/undo': undefined,
    'POST /confirm': async () => json({ password: PASSWORD }, bearer((await app.signUp()).access_token)),
    'GET /me': undefined,
    'PATCH /me': undefined,
    'DELETE /me': async () => json({ password: PASSWORD }, bearer((await app.signUp()).access_token)),
    'GET /.well-known/jwks.json': undefined,
    'POST /mailed-code': undefined,
    'POST /challenge': async () => {
      const account = await enrolled();
      const { body } = await app.http.post('/auth/token').send(login(account)).expect(403);
      await app.auth.service.settled();
      const code = app.mailbox.messages.findLast(({ to }) => to === account.email)?.text;
      return json({ challenge: body.challenge, method: 'mailed_code', code });
    },
  };

  it('is looked at for every row of the route table', () => {
    expect(Object.keys(GUESSES)).to.have.members(rows.map(nameOf));
  });

  const pathsOf = ({ path, aliases = [] }: Route) => [path, ...aliases];
  /** Where each row is to be reached: the profile by itself, too. */
  const placesOf = (row: Route): [mount: string, path: string][] =>
    pathsOf(row).flatMap((path) => {
      const isProfile = /^\/me(\/|$)/.test(path);
      return isProfile
        ? [
            ['/auth', path],
            ['', path],
          ]
        : [['/auth', path]];
    });

  for (const row of rows) {
    const guess = GUESSES[nameOf(row)];
    for (const [mount, path] of placesOf(row)) {
      if (guess) {
        it(`brings no guess past a limit: ${row.method} ${mount}${path}, ${row.accepts} (hold 97)`, async () => {
          const own = row.method.toUpperCase();
          for (const [what, spell] of Object.entries(SPELLINGS)) {
            // Each spelling has a good one: a challenge, for instance, can be tried five times.
            limit.isClosed = false;
            const body = await guess();
            limit.isClosed = true;
            const hashes = watchCalls(bcrypt, 'compare');
            try {
              for (const method of [own, 'HEAD', 'GET', 'PUT']) {
                limit.asked = 0;
                const { status, text } = await send({ method, path: spell(mount, path), ...body });
                // Either it is not this path, or the limit was asked.
                if (limit.asked > 0) expect(status, `${method} ${what}`).to.equal(429);
                else if (method === own) expect(status, what).to.be.oneOf([400, 404]);
                expect(text).to.not.include('_token"');
                if (what === 'as it is') expect(limit.asked).to.equal(method === own ? 1 : 0);
              }
              expect(hashes.calls).to.deep.equal([]);
            } finally {
              hashes.restore();
            }
            limit.isClosed = false;
            // It was right all the time.
            if (what === 'as it is') {
              const { status } = await send({ method: own, path: mount + path, ...body });
              expect(status).to.equal(row.success);
            }
          }
        });
      }

      if (row.guard === 'user') {
        it(`brings nobody past a guard: ${row.method} ${mount}${path} (hold 97)`, async () => {
          for (const [what, spell] of Object.entries(SPELLINGS)) {
            for (const method of [row.method.toUpperCase(), 'HEAD']) {
              const { status, text } = await send({ method, path: spell(mount, path), ...json({}) });
              expect(status, `${method} ${what}`).to.be.oneOf([400, 401, 404]);
              if (what === 'as it is' && method !== 'HEAD') expect(text).to.include('missing_token');
            }
          }
        });
      }
    }
  }

  for (const [what, bodyOf] of Object.entries({
    JSON: (account: Account) => json(login(account)),
    'a form': asForm,
  })) {
    it(`brings nobody past the second step, by ${what} (hold 97)`, async () => {
      const account = await enrolled();
      const sessions = () => app.connection.collection('auth_sessions').countDocuments();
      const before = await sessions();
      const statuses: number[] = [];
      for (const spell of Object.values(SPELLINGS)) {
        const { status, text } = await send({
          method: 'POST',
          path: spell('/auth', '/token'),
          ...bodyOf(account),
        });
        statuses.push(status);
        expect(text).to.not.include('access_token');
      }
      expect(statuses[0]).to.equal(403);
      expect(new Set(statuses)).to.deep.equal(new Set([403, 404]));
      expect(await sessions()).to.equal(before);
    });
  }
});
