import { STATUS_CODES } from 'node:http';
import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import express, { type Express } from 'express';
import { authErrorHandler } from 'express-auth-kit';
import type { Response } from 'supertest';
import { createTestApp, PASSWORD, type TestApp } from '../support/test-app.js';
import { databaseContents } from './database-contents.js';

/** In whatever is sent to be refused, and so in no answer. */
const MARKER = 'zqxjkvbw';
const WRONG = {
  null: null,
  zero: 0,
  'a number': 12345678,
  'a boolean': true,
  false: false,
  'an empty array': [],
  'an array': [`${MARKER}@example.com`, `${MARKER}@example.com`],
  'an empty object': {},
  'an object': { [MARKER]: MARKER },
  'an operator': { $gt: '' },
  'an operator that matches everything': { $ne: null },
  'an object that looks like a string': { length: 20, toString: MARKER },
  'an empty string': '',
  'too much': MARKER.repeat(2048),
  'a NUL': `${MARKER}\0@example.com`,
  'a lone surrogate': `${MARKER}\ud800@example.com`,
};
const MISSING = Symbol('missing');
const values: [string, unknown][] = [['nothing', MISSING], ...Object.entries(WRONG)];

interface Endpoint {
  /** POST when absent. */
  method?: 'post' | 'patch' | 'delete';
  path: string;
  /** The same row of the route table by another name. */
  alias?: boolean;
  bearer?: boolean;
  /** A body that would be accepted, or refused for its values alone. */
  body: Record<string, string>;
  /** What counts as absent, by field, or is a value like any other. */
  fine?: Record<string, string[]>;
  /** What is answered where no field is given; 422 by default. */
  nothing?: number;
}

const endpoints: Endpoint[] = [
  {
    path: '/auth/register',
    body: { email: 'new@example.com', password: PASSWORD, name: 'Jean', phone: '1' },
    fine: {
      name: ['nothing', 'null', 'an empty string'],
      // mongoose makes strings of numbers and booleans.
      phone: ['nothing', 'null', 'zero', 'a number', 'a boolean', 'false', 'an empty string', 'a NUL'],
    },
  },
  { path: '/auth/token', body: { username: 'nobody@example.com', password: PASSWORD } },
  { path: '/auth/token', body: { email: 'nobody@example.com', password: PASSWORD } },
  {
    path: '/auth/token',
    body: { username: 'nobody@example.com', password: PASSWORD, device_name: 'Till 3' },
    fine: { device_name: ['nothing', 'null', 'an empty string'] },
  },
  { path: '/auth/refresh', body: { refresh_token: 'abc' } },
  {
    path: '/auth/logout',
    body: { refresh_token: 'abc' },
    fine: { refresh_token: ['nothing', 'null', 'a NUL', 'a lone surrogate'] },
    nothing: 204,
  },
  { path: '/auth/forgot-password', body: { email: 'nobody@example.com' } },
  { path: '/auth/password/forgot', alias: true, body: { email: 'nobody@example.com' } },
  { path: '/auth/forgot-password/validate', body: { token: 'abc' } },
  { path: '/auth/password/validate', alias: true, body: { token: 'abc' } },
  { path: '/auth/verify-email', body: { token: 'abc' } },
  { path: '/auth/verify-email/resend', body: { email: 'nobody@example.com' } },
  { path: '/auth/reset-password', body: { token: 'abc', password: PASSWORD } },
  { path: '/auth/password/reset', alias: true, body: { token: 'abc', password: PASSWORD } },
  {
    path: '/auth/change-password',
    bearer: true,
    body: { current_password: 'wrong', new_password: PASSWORD },
  },
  {
    path: '/auth/password/change',
    bearer: true,
    body: { current_password: 'wrong', new_password: PASSWORD },
  },
  { path: '/auth/change-email', bearer: true, body: { email: 'other@example.com', password: 'wrong' } },
  { path: '/auth/change-email/confirm', body: { token: 'abc' } },
  { path: '/auth/change-email/undo', body: { token: 'abc' } },
  { path: '/auth/confirm', bearer: true, body: { password: 'wrong' } },
  {
    method: 'patch',
    path: '/auth/me',
    bearer: true,
    body: { name: 'Jean' },
    fine: { name: ['nothing', 'null', 'an empty string'] },
    nothing: 200,
  },
  {
    method: 'delete',
    path: '/auth/me',
    bearer: true,
    body: { password: 'wrong' },
    // Without a password the login would have to be a recent one.
    fine: { password: ['nothing', 'null'] },
    nothing: 401,
  },
];

/** Who parses the bodies: the kit, or the app before it. */
const parsers: Record<string, (app: Express) => void> = {
  'the kit': () => {},
  'express.json()': (app) => app.use(express.json({ limit: '5mb' })),
  'express.json() and express.urlencoded()': (app) =>
    app.use(express.json({ limit: '5mb' }), express.urlencoded({ extended: true, limit: '5mb' })),
  'a json parser that is not strict': (app) => app.use(express.json({ limit: '5mb', strict: false })),
  'express.text()': (app) => app.use(express.text({ limit: '5mb' })),
};

/** The rows of the route table have their bodies read alike: the rarer the parser, the fewer play. */
function plays(parser: string, { path, alias }: Endpoint): boolean {
  if (parser === 'the kit') return true;
  if (parser.startsWith('express.json')) return !alias;
  return ['/auth/register', '/auth/token'].includes(path);
}

/** A clear 4xx, by RFC 9457 or RFC 6749, that repeats nothing of the request. */
function expectClear({ status, headers, text, body }: Response, what: string, form = false): void {
  expect(status, `${what}: ${text}`).to.be.within(400, 499);
  expect(headers['content-type'], what).to.equal(form ? 'application/json' : 'application/problem+json');
  expect(headers['cache-control'], what).to.equal('no-store');
  expect(text.length, what).to.be.below(1000);
  expect(text, what).to.not.match(/zqxjkvbw|node_modules|\.[jt]s\b|\n\s+at |Cast to|Path `|\$gt/);
  expect(text, what).to.not.include(PASSWORD);
  if (form) {
    expect(Object.keys(body), what).to.deep.equal(['error', 'error_description']);
    expect(body.error, what).to.be.oneOf(['invalid_request', 'invalid_grant', 'unsupported_grant_type']);
    expect(body.error_description, what).to.match(/^[ !#-[\]-~]+$/);
    return;
  }
  const { errors = [], ...rest } = body;
  const { detail, code } = rest;
  expect(rest, what).to.deep.equal({
    type: 'about:blank',
    title: STATUS_CODES[status],
    status,
    detail,
    code,
  });
  expect(
    [detail, code].every((member) => typeof member === 'string' && member !== ''),
    what,
  ).to.equal(true);
  for (const fault of errors) expect(Object.keys(fault).sort()).to.deep.equal(['code', 'detail', 'pointer']);
}

for (const [parser, prepare] of Object.entries(parsers)) {
  describe(`bad input, the body parsed by ${parser},`, () => {
    let app: TestApp;
    let authorization: string;
    let contents: object;

    before(async () => {
      app = await createTestApp({
        prepare,
        emailVerification: 'optional',
        finish: (each) => each.use(authErrorHandler),
      });
      const user = await app.signUp();
      authorization = `Bearer ${user.access_token}`;
      await app.resetToken(user.email);
      // A recent login would stand in place of a password.
      app.clock.advance(301_000);
    });
    after(() => app.close());
    beforeEach(async () => {
      contents = { ...(await databaseContents(app.connection)), mails: app.mailbox.messages.length };
    });
    const expectNothingWritten = async () => {
      await app.auth.service.settled();
      const now = { ...(await databaseContents(app.connection)), mails: app.mailbox.messages.length };
      expect(now).to.deep.equal(contents);
    };

    const ask = ({ method = 'post', path, bearer }: Pick<Endpoint, 'method' | 'path' | 'bearer'>) => {
      const request = app.http[method](path);
      return bearer ? request.set({ authorization }) : request;
    };

    for (const endpoint of endpoints) {
      const { path, body, fine = {}, nothing = 422 } = endpoint;
      if (!plays(parser, endpoint)) continue;
      for (const field of Object.keys(body)) {
        it(`in ${field} at ${path} is refused, and nothing written (holds 18, 47-49, 62)`, async () => {
          const { [field]: _good, ...others } = body;
          const refused = values.filter(([what]) => !fine[field]?.includes(what));
          const answers = await Promise.all(
            refused.map(([, value]) =>
              ask(endpoint)
                .type('json')
                .send(JSON.stringify(value === MISSING ? others : { ...others, [field]: value })),
            ),
          );
          for (const [index, [what]] of refused.entries()) {
            const response = answers[index] as Response;
            expectClear(response, what);
            if (what === 'too much') expect(response.status).to.equal(413);
            else if (!what.startsWith('a NUL') && !what.startsWith('a lone')) {
              expect([response.status, response.body.code], what).to.deep.equal([422, 'validation_failed']);
              expect(response.body.errors[0].pointer, what).to.match(
                new RegExp(`^#/${field === 'email' && path === '/auth/token' ? 'username' : field}`),
              );
            }
          }
          await expectNothingWritten();
        });
      }

      it(`of the wrong form at ${path} is refused, and nothing written (hold 62)`, async () => {
        const text = JSON.stringify({ ...body, [MARKER]: MARKER });
        const send = (type: string, content: string, headers = {}) =>
          ask(endpoint).set('content-type', type).set(headers).send(content);
        const forms = await settledAll({
          'malformed JSON': send('application/json', text.slice(0, -3)),
          'JSON with something after it': send('application/json', `${text} ${MARKER}`),
          'a JSON array': send('application/json', `[${text}]`),
          'JSON null': send('application/json', 'null'),
          'a JSON string': send('application/json', JSON.stringify(text)),
          'a JSON number': send('application/json', '5'),
          'white space': send('application/json', '  '),
          'text/plain': send('text/plain', text),
          'a multipart form': send('multipart/form-data; boundary=x', text),
          XML: send('application/xml', `<a>${MARKER}</a>`),
          'an unknown charset': send('application/json; charset=foo', text),
          'an unknown encoding': send('application/json', text, { 'content-encoding': 'foo' }),
          'what is not gzip': send('application/json', text, { 'content-encoding': 'gzip' }),
          'more than 16 KB': send(
            'application/json',
            JSON.stringify({ ...body, filler: MARKER.repeat(2049) }),
          ),
          'eight megabytes, packed': send('application/json', '', { 'content-encoding': 'gzip' })
            .serialize((content) => content)
            .send(gzipSync(JSON.stringify({ filler: MARKER.repeat(1_000_000) })) as never),
        });
        for (const [what, response] of Object.entries(forms)) {
          expectClear(response, what);
          expect(response.status, what).to.be.oneOf([400, 413, 415]);
        }
        if (path !== '/auth/token') {
          expectClear(await send('application/x-www-form-urlencoded', `token=${MARKER}`), 'a form');
        }
        const without = await ask(endpoint);
        expect(without.status).to.equal(nothing);
        if (nothing >= 400) expectClear(without, 'no body');
        await expectNothingWritten();
      });
    }

    it('in a form at /token is refused as OAuth 2.0 has it, and nothing written (holds 18, 26, 62)', async () => {
      const good: Record<string, Record<string, string>> = {
        password: { username: 'nobody@example.com', password: 'wrong-one' },
        refresh_token: { refresh_token: 'abc' },
      };
      const encoded = (fields: Record<string, string>) => new URLSearchParams(fields).toString();
      for (const [grant_type, fields] of Object.entries(good)) {
        for (const name of ['grant_type', ...Object.keys(fields)]) {
          const { [name]: _good, ...rest } = { grant_type, ...fields } as Record<string, string>;
          const others = encoded(rest);
          const forms: Record<string, string> = {
            nothing: others,
            'an empty string': `${others}&${name}=`,
            'no value': `${others}&${name}`,
            twice: `${others}&${name}=${MARKER}&${name}=${MARKER}`,
            'an array': `${others}&${name}[]=${MARKER}`,
            'an object': `${others}&${name}[a]=${MARKER}`,
            'an operator': `${others}&${name}[$gt]=`,
            'a NUL': `${others}&${name}=${MARKER}%00`,
            'half a surrogate': `${others}&${name}=${MARKER}%ED%A0%80`,
            'a broken escape': `${others}&${name}=${MARKER}%E0%A4%A`,
            'too much': `${others}&${name}=${MARKER.repeat(2048)}`,
            'a thousand others': `${others}&${name}=${'&a='.repeat(2000)}`,
          };
          const answers = await Promise.all(
            Object.values(forms).map((form) => app.http.post('/auth/token').type('form').send(form)),
          );
          for (const [index, what] of Object.keys(forms).entries()) {
            const response = answers[index] as Response;
            const byTheApp = parser.includes('urlencoded') && what === 'a thousand others';
            expectClear(response, `${name}: ${what}`, !byTheApp);
            expect(response.status, what).to.be.oneOf([400, 413]);
          }
        }
      }
      await expectNothingWritten();
    });

    it('does not reach a prototype (hold 65)', async () => {
      const poison = '"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}';
      for (const { nothing = 422, ...endpoint } of endpoints) {
        const { status } = await ask(endpoint).type('json').send(`{${poison},"phone":{${poison}}}`);
        expect(status, endpoint.path).to.equal(nothing);
      }
      await app.http
        .post('/auth/token')
        .type('form')
        .send('grant_type=password&__proto__[polluted]=1&constructor[prototype][polluted]=1&__proto__=1')
        .expect(400);
      expect(({} as Record<string, unknown>).polluted).to.equal(undefined);
      await expectNothingWritten();
    });
  });
}

/** The answers to requests that are under way, by their names. */
async function settledAll(pending: Record<string, PromiseLike<Response>>): Promise<Record<string, Response>> {
  const answers = await Promise.all(Object.values(pending));
  return Object.fromEntries(Object.keys(pending).map((name, index) => [name, answers[index] as Response]));
}
