import { expect } from 'chai';
import express, { type ErrorRequestHandler } from 'express';
import { AuthError, EmailTaken, type OnError, Unavailable } from 'express-auth-kit';
import { createAnswerError } from '../../lib/http/answer-error.js';
import { bearer, createTestApp, serve, type TestApp } from '../support/test-app.js';
import { expectOAuthError } from './expect-refusal.js';

describe('a form of refusals of an app’s own', () => {
  /** What is answered to an error behind which the app has a route that nobody may reach, and what the app’s handler saw. */
  async function answerOf(onError: OnError, error: unknown = new EmailTaken()) {
    const answerError = createAnswerError({ onError });
    const handled: unknown[] = [];
    const app = express().set('env', 'test');
    app.get(
      '/',
      (req, res, next) => answerError(error, req, res, next),
      (_req, res) => void res.send('passed'),
    );
    app.get('/', (_req, res) => void res.send('passed'));
    app.use(((thrown, _req, res, _next) => {
      handled.push(thrown);
      res.json({ handled: true });
    }) satisfies ErrorRequestHandler);
    const served = await serve(app);
    try {
      return { response: await served.http.get('/'), handled };
    } finally {
      served.close();
    }
  }

  const own: OnError = ({ code, detail }) => ({ error: { code, message: detail } });
  const OWN = { error: { code: 'email_taken', message: 'Email already registered' } };

  const forms: Record<string, OnError> = {
    'returns the body': own,
    'returns a promise of it': async (...given) => own(...given),
    'answers by itself': (error, req, res, next) => void res.json(own(error, req, res, next)),
    'answers by itself, and returns what express gives it': (error, req, res, next) =>
      res.json(own(error, req, res, next)),
  };
  for (const [what, onError] of Object.entries(forms)) {
    it(`is what it says where it ${what}, by the status of the refusal`, async () => {
      const { response, handled } = await answerOf(onError);
      const { status, body, headers } = response;
      expect([status, body, handled]).to.deep.equal([400, OWN, []]);
      expect(headers['content-type']).to.match(/^application\/json/);
      expect(headers['cache-control']).to.equal('no-store');
    });
  }

  it('may have a status, headers and a page of its own', async () => {
    const { response } = await answerOf((error, _req, res) => {
      res.status(418).type('html').set('X-Code', error.code).send(`<p>${error.detail}</p>`);
    });
    const { status, text, headers } = response;
    expect([status, text]).to.deep.equal([418, '<p>Email already registered</p>']);
    expect(headers).to.include({ 'x-code': 'email_taken', 'cache-control': 'no-store' });
  });

  it('keeps the headers that a client goes by (hold 25)', async () => {
    const { response } = await answerOf(own, new Unavailable({ retryAfterSeconds: 7 }));
    expect([response.status, response.headers['retry-after']]).to.deep.equal([503, '7']);
  });

  it('hands on what it throws, and what it gives to next', async () => {
    const broken = new Error('broken');
    const forms: OnError[] = [
      () => {
        throw broken;
      },
      () => Promise.reject(broken),
      (_error, _req, _res, next) => next(broken),
    ];
    for (const onError of forms) expect((await answerOf(onError)).handled).to.deep.equal([broken]);
  });

  it('lets nobody pass, whatever it gives to next or throws', async () => {
    const error = new EmailTaken();
    for (const nothing of [undefined, null, '', 0, 'route', 'router']) {
      const forms: OnError[] = [
        (_error, _req, _res, next) => next(nothing as 'route'),
        () => {
          throw nothing;
        },
        () => Promise.reject(nothing),
      ];
      for (const onError of forms) {
        const { response, handled } = await answerOf(onError, error);
        expect([response.text, handled], String(nothing)).to.deep.equal(['{"handled":true}', [error]]);
      }
    }
  });

  it('is not asked for what is no refusal, and that lets nobody pass either', async () => {
    const asked: unknown[] = [];
    for (const error of [new Error('broken'), 'a word', null, '', 'route', 'router']) {
      const { response, handled } = await answerOf((refusal) => asked.push(refusal), error);
      expect(response.text, String(error)).to.equal('{"handled":true}');
      if (error instanceof Error || error === 'a word') expect(handled).to.deep.equal([error]);
      else expect(handled).to.have.nested.property('[0].message', 'rejected with nothing');
    }
    expect(asked).to.deep.equal([]);
  });

  it('is not asked for a refusal that cannot be sent', async () => {
    const odd = new AuthError({
      status: 403,
      code: 'odd',
      detail: 'Odd.',
      headers: { 'X-Reason': 'two\nlines' },
    });
    const asked: unknown[] = [];
    const { handled } = await answerOf((refusal) => asked.push(refusal), odd);
    expect(asked).to.deep.equal([]);
    expect((handled[0] as Error).message).to.match(/Invalid character/);
  });

  describe('by the option onError', () => {
    let app: TestApp;
    before(async () => {
      app = await createTestApp({
        onError: (error, req) => ({ failed: error.code, at: req.originalUrl }),
        finish(each, auth) {
          each.get(
            '/handler',
            auth.handler((_req, res) => void res.json({})),
          );
          each.get('/claims', auth.requireClaims, (_req, res) => void res.json({}));
          each.get('/admin', auth.requireRole('admin'), (_req, res) => void res.json({}));
          each.get('/recent', auth.requireRecentLogin({ seconds: 60 }), (_req, res) => void res.json({}));
        },
      });
    });
    after(() => app.close());

    it('is that of the endpoints, for every kind of refusal', async () => {
      const post = (path: string) => app.http.post(path);
      const { email } = await app.register();
      const taken = await post('/auth/register').send({ email, password: 'correct horse battery' });
      expect([taken.status, taken.body]).to.deep.equal([
        400,
        { failed: 'email_taken', at: '/auth/register' },
      ]);
      const missing = await post('/auth/token').send({});
      expect([missing.status, missing.body.failed]).to.deep.equal([422, 'validation_failed']);
      const malformed = await post('/auth/token').type('json').send('[');
      expect([malformed.status, malformed.body.failed]).to.deep.equal([400, 'malformed_body']);
      const me = await app.http.get('/me');
      expect([me.status, me.body]).to.deep.equal([401, { failed: 'missing_token', at: '/me' }]);
      expect(me.headers['www-authenticate']).to.equal('Bearer');
    });

    it('is that of the guards, outside the router too, with their headers', async () => {
      for (const path of ['/protected', '/handler', '/claims', '/admin', '/recent']) {
        const none = await app.http.get(path);
        expect([none.status, none.body]).to.deep.equal([401, { failed: 'missing_token', at: path }]);
        expect(none.headers).to.include({ 'www-authenticate': 'Bearer', 'cache-control': 'no-store' });
        const bad = await app.http.get(path).set(bearer('x'));
        expect([bad.status, bad.body.failed]).to.deep.equal([401, 'invalid_token']);
        expect(bad.headers['www-authenticate']).to.equal('Bearer error="invalid_token"');
      }
      const { access_token } = await app.signUp();
      const role = await app.http.get('/admin').set(bearer(access_token));
      expect([role.status, role.body]).to.deep.equal([403, { failed: 'insufficient_role', at: '/admin' }]);
      app.clock.advance(61_000);
      const old = await app.http.get('/recent').set(bearer(access_token));
      expect([old.status, old.body.failed]).to.deep.equal([401, 'insufficient_user_authentication']);
      expect(old.headers['www-authenticate']).to.match(/max_age="60"$/);
    });

    it('is not that of an OAuth client’s errors (RFC 6749 section 5.2)', async () => {
      const form = { grant_type: 'password', username: 'nobody@example.com', password: 'x' };
      const response = await app.http.post('/auth/token').type('form').send(form);
      expectOAuthError(response, 'invalid_grant', 'Incorrect email or password');
    });
  });
});
