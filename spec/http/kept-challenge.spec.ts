import { expect } from 'chai';
import express from 'express';
import request from 'supertest';
import { createKeptChallenge, type Kept } from '../../lib/http/kept-challenge.js';
import { cookiesOf } from './browser.js';

describe('a challenge that a browser keeps', () => {
  /** What a browser gives back of what it was given. */
  async function kept(given: Kept, isSecure = true) {
    const app = express();
    const challenge = createKeptChallenge(isSecure);
    app.get('/keep', (_req, res) => {
      challenge.keep(res, given, 600);
      res.end();
    });
    app.get('/read', (req, res) => void res.json(challenge.read(req) ?? null));
    app.get('/drop', (req, res) => {
      challenge.drop(req, res);
      res.end();
    });
    const set = cookiesOf(await request(app).get('/keep'));
    const cookie = set.map(({ name, value }) => `${name}=${encodeURIComponent(value ?? '')}`).join('; ');
    const read = async (cookie: string) => (await request(app).get('/read').set('cookie', cookie)).body;
    const dropped = async (cookie: string) =>
      cookiesOf(await request(app).get('/drop').set('cookie', cookie));
    return {
      set,
      read: () => read(cookie),
      readOf: read,
      dropped: () => dropped(cookie),
      droppedOf: dropped,
    };
  }

  it('comes back with where the browser wanted to go', async () => {
    for (const given of [{ challenge: 'abc' }, { challenge: 'a-b_c', returnTo: '/a?b=c;d&e=%20f#g' }]) {
      const { read } = await kept(given);
      expect(await read()).to.deep.equal(given);
    }
  });

  it('is no script’s to read, and of this origin alone', async () => {
    const { set } = await kept({ challenge: 'abc' });
    const flags = { httpOnly: true, secure: true, sameSite: 'lax', path: '/', maxAge: 600 };
    expect(set).to.deep.equal([{ name: '__Host-challenge', value: 'abc', ...flags }]);
    const plain = await kept({ challenge: 'abc' }, false);
    expect(plain.set.map(({ name, secure = false }) => [name, secure])).to.deep.equal([['challenge', false]]);
  });

  it('is dropped where there is one', async () => {
    const { dropped, droppedOf, readOf } = await kept({ challenge: 'abc' });
    expect((await dropped()).map(({ name, maxAge }) => [name, maxAge])).to.deep.equal([
      ['__Host-challenge', 0],
    ]);
    expect(await droppedOf('theme=dark')).to.deep.equal([]);
    for (const nothing of ['theme=dark', '__Host-challenge=', '__Host-challenge=%20/a'])
      expect(await readOf(nothing), nothing).to.equal(null);
  });
});
