import { expect } from 'chai';
import express, { type ErrorRequestHandler } from 'express';
import { AuthError, authErrorHandler, EmailTaken, Unavailable, ValidationFailed } from 'express-auth-kit';
import mongoose from 'mongoose';
import { expectStartRefused, failureOf } from '../support/failure.js';
import { createTestApp, serve, type TestApp } from '../support/test-app.js';
import { expectFaults, expectProblem, expectRefusal } from './expect-refusal.js';

describe('authErrorHandler', () => {
  /** An app whose only route fails, and what the next error handler saw. */
  async function answerTo(
    fail: (res: express.Response) => void,
    handler = authErrorHandler as ErrorRequestHandler,
  ) {
    const app = express().set('env', 'test');
    const passedOn: unknown[] = [];
    app.get('/', (_req, res) => fail(res));
    app.use(handler);
    app.use(((error, _req, res, next) => {
      passedOn.push(error);
      if (res.headersSent) next(error);
      else res.status(500).json({ handled: true });
    }) satisfies ErrorRequestHandler);
    const served = await serve(app);
    try {
      const response = await served.http.get('/').catch((error: Error) => error);
      return { response, passedOn };
    } finally {
      served.close();
    }
  }
  const answerOf = async (error: unknown, handler?: ErrorRequestHandler) => {
    const { response, passedOn } = await answerTo(() => {
      throw error;
    }, handler);
    if (response instanceof Error) throw response;
    return { response, passedOn };
  };

  it('answers the errors of the kit', async () => {
    expectRefusal((await answerOf(new EmailTaken())).response, 'email_taken');
    expectRefusal((await answerOf(new Unavailable())).response, 'unavailable');
    const faults = [{ code: 'invalid', detail: 'No.', pointer: '#/a' }];
    expectFaults((await answerOf(new ValidationFailed(faults))).response, faults);
  });

  it('answers an error of the app\u2019s own, with its headers', async () => {
    const error = new AuthError({
      status: 429,
      code: 'slow_down',
      detail: 'Slow down.',
      headers: { 'X-Wait': '3' },
    });
    const { response } = await answerOf(error);
    expectProblem(response, { status: 429, code: 'slow_down', detail: 'Slow down.' });
    expect(response.headers['x-wait']).to.equal('3');
  });

  it('tells the client neither message nor cause nor stack (hold 63)', async () => {
    const { response } = await answerOf(
      new EmailTaken({ message: 'for the log', cause: new Error('inside') }),
    );
    expectRefusal(response, 'email_taken');
  });

  const others = {
    'an error': new Error('broken'),
    'an error with a status': Object.assign(new Error('teapot'), { status: 418 }),
    'an error with a type that no parser has': Object.assign(new Error('x'), { status: 400, type: 'odd' }),
    'an error that a parser calls its own fault': Object.assign(new Error('x'), {
      status: 500,
      type: 'stream.encoding.set',
    }),
    'a string': 'broken',
    'a number': 5,
  };
  for (const [what, error] of Object.entries(others)) {
    it(`leaves ${what} to the next error handler`, async () => {
      const { response, passedOn } = await answerOf(error);
      expect([response.status, response.body]).to.deep.equal([500, { handled: true }]);
      expect(passedOn).to.deep.equal([error]);
    });
  }

  it('leaves an answer that has begun to the next error handler', async () => {
    const error = new EmailTaken();
    const { response, passedOn } = await answerTo((res) => {
      res.write('begun');
      throw error;
    });
    expect(response).to.be.an.instanceOf(Error);
    expect(passedOn).to.deep.equal([error]);
  });

  describe('asked for validation errors', () => {
    const handler = authErrorHandler({ validationErrors: true });
    const fields = { phone: { type: String, required: true }, seats: { type: Number, min: 1 } };

    it('answers those of mongoose as faults of fields', async () => {
      const Model = mongoose.createConnection().model('Order', new mongoose.Schema(fields));
      const error = await failureOf(() => new Model({ seats: 0 }).validate());
      const { response, passedOn } = await answerOf(error, handler);
      expectFaults(response, [
        { code: 'required', detail: 'This field is required.', pointer: '#/phone' },
        { code: 'too_small', detail: 'This value must be at least 1.', pointer: '#/seats' },
      ]);
      expect(passedOn).to.deep.equal([]);
      // Unasked, they are the app's.
      expect((await answerOf(error)).passedOn).to.deep.equal([error]);
      expect((await answerOf(error, authErrorHandler({ validationErrors: false }))).passedOn).to.deep.equal([
        error,
      ]);
    });

    it('answers the errors of the kit as ever, and leaves others alone', async () => {
      expectRefusal((await answerOf(new EmailTaken(), handler)).response, 'email_taken');
      const error = Object.assign(new Error('of another'), { name: 'ValidationError', details: [] });
      expect((await answerOf(error, handler)).passedOn).to.deep.equal([error]);
    });
  });

  it('called with nothing is the same as it is', async () => {
    expectRefusal((await answerOf(new EmailTaken(), authErrorHandler())).response, 'email_taken');
  });

  it('takes a form and words of the app\u2019s own', async () => {
    const handler = authErrorHandler({
      onError: ({ code, detail }) => ({ code, detail }),
      messages: { en: { email_taken: 'Taken.' } },
    });
    const { response } = await answerOf(new EmailTaken(), handler);
    expect([response.status, response.body]).to.deep.equal([400, { code: 'email_taken', detail: 'Taken.' }]);
  });

  it('refuses an option that is unknown or malformed', () => {
    const refused: [given: unknown, message: string][] = [
      [
        { validationError: true },
        'authErrorHandler.validationError: unknown option; did you mean authErrorHandler.validationErrors?; ' +
          'allowed: onError, messages, validationErrors',
      ],
      [{ validationErrors: 1 }, 'authErrorHandler.validationErrors: 1 given; allowed: true or false'],
      [{ onError: {} }, 'authErrorHandler.onError: a value of type object given; allowed: a function'],
      [
        { messages: { fr: { requird: 'a' } } },
        "authErrorHandler.messages.fr.requird: unknown code; did you mean authErrorHandler.messages.fr.required?; allowed: the kit's codes, and your own",
      ],
      ['on', 'authErrorHandler: "on" given; allowed: an object'],
    ];
    for (const [given, message] of refused) {
      expect(expectStartRefused(() => authErrorHandler(given as object))).to.equal(message);
    }
  });

  describe('where the app parses the bodies', () => {
    let app: TestApp;
    before(async () => {
      app = await createTestApp({
        prepare: (each) =>
          each.use(express.json({ limit: '20kb' }), express.urlencoded({ extended: true, ...{ depth: 2 } })),
        finish: (each) => each.use(authErrorHandler),
      });
    });
    after(() => app.close());
    const post = () => app.http.post('/auth/token').type('json');

    it('turns the errors of its parsers into the kit\u2019s (hold 62)', async () => {
      expectRefusal(await post().send('{"password": "zqxjkvbw'), 'malformed_body');
      expectRefusal(await post().send('5'), 'malformed_body');
      expectRefusal(await post().send(JSON.stringify({ a: 'x'.repeat(30_000) })), 'body_too_large');
      expectRefusal(await post().set('content-encoding', 'gzip').send('{"a":1}'), 'malformed_body');
      const form = app.http.post('/auth/token').type('form');
      expectRefusal(await form.send('a[b][c][d][e]=f'), 'malformed_body');
      const charset = await post().type('application/json; charset=foo').send('{}');
      const detail = 'Send the body as UTF-8.';
      expectProblem(charset, { status: 415, code: 'unsupported_media_type', detail });
    });

    it('does not repeat what was in the body (hold 63)', async () => {
      const { text } = await post().send('{"password": "zqxjkvbw');
      expect(text).to.not.include('zqx');
    });
  });
});
