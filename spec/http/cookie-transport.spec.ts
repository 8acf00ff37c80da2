import { expect } from 'chai';
import express, { type Request } from 'express';
import jwt from 'jsonwebtoken';
import request from 'supertest';
import { createCookieTransport } from '../../lib/http/cookie-transport.js';
import { asksForCookies } from '../../lib/http/web-request.js';
import type { TokenPair } from '../../lib/sign-in.js';
import { cookiesOf } from './browser.js';

const FORM = 'application/x-www-form-urlencoded';
const DAY = 86_400;
const NOW = 1_900_000_000;

/** A pair of a session, whose refresh token is good for so long, in seconds. */
const pairOf = (sid: string, seconds: number): TokenPair => ({
  access_token: jwt.sign({ sid, exp: NOW + 900 }, 'key'),
  refresh_token: jwt.sign({ sid, exp: NOW + seconds }, 'key'),
  token_type: 'bearer',
  expires_in: 900,
});

describe('tokens in cookies', () => {
  const transportOf = (ended: string[], isSecure = true) =>
    createCookieTransport({
      isSecure,
      endSession: async (token) => void ended.push(token),
      now: () => new Date(NOW * 1000),
    });

  /** What an answer is that carries a pair. */
  async function carried(tokens: TokenPair, headers: Record<string, string> = {}, isCookie = true) {
    const ended: string[] = [];
    const app = express();
    app.get('/', async (req: Request, res) => {
      res.json(await transportOf(ended).carry(req, { body: { more: 1 }, tokens, isCookie }));
    });
    const answer = await request(app).get('/').set(headers);
    return { body: answer.body, cookies: cookiesOf(answer), ended };
  }

  it('live as long as what they carry, and 400 days at most', async () => {
    const ages = async (seconds: number) =>
      (await carried(pairOf('a', seconds))).cookies.map(({ maxAge }) => maxAge);
    expect(await ages(30 * DAY)).to.deep.equal([900, 30 * DAY]);
    expect(await ages(1000 * DAY)).to.deep.equal([900, 400 * DAY]);
  });

  it('are no more in the JSON (hold 59)', async () => {
    const { body } = await carried(pairOf('a', DAY));
    expect(body).to.deep.equal({ more: 1, token_type: 'cookie', expires_in: 900 });
  });

  it('are there for who asks for them, and for who came by one', async () => {
    const tokens = pairOf('a', DAY);
    const asked = async (headers: Record<string, string>, isCookie: boolean) =>
      (await carried(tokens, headers, isCookie)).cookies.length;
    expect(await asked({}, true)).to.equal(2);
    expect(await asked({}, false)).to.equal(0);
    expect(await asked({ 'x-auth-mode': 'cookies' }, false)).to.equal(2);
    expect(await asked({ 'x-auth-mode': 'bearer' }, false)).to.equal(0);
  });

  it('end the session whose cookies they replace, and not their own (hold 61)', async () => {
    const former = pairOf('a', DAY).refresh_token;
    const headers = { cookie: `__Host-refresh=${former}` };
    expect((await carried(pairOf('b', DAY), headers)).ended).to.deep.equal([former]);
    expect((await carried(pairOf('a', DAY), headers)).ended).to.deep.equal([]);
    expect((await carried(pairOf('b', DAY))).ended).to.deep.equal([]);
  });

  it('may be replaced whatever stands there', async () => {
    for (const value of ['nonsense', 'a.b.c', `${'x'.repeat(5000)}`, '%E0%A4%A']) {
      const { cookies } = await carried(pairOf('b', DAY), { cookie: `__Host-refresh=${value}` });
      expect(cookies).to.have.length(2);
    }
  });

  it('are not looked at beside a token of the request’s own, and in the form of an OAuth client (hold 103)', () => {
    const { bring } = transportOf([]);
    const cookie = '__Host-access=a; __Host-refresh=r';
    expect(bring({ headers: { cookie } })).to.deep.equal({
      bearer: { headers: { authorization: 'Bearer a' } },
      refreshToken: 'r',
      isCookie: true,
    });
    const others = [
      { cookie, authorization: 'Bearer b' },
      { cookie, 'x-api-token': 'eak_1' },
      { cookie, 'content-type': FORM },
      { cookie: 'access=a; refresh=r' },
      { cookie: '__Host-access=; __Host-refresh=' },
    ];
    for (const headers of others)
      expect(bring({ headers }), JSON.stringify(headers)).to.include({
        refreshToken: undefined,
        isCookie: false,
      });
    const beside = bring({ headers: { cookie, authorization: 'Basic YTpi' } });
    expect(beside.isCookie).to.equal(true);
  });

  it('are asked for by a form of a page, or by a word, and by nobody who shows a token', () => {
    const page = { 'content-type': FORM, accept: 'text/html' };
    const asks = (headers: Record<string, string>) => asksForCookies({ headers });
    expect([page, { 'x-auth-mode': 'cookies' }].map(asks)).to.deep.equal([true, true]);
    const others: Record<string, string>[] = [
      {},
      { 'content-type': FORM },
      { 'content-type': FORM, 'x-auth-mode': 'cookies' },
      { ...page, authorization: 'Bearer a' },
      { 'x-auth-mode': 'cookies', 'x-api-token': 'eak_1' },
      { 'x-auth-mode': 'cookies, cookies' },
    ];
    expect(others.map(asks)).to.deep.equal(others.map(() => false));
  });
});
