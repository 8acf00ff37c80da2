import { request as httpRequest } from 'node:http';
import { gzipSync } from 'node:zlib';
import bcrypt from 'bcrypt';
import { expect } from 'chai';
import express, { type RequestHandler } from 'express';
import { EXPRESS_MAJOR } from '../support/express-major.js';
import { bearer, createTestApp, PASSWORD, type TestApp } from '../support/test-app.js';
import { watchCalls } from '../support/watch-calls.js';
import { expectFaults, expectProblem, expectRefusal } from './expect-refusal.js';

const LIMIT = 16 * 1024;
const CREDENTIALS = { username: 'nobody@example.com', password: PASSWORD };
const REQUIRED = [
  { code: 'required', detail: 'The username is required.', pointer: '#/username' },
  { code: 'required', detail: 'The password is required.', pointer: '#/password' },
];
const TYPES = 'Send the body as application/json or application/x-www-form-urlencoded.';

/** JSON of so many bytes, which is fine but for its length. */
function jsonOf(bytes: number): string {
  const empty = JSON.stringify({ ...CREDENTIALS, filler: '' });
  return JSON.stringify({ ...CREDENTIALS, filler: 'x'.repeat(bytes - empty.length) });
}

describe('the body', () => {
  let app: TestApp;

  before(async () => {
    app = await createTestApp();
  });
  after(() => app.close());

  const post = (type: string, at: TestApp = app) =>
    app && at.http.post('/auth/token').set('content-type', type);
  /** Bytes as they are, past what supertest would make of them. */
  const raw = (bytes: Buffer | string) => ({
    to: (request: ReturnType<typeof post>) => request.serialize((body) => body).send(bytes as string),
  });
  /** Without a length told beforehand. */
  const chunked = (text: string, at: TestApp = app) =>
    new Promise<{ status: number; code: string }>((resolve, reject) => {
      const headers = { 'content-type': 'application/json', 'transfer-encoding': 'chunked' };
      const request = httpRequest(`${at.url}/auth/token`, { method: 'POST', headers }, async (response) => {
        let body = '';
        for await (const chunk of response) body += chunk;
        resolve({ status: response.statusCode as number, code: JSON.parse(body).code });
      });
      request.on('error', reject);
      request.end(text);
    });

  describe('that the kit parses', () => {
    it('may be 16 KB long, and not a byte longer: 413 before any hash (hold 64)', async () => {
      const watch = watchCalls(bcrypt, 'compare');
      try {
        expectRefusal(await post('application/json').send(jsonOf(LIMIT)), 'invalid_credentials');
        expect(watch.calls).to.have.length(1);
        for (const bytes of [LIMIT + 1, 1024 * 1024]) {
          expectRefusal(await post('application/json').send(jsonOf(bytes)), 'body_too_large');
        }
        const unannounced = await chunked(jsonOf(LIMIT + 1));
        expect(unannounced).to.deep.equal({ status: 413, code: 'body_too_large' });
        const bomb = post('application/json').set('content-encoding', 'gzip');
        expectRefusal(await raw(gzipSync(jsonOf(1024 * 1024))).to(bomb), 'body_too_large');
        expect(watch.calls).to.have.length(1);
      } finally {
        watch.restore();
      }
    });

    const accepted: Record<string, () => ReturnType<typeof post>> = {
      'as application/json': () => post('application/json').send(CREDENTIALS),
      'with a charset': () => post('application/json; charset=utf-8').send(JSON.stringify(CREDENTIALS)),
      'with a type in capitals': () => post('APPLICATION/JSON').send(JSON.stringify(CREDENTIALS)),
      'with a byte order mark': () => post('application/json').send(`\ufeff${JSON.stringify(CREDENTIALS)}`),
      'as gzip': () =>
        raw(gzipSync(JSON.stringify(CREDENTIALS))).to(
          post('application/json').set('content-encoding', 'gzip'),
        ),
    };
    for (const [how, send] of Object.entries(accepted)) {
      it(`is read ${how}`, async () => {
        expectRefusal(await send(), 'invalid_credentials');
      });
    }

    it('counts as an empty object when there is none', async () => {
      expectFaults(await app.http.post('/auth/token'), REQUIRED);
      expectFaults(await post('application/json').send(''), REQUIRED);
      expectFaults(await app.http.post('/auth/token').set('content-length', '0'), REQUIRED);
    });

    for (const text of [
      '{',
      '{"username":',
      'null',
      '"text"',
      '5',
      'true',
      '[]',
      '[{}]',
      ' ',
      '{}{}',
      "{'a':1}",
    ]) {
      it(`is malformed when it is ${text} (hold 62)`, async () => {
        expectRefusal(await post('application/json').send(text), 'malformed_body');
      });
    }

    it('does not come back in the answer when it is malformed (hold 62)', async () => {
      const { text } = await post('application/json').send(`{"password": "zqxjkvbw", ${'x'.repeat(50)}`);
      expect(text).to.not.match(/zqx|xxx|SyntaxError|at |\.js|\.ts/);
    });

    const types = [
      'text/plain',
      'multipart/form-data; boundary=a',
      'application/xml',
      'application/problem+json',
      'application/*',
      'json',
      'a, b',
      '/',
    ];
    for (const type of types) {
      it(`is refused as ${type}: 415 (hold 62)`, async () => {
        const response = await post(type).send(JSON.stringify(CREDENTIALS));
        expectProblem(response, { status: 415, code: 'unsupported_media_type', detail: TYPES });
      });
    }

    it('is refused without a type: 415 (hold 62)', async () => {
      const request = post('application/json').send(JSON.stringify(CREDENTIALS));
      const response = await request.unset('content-type');
      expectProblem(response, { status: 415, code: 'unsupported_media_type', detail: TYPES });
    });

    it('is refused in another charset or encoding: 415 (hold 62)', async () => {
      const charset = post('application/json; charset=latin1').send(JSON.stringify(CREDENTIALS));
      expectProblem(await charset, {
        status: 415,
        code: 'unsupported_media_type',
        detail: 'Send the body as UTF-8.',
      });
      const encoding = post('application/json').set('content-encoding', 'compress');
      expectProblem(await encoding.send(JSON.stringify(CREDENTIALS)), {
        status: 415,
        code: 'unsupported_media_type',
        detail: 'Send the body as plain, gzip or deflate.',
      });
    });

    const encodings = ['gzip', 'deflate', ...(EXPRESS_MAJOR >= 5 ? ['br'] : [])];
    for (const encoding of encodings) {
      it(`is malformed when it is said to be ${encoding} and is not (hold 62)`, async () => {
        const response = await post('application/json')
          .set('content-encoding', encoding)
          .send(JSON.stringify(CREDENTIALS));
        expectRefusal(response, 'malformed_body');
      });
    }

    it('is malformed when the gzip breaks off (hold 62)', async () => {
      const half = gzipSync(JSON.stringify(CREDENTIALS)).subarray(0, 20);
      const response = await raw(half).to(post('application/json').set('content-encoding', 'gzip'));
      expectRefusal(response, 'malformed_body');
    });

    it('may break off: who hangs up disturbs nobody', async () => {
      const errors: unknown[] = [];
      const note = (error: unknown) => errors.push(error);
      process.on('unhandledRejection', note);
      const headers = { 'content-type': 'application/json', 'content-length': '100' };
      const request = httpRequest(`${app.url}/auth/token`, { method: 'POST', headers });
      const closed = new Promise((resolve) => request.once('close', resolve));
      request.on('error', () => {});
      request.write('{"username":', () => request.destroy());
      await closed;
      expectRefusal(await post('application/json').send(CREDENTIALS), 'invalid_credentials');
      process.off('unhandledRejection', note);
      expect(errors).to.deep.equal([]);
    });

    it('is not read where a route takes none', async () => {
      const { access_token } = await app.signUp();
      const me = app.http.get('/auth/me').set(bearer(access_token)).set('content-type', 'application/json');
      await me.send('{"broken').expect(200);
      const out = app.http
        .post('/auth/logout-all')
        .set(bearer(access_token))
        .set('content-type', 'text/plain');
      await out.send('x'.repeat(20_000)).expect(204);
    });
  });

  const parsers: Record<string, RequestHandler[]> = {
    'express.json()': [express.json()],
    'express.json() and express.urlencoded()': [express.json(), express.urlencoded({ extended: true })],
    'a json parser that takes everything': [express.json({ strict: false, type: '*/*', limit: '5mb' })],
    'express.text()': [express.text()],
    'express.raw()': [express.raw()],
  };
  for (const [name, handlers] of Object.entries(parsers)) {
    describe(`that the app may parse, by ${name},`, () => {
      let parsing: TestApp;
      before(async () => {
        parsing = await createTestApp({ prepare: (each) => each.use(...handlers) });
      });
      after(() => parsing.close());

      it('is read like any other', async () => {
        const user = await parsing.signUp({ phone: '1' });
        await parsing.http.post('/auth/refresh').send({ refresh_token: user.refresh_token }).expect(200);
        expectRefusal(await post('application/json', parsing).send(CREDENTIALS), 'invalid_credentials');
        const form = post('application/x-www-form-urlencoded', parsing);
        if (!name.includes('everything')) {
          const { body } = await form
            .send('grant_type=password&username=a@example.com&password=b')
            .expect(400);
          expect(body.error).to.equal('invalid_grant');
        }
      });

      it('counts as an empty object when there is none', async () => {
        expectFaults(await parsing.http.post('/auth/token'), REQUIRED);
      });

      it('is too large over 16 KB, announced or not (hold 64)', async () => {
        const watch = watchCalls(bcrypt, 'compare');
        try {
          expectRefusal(await post('application/json', parsing).send(jsonOf(LIMIT + 1)), 'body_too_large');
          const password = 'x'.repeat(50_000);
          const { status } = await chunked(JSON.stringify({ ...CREDENTIALS, password }), parsing);
          expect(status).to.be.oneOf([413, 422]);
        } finally {
          watch.restore();
        }
        expect(watch.calls).to.deep.equal([]);
      });

      it('is refused as text/plain: 415, also where the app has made an object of it (hold 60)', async () => {
        const response = await post('text/plain', parsing).send(JSON.stringify(CREDENTIALS));
        expectProblem(response, { status: 415, code: 'unsupported_media_type', detail: TYPES });
      });
    });
  }

  const results: Record<string, unknown> = {
    'a string': '{"username":"a"}',
    'a Buffer': Buffer.from('{}'),
    'an array': [CREDENTIALS],
    null: null,
    'a number': 5,
  };
  for (const [what, parsed] of Object.entries(results)) {
    it(`is malformed when the app has parsed it into ${what}`, async () => {
      const odd = await createTestApp({
        prepare: (each) =>
          each.use(express.text({ type: '*/*' }), (req, _res, next) => {
            req.body = parsed;
            next();
          }),
      });
      try {
        expectRefusal(await post('application/json', odd).send('{}'), 'malformed_body');
      } finally {
        await odd.close();
      }
    });
  }
});
