import { expect } from 'chai';
import express from 'express';
import request from 'supertest';
import { hideError } from '../../example-app/error-handlers.js';

describe("the example app's last error handler", () => {
  const original = console.error;
  const logged: unknown[] = [];

  beforeEach(() => {
    logged.length = 0;
    console.error = (...line) => logged.push(line.join(' '));
  });
  afterEach(() => {
    console.error = original;
  });

  const answerTo = (error: unknown) => {
    const app = express();
    app.get('/', (_req, _res, next) => next(error));
    app.use(hideError);
    return request(app).get('/');
  };

  it('tells the client that it went wrong, and the log what did', async () => {
    const fault = Object.assign(new Error('the disk is full'), { body: 'hunter2' });
    const { text, headers } = await answerTo(fault).expect(500);
    expect(headers['content-type']).to.equal('application/problem+json');
    expect(JSON.parse(text)).to.deep.equal({
      type: 'about:blank',
      title: 'Internal Server Error',
      status: 500,
      detail: 'Something went wrong',
      code: 'internal_error',
    });
    expect(logged).to.deep.equal([`a request failed ${fault.stack}`]);
  });

  it('tells the client what the client did wrong, and the log nothing', async () => {
    const { body } = await answerTo(Object.assign(new URIError('hunter2'), { status: 400 })).expect(400);
    expect(body).to.include({ code: 'bad_request', detail: 'The request is not understood' });
    expect(logged).to.deep.equal([]);
  });
});
