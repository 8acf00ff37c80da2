import { expect } from 'chai';
import type express from 'express';
import { AuthError, NotFound, UnsupportedMediaType, ValidationFailed } from '../../lib/errors.js';
import { createAnswerError } from '../../lib/http/answer-error.js';
import type { Accepts } from '../../lib/http/body.js';
import { createRouter } from '../../lib/http/mount.js';
import { anyOrigin } from '../../lib/http/origins.js';
import { noPageForms } from '../../lib/http/page-forms.js';
import { type Answer, defineRoute, type Route } from '../../lib/http/route.js';
import { headerTransport } from '../../lib/http/token-transport.js';
import { requiredString } from '../../lib/http/validation.js';
import type { TokenPair } from '../../lib/sign-in.js';
import { bearer, createTestApp, PASSWORD, type TestApp } from '../support/test-app.js';
import { expectFaults, expectProblem, expectRefusal } from './expect-refusal.js';

describe('createRouter', () => {
  const parts = {
    identify: () => Promise.reject(new Error('not asked')),
    transport: headerTransport,
    origins: anyOrigin,
    pageForms: noPageForms,
    answerError: createAnswerError({}),
    limits: [],
    watchProxy: () => {},
    hasher: { admit: () => () => {} },
  };

  describe('serves a row of the table', () => {
    let app: TestApp;
    let handled: object[];
    before(async () => {
      app = await createTestApp({
        finish(each) {
          const routes = [
            defineRoute<{ word: string }>({
              method: 'post',
              path: '/echo',
              aliases: ['/say'],
              accepts: 'json',
              rules: { word: requiredString('The word') },
              success: 201,
              async handle({ input, body }) {
                handled.push({ input, body });
                if (input.word === 'break') throw new Error('broken');
                if (input.word === 'nothing') return Promise.reject();
                return { body: { said: input.word } };
              },
            }),
            defineRoute<{ word: string; time: string }>({
              method: 'post',
              path: '/all',
              accepts: 'json',
              rules: { word: requiredString('The word'), time: requiredString('The time') },
              ownFields: ['colour', 'size'],
              success: 200,
              async checkRest({ input, fields, body }) {
                handled.push({ rest: { input, fields, body } });
                const detail = 'Too long.';
                const faults = ['#/word', '#/time'].map((pointer) => ({ code: 'too_long', detail, pointer }));
                throw input.word === 'break' ? new Error('broken') : new ValidationFailed(faults);
              },
              async handle({ input, fields }) {
                handled.push({ input, fields });
                return {};
              },
            }),
            defineRoute({ method: 'delete', path: '/echo', success: 204, handle: async () => ({}) }),
            defineRoute({
              method: 'get',
              path: '/echo/:word',
              success: 200,
              async handle({ req }) {
                if (req.params['word'] === 'break') throw new URIError('broken');
                return { body: { said: req.params['word'] } };
              },
            }),
            defineRoute({
              method: 'post',
              path: '/dialect',
              accepts: 'json',
              success: 200,
              handle: () => Promise.reject(new Error('broken')),
              dialect: (error) => ({ error, body: { word: error.code } }),
            }),
          ];
          each.use('/rows', createRouter(routes, parts));
          each.use(((error, _req, res, _next) => {
            res.status(500).json({ handled: error.message });
          }) satisfies express.ErrorRequestHandler);
        },
      });
    });
    after(() => app.close());
    beforeEach(() => {
      handled = [];
    });

    it('at its path and its alias, with the input its rules name and the whole body', async () => {
      for (const path of ['/rows/echo', '/rows/say']) {
        const response = await app.http.post(path).send({ word: 'hello', more: 1 });
        expect([response.status, response.body]).to.deep.equal([201, { said: 'hello' }]);
        expect(response.headers['cache-control']).to.equal('no-store');
      }
      const call = { input: { word: 'hello' }, body: { word: 'hello', more: 1 } };
      expect(handled).to.deep.equal([call, call]);
    });

    it('with an empty answer where there is no body', async () => {
      const response = await app.http.delete('/rows/echo');
      expect([response.status, response.text]).to.deep.equal([204, '']);
      expect(response.headers['cache-control']).to.equal('no-store');
    });

    it('by a part of its path, and by none that cannot be decoded', async () => {
      const ask = (word: string) => app.http.get(`/rows/echo/${word}`);
      await ask('l%C3%A4ut').expect(200, { said: 'läut' });
      for (const word of ['%E0%A4%A', '%', '%ff']) {
        expectProblem(await ask(word), { status: 404, code: 'not_found', detail: 'Not found' });
      }
      await ask('break').expect(500, { handled: 'broken' });
    });

    it('only when its rules are met', async () => {
      expectFaults(await app.http.post('/rows/echo').send({}), [
        { code: 'required', detail: 'The word is required.', pointer: '#/word' },
      ]);
      expectRefusal(await app.http.post('/rows/echo').type('json').send('['), 'malformed_body');
      expect(handled).to.deep.equal([]);
    });

    it('with the fields of the app that it names, and asks for faults where there is one', async () => {
      const good = { word: 'a', time: 'b', colour: 'red', other: 1 };
      await app.http.post('/rows/all').send(good).expect(200);
      expect(handled).to.deep.equal([{ input: { word: 'a', time: 'b' }, fields: { colour: 'red' } }]);
    });

    it('or tells the faults of rules, of fields of the app and of the rest at once, one a field', async () => {
      const body = { word: 'a', time: 5, colour: 'red', size: { $gt: 1 } };
      expectFaults(await app.http.post('/rows/all').send(body), [
        { code: 'invalid_type', detail: 'The time must be a string.', pointer: '#/time' },
        { code: 'invalid', detail: 'This value cannot be stored.', pointer: '#/size' },
        { code: 'too_long', detail: 'Too long.', pointer: '#/word' },
      ]);
      expect(handled).to.deep.equal([{ rest: { input: { word: 'a' }, fields: { colour: 'red' }, body } }]);
      await app.http.post('/rows/all').send({ word: 'break' }).expect(500, { handled: 'broken' });
    });

    it('and leaves what is no refusal to the error handler of the app', async () => {
      await app.http.post('/rows/echo').send({ word: 'break' }).expect(500, { handled: 'broken' });
      await app.http.post('/rows/dialect').send({}).expect(500, { handled: 'broken' });
      // Not as done, which `next()` without an error would mean.
      await app.http
        .post('/rows/echo')
        .send({ word: 'nothing' })
        .expect(500, { handled: 'rejected with nothing' });
    });

    it('and refuses in the dialect of the row', async () => {
      const response = await app.http.post('/rows/dialect').type('json').send('[');
      expect([response.status, response.body]).to.deep.equal([400, { word: 'malformed_body' }]);
      expect(response.headers['content-type']).to.equal('application/json');
    });
  });

  describe('serves two rows of one path, one for each media type,', () => {
    let app: TestApp;
    let handled: object[];
    const rules = { word: requiredString('The word') };
    const row = (accepts: Accepts, path: string, more: Partial<Route> = {}) =>
      defineRoute<{ word?: string }>({
        method: 'post',
        path,
        accepts,
        success: 200,
        ...more,
        handle: async ({ input, body }) => {
          handled.push({ accepts, input, body });
          return { body: { read: accepts } };
        },
      });
    before(async () => {
      app = await createTestApp({
        finish(each) {
          const routes = [
            row('json', '/words', { rules }),
            row('form', '/words', {
              rules,
              success: 201,
              dialect: (error) => ({ error, body: { word: error.code } }),
            }),
            row('form', '/forms-first', { success: 201 }),
            row('json', '/forms-first'),
            row('json', '/json', { aliases: ['/shared'] }),
            row('form', '/form', { aliases: ['/shared'] }),
          ];
          each.use('/rows', createRouter(routes, parts));
        },
      });
    });
    after(() => app.close());
    beforeEach(() => {
      handled = [];
    });

    const send = (path: string, type: string, text: string) =>
      app.http.post(`/rows${path}`).set('content-type', type).send(text);
    const JSON_TYPES = ['application/json', 'application/json; charset=utf-8', 'APPLICATION/JSON'];
    const FORM_TYPES = [
      'application/x-www-form-urlencoded',
      'application/x-www-form-urlencoded; charset=utf-8',
    ];

    it('each with its own status, rules and handler', async () => {
      for (const type of JSON_TYPES) {
        const { status, body } = await send('/words', type, '{"word":"a"}');
        expect([status, body], type).to.deep.equal([200, { read: 'json' }]);
      }
      for (const type of FORM_TYPES) {
        const { status, body } = await send('/words', type, 'word=a');
        expect([status, body], type).to.deep.equal([201, { read: 'form' }]);
      }
      const call = { input: { word: 'a' }, body: { word: 'a' } };
      expect(handled.map((each) => ({ ...each }))).to.deep.equal([
        ...JSON_TYPES.map(() => ({ accepts: 'json', ...call })),
        ...FORM_TYPES.map(() => ({ accepts: 'form', ...call })),
      ]);
    });

    it('whichever of them comes first in the table', async () => {
      expect((await send('/forms-first', 'application/json', '{}')).body).to.deep.equal({ read: 'json' });
      const form = await send('/forms-first', FORM_TYPES[0] as string, 'a=1');
      expect([form.status, form.body]).to.deep.equal([201, { read: 'form' }]);
    });

    it('by an alias that they share', async () => {
      expect((await send('/shared', 'application/json', '{}')).body).to.deep.equal({ read: 'json' });
      expect((await send('/shared', FORM_TYPES[0] as string, 'a=1')).body).to.deep.equal({ read: 'form' });
      // The path that is one’s own is not the other’s.
      expect((await send('/json', FORM_TYPES[0] as string, 'a=1')).status).to.equal(415);
    });

    for (const path of ['/words', '/forms-first']) {
      it(`and refuses another media type at ${path} by naming both`, async () => {
        const expected = path === '/words' ? [0, 1] : [1, 0];
        const types = ['application/json', 'application/x-www-form-urlencoded'];
        const named = expected.map((index) => types[index]).join(' or ');
        for (const type of ['text/plain', 'multipart/form-data; boundary=x', 'application/jsonx']) {
          const response = await send(path, type, 'word=a');
          const detail = `Send the body as ${named}.`;
          expectProblem(response, { status: 415, code: 'unsupported_media_type', detail });
        }
        expect(handled).to.deep.equal([]);
      });
    }

    it('and gives a request without a body to the row of JSON', async () => {
      for (const path of ['/forms-first', '/shared']) {
        expect((await app.http.post(`/rows${path}`)).body, path).to.deep.equal({ read: 'json' });
      }
      expect(handled).to.deep.equal([
        { accepts: 'json', input: {}, body: {} },
        { accepts: 'json', input: {}, body: {} },
      ]);
      expectFaults(await app.http.post('/rows/words'), [
        { code: 'required', detail: 'The word is required.', pointer: '#/word' },
      ]);
    });

    it('and refuses each in its own dialect', async () => {
      expectRefusal(await send('/words', 'application/json', '['), 'malformed_body');
      const form = await send('/words', FORM_TYPES[0] as string, 'other=a');
      expect([form.status, form.body]).to.deep.equal([422, { word: 'validation_failed' }]);
    });
  });

  describe('answers', () => {
    let app: TestApp;
    const tokens: TokenPair = {
      access_token: 'access',
      refresh_token: 'refresh',
      token_type: 'bearer',
      expires_in: 900,
    };
    before(async () => {
      const answering = (path: string, answer: Answer, more: Partial<Route> = {}) =>
        defineRoute({ method: 'get', path, success: 200, ...more, handle: async () => answer });
      app = await createTestApp({
        finish(each) {
          const routes = [
            answering('/body', { body: { a: null, at: new Date(0) } }),
            answering('/nothing', {}),
            answering('/tokens', { tokens }),
            answering('/both', { body: { a: 1 }, tokens }),
            answering('/found', { redirect: 'https://app.example.com/a?b=c d&e=é' }, { success: 302 }),
            answering('/see-other', { redirect: '/here', headers: { 'X-One': '1' } }, { success: 303 }),
            answering('/headers', { headers: { 'X-One': '1', 'Set-Cookie': 'a=b; Path=/' }, body: {} }),
            answering('/kept', { headers: { 'Cache-Control': 'public' } }),
            answering('/kept-in-another-case', { headers: { 'cache-control': 'public' } }),
            answering('/public', {}, { cacheControl: 'public, max-age=300' }),
            defineRoute({
              method: 'get',
              path: '/refused',
              success: 200,
              cacheControl: 'public, max-age=300',
              handle: () => Promise.reject(new NotFound()),
            }),
          ];
          each.use('/rows', createRouter(routes, parts));
        },
      });
    });
    after(() => app.close());
    const get = (path: string) => app.http.get(`/rows${path}`).redirects(0);

    it('with a body, in JSON', async () => {
      const { status, body, headers } = await get('/body');
      expect([status, body]).to.deep.equal([200, { a: null, at: '1970-01-01T00:00:00.000Z' }]);
      expect(headers['content-type']).to.match(/^application\/json\b/);
    });

    it('with nothing, and no type of it', async () => {
      const { status, text, headers } = await get('/nothing');
      expect([status, text]).to.deep.equal([200, '']);
      expect(headers).to.not.have.property('content-type');
    });

    it('with tokens, beside what else there is', async () => {
      expect((await get('/tokens')).body).to.deep.equal(tokens);
      expect((await get('/both')).body).to.deep.equal({ a: 1, ...tokens });
    });

    it('with a redirect, by the status of the row', async () => {
      const found = await get('/found');
      expect([found.status, found.text]).to.deep.equal([302, '']);
      expect(found.headers['location']).to.equal('https://app.example.com/a?b=c%20d&e=%C3%A9');
      const { status, headers } = await get('/see-other');
      expect([status, headers['location'], headers['x-one']]).to.deep.equal([303, '/here', '1']);
    });

    it('with headers of the handler’s', async () => {
      const { headers } = await get('/headers');
      expect(headers).to.include({ 'x-one': '1', 'cache-control': 'no-store' });
      expect(headers['set-cookie']).to.deep.equal(['a=b; Path=/']);
    });

    it('to be kept by nobody, unless the row says so (hold 14)', async () => {
      for (const path of ['/body', '/nothing', '/tokens', '/found', '/headers', '/refused']) {
        expect((await get(path)).headers['cache-control'], path).to.equal('no-store');
      }
      for (const path of ['/kept', '/kept-in-another-case']) {
        expect((await get(path)).headers['cache-control'], path).to.equal('no-store');
      }
      expect((await get('/public')).headers['cache-control']).to.equal('public, max-age=300');
    });
  });

  it('hands a refusal that cannot be sent on to the error handler of the app', async () => {
    const parts = { code: 'odd', detail: 'Odd.' };
    const odd = [
      new AuthError({ ...parts, status: 0 }),
      new AuthError({ ...parts, status: 403, headers: { 'X-Reason': 'two\nlines' } }),
    ];
    let thrown: AuthError | undefined;
    const app = await createTestApp({
      hooks: {
        beforeSignIn() {
          thrown = odd.shift();
          throw thrown;
        },
      },
      finish: (each) =>
        each.use(((error, _req, res, _next) => {
          res.status(500).json({ handled: error.name });
        }) satisfies express.ErrorRequestHandler),
    });
    try {
      const { email: username, password } = await app.register();
      const post = () => app.http.post('/auth/token');
      for (const request of [
        post().send({ username, password }),
        post().type('form').send({ grant_type: 'password', username, password }),
      ]) {
        const { status, body } = await request;
        expect([status, Object.keys(body)]).to.deep.equal([500, ['handled']]);
      }
    } finally {
      await app.close();
    }
  });

  it('asks the guard first, then the body, then the rules', async () => {
    const app = await createTestApp();
    try {
      const { access_token } = await app.signUp();
      const send = (text: string) => app.http.post('/auth/change-password').type('json').send(text);
      expectRefusal(await send('['), 'missing_token');
      expectRefusal(await send('[').set(bearer(access_token)), 'malformed_body');
      expectFaults(await send('{}').set(bearer(access_token)), [
        { code: 'required', detail: 'The new password is required.', pointer: '#/new_password' },
        { code: 'required', detail: 'The current password is required.', pointer: '#/current_password' },
      ]);
      const plain = await app.http
        .post('/auth/change-password')
        .set(bearer(access_token))
        .type('text/plain')
        .send(PASSWORD);
      const { status, code, detail } = new UnsupportedMediaType('application/json');
      expectProblem(plain, { status, code, detail });
    } finally {
      await app.close();
    }
  });
});
