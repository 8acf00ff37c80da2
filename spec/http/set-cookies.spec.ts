import { expect } from 'chai';
import express, { type RequestHandler } from 'express';
import request from 'supertest';
import { setCookie } from '../../lib/http/set-cookies.js';

describe('a cookie of the kit', () => {
  /** What an app answers after it was set. */
  const answerOf = (answer: RequestHandler) => {
    const app = express();
    app.use((_req, res, next) => {
      setCookie(res, 'one', 'one=1; Path=/');
      setCookie(res, 'two', 'two=2; Path=/');
      next();
    });
    app.get('/', answer);
    return request(app).get('/');
  };

  const answers: Record<string, RequestHandler> = {
    'in JSON': (_req, res) => void res.json({}),
    'with headers at the last moment': (_req, res) =>
      void res.writeHead(200, { 'Cache-Control': 'public' }).end(),
    'by a stream': (_req, res) => {
      res.setHeader('Cache-Control', 'public, max-age=60');
      res.write('a');
      res.end('b');
    },
    'by a redirect': (_req, res) => res.redirect('/elsewhere'),
    'by its error page, which forgets the headers of before': () => {
      throw Object.assign(new Error('on purpose'), { status: 500, expose: false });
    },
    'with nothing': (_req, res) => void res.status(204).end(),
  };
  for (const [how, answer] of Object.entries(answers)) {
    it(`goes with an answer ${how}, which nobody else may keep (hold 101)`, async () => {
      const { headers } = await answerOf(answer);
      expect(headers['set-cookie']).to.deep.equal(['one=1; Path=/', 'two=2; Path=/']);
      expect(headers['cache-control']).to.equal('no-store');
    });
  }

  it('goes beside those of the app, however it sets them', async () => {
    const own: RequestHandler[] = [
      (_req, res) => void res.cookie('theme', 'dark').json({}),
      (_req, res) => void res.set('Set-Cookie', 'theme=dark; Path=/').end(),
      (_req, res) => void res.writeHead(200, { 'Set-Cookie': 'theme=dark; Path=/' }).end(),
      (_req, res) => void res.writeHead(200, ['Set-Cookie', 'theme=dark; Path=/']).end(),
    ];
    for (const answer of own) {
      const { headers } = await answerOf(answer);
      expect(headers['set-cookie']).to.deep.equal(['theme=dark; Path=/', 'one=1; Path=/', 'two=2; Path=/']);
    }
  });

  it('takes the place of one of its name that was set before', async () => {
    const { headers } = await answerOf((_req, res) => {
      setCookie(res, 'one', 'one=; Max-Age=0; Path=/');
      res.end();
    });
    expect(headers['set-cookie']).to.deep.equal(['one=; Max-Age=0; Path=/', 'two=2; Path=/']);
  });
});
