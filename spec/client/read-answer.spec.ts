import { expect } from 'chai';
import { AuthClientError } from '../../lib/client/auth-client-error.js';
import { readAnswer } from '../../lib/client/read-answer.js';
import { failureOf } from '../support/failure.js';

const failure = (sent: Promise<Response>) => failureOf<AuthClientError>(() => readAnswer(sent));
const answer = (body: string | null, init?: ResponseInit) => Promise.resolve(new Response(body, init));

describe('readAnswer', () => {
  it('gives the JSON, and nothing of an answer without any', async () => {
    expect(await readAnswer(answer('{"message":"x"}', { status: 202 }))).to.deep.equal({ message: 'x' });
    expect(await readAnswer(answer('[]'))).to.deep.equal([]);
    expect(await readAnswer(answer(null, { status: 204 }))).to.equal(undefined);
  });

  it("throws a refusal with the problem's own words", async () => {
    const problem = {
      type: 'about:blank',
      title: 'x',
      status: 403,
      code: 'too_many_requests',
      detail: 'Later',
      more: 1,
    };
    const init = { status: 429, headers: { 'retry-after': '7' } };
    const error = await failure(answer(JSON.stringify(problem), init));
    expect(error).to.be.an.instanceOf(AuthClientError);
    // The status is the answer's, whatever its text says.
    expect(error).to.include({ status: 429, code: 'too_many_requests', detail: 'Later', retryAfter: 7 });
    expect(error.problem).to.deep.equal(problem);
  });

  it('knows no time to wait where the header is missing or a date', async () => {
    for (const headers of [{}, { 'retry-after': 'Fri, 31 Dec 2027 23:59:59 GMT' }] as Record<
      string,
      string
    >[]) {
      const error = await failure(answer('{"code":"unavailable","detail":"x"}', { status: 503, headers }));
      expect(error.retryAfter).to.equal(undefined);
    }
  });

  it("calls it unexpected when it is a proxy's page, or a captive portal's, whatever its status", async () => {
    for (const status of [200, 401, 502]) {
      const error = await failure(answer('<!doctype html>', { status }));
      expect(error).to.include({ status, code: 'unexpected_answer' });
    }
    for (const body of ['null', '"x"', '{"code":42}', '[]', ''])
      expect(await failure(answer(body, { status: 401 })), body).to.include({
        status: 401,
        code: 'unexpected_answer',
      });
  });

  it('says that no answer came, also where it broke off', async () => {
    const cause = new TypeError('fetch failed');
    expect(await failure(Promise.reject(cause))).to.include({ status: 0, code: 'network_error', cause });
    const broken = new ReadableStream({
      start(controller) {
        controller.enqueue(new TextEncoder().encode('{"me'));
        controller.error(cause);
      },
    });
    const error = await failure(Promise.resolve(new Response(broken)));
    expect(error).to.include({ status: 0, code: 'network_error' });
    // In a browser it is one of its own.
    expect(error.cause).to.be.an.instanceOf(TypeError);
  });

  it("passes on an error of the client's own", async () => {
    const own = new AuthClientError({ status: 503, code: 'unavailable', detail: 'x' });
    expect(await failure(Promise.reject(own))).to.equal(own);
  });
});
