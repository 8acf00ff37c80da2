import { expect } from 'chai';
import type express from 'express';
import { AuthError, UnsupportedMediaType } from '../../lib/errors.js';
import { createRouter } from '../../lib/http/mount.js';
import { defineRoute, type Route } from '../../lib/http/route.js';
import { requiredString } from '../../lib/http/validation.js';
import { bearer, createTestApp, PASSWORD, type TestApp } from '../support/test-app.js';
import { expectFaults, expectProblem, expectRefusal } from './expect-refusal.js';

describe('createRouter', () => {
  const route = (method: Route['method'], path: string, aliases: string[] = []): Route =>
    defineRoute({ method, path, aliases, success: 200, handle: async () => undefined });
  const guards = {} as Parameters<typeof createRouter>[1];

  const doubles: [what: string, routes: Route[], name: string][] = [
    ['twice', [route('get', '/a'), route('get', '/a')], 'GET /a'],
    ['as an alias', [route('post', '/a'), route('post', '/b', ['/c', '/a'])], 'POST /a'],
    ['as two aliases', [route('post', '/a', ['/c']), route('post', '/b', ['/c'])], 'POST /c'],
  ];
  for (const [what, routes, name] of doubles) {
    it(`refuses a route that is claimed ${what}`, () => {
      expect(() => createRouter(routes, guards)).to.throw(`two features claim the route ${name}`);
    });
  }

  it('takes one path by two methods', () => {
    expect(() => createRouter([route('get', '/a'), route('post', '/a')], guards)).to.not.throw();
  });

  describe('serves a row of the table', () => {
    let app: TestApp;
    let handled: object[];
    before(async () => {
      app = await createTestApp({
        finish(each, auth) {
          const readSignedIn = () => Promise.reject(new Error('not asked'));
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
                return { said: input.word };
              },
            }),
            defineRoute({ method: 'delete', path: '/echo', success: 204, handle: async () => undefined }),
            defineRoute({
              method: 'post',
              path: '/dialect',
              accepts: 'json',
              success: 200,
              handle: () => Promise.reject(new Error('broken')),
              dialect: (error) => ({ error, body: { word: error.code } }),
            }),
          ];
          each.use('/rows', createRouter(routes, { ...auth, readSignedIn } as never));
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

    it('only when its rules are met', async () => {
      expectFaults(await app.http.post('/rows/echo').send({}), [
        { detail: 'The word is required.', pointer: '#/word' },
      ]);
      expectRefusal(await app.http.post('/rows/echo').type('json').send('['), 'malformed_body');
      expect(handled).to.deep.equal([]);
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
        { detail: 'The current password is required.', pointer: '#/current_password' },
        { detail: 'The new password is required.', pointer: '#/new_password' },
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
