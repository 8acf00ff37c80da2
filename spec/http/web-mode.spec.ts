import { expect } from 'chai';
import cors from 'cors';
import type { RequestHandler } from 'express';
import request from 'supertest';
import { interceptCommands } from '../support/intercept-commands.js';
import { bearer, createTestApp, PASSWORD, type TestApp } from '../support/test-app.js';
import { Browser, cookiesOf } from './browser.js';
import { expectRefusal } from './expect-refusal.js';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const NAMES = ['__Host-access', '__Host-refresh'];

describe('web mode', () => {
  let app: TestApp;
  before(async () => {
    const streams: RequestHandler = (_req, res) => {
      res.writeHead(200, { 'Content-Type': 'text/plain', 'Set-Cookie': 'theme=dark' });
      res.write('one ');
      res.end('two');
    };
    app = await createTestApp({
      cookies: true,
      allowedOrigins: ['https://admin.example.com'],
      finish(each, { requireUser, requireClaims, optionalUser }) {
        each.get('/claims', requireClaims, (req, res) => void res.json({ sid: req.auth?.sid }));
        each.get('/optional', optionalUser, (req, res) => void res.json({ user: req.user?.email ?? null }));
        each.get('/cached', requireUser, (_req, res) => void res.set('Cache-Control', 'public').json({}));
        each.get('/elsewhere', requireUser, (_req, res) => res.redirect('/protected'));
        each.get('/streams', requireUser, streams);
        each.get('/fails', requireUser, () => {
          throw Object.assign(new Error('on purpose'), { status: 418 });
        });
        each.post('/changes', requireUser, (_req, res) => void res.json({ changed: true }));
        each.get(
          '/twice',
          requireClaims,
          requireUser,
          (req, res) => void res.json({ user: req.user?.email }),
        );
      },
    });
  });
  after(() => app.close());

  const sessions = () => app.connection.collection('auth_sessions');
  const signedIn = async () => {
    const user = await app.register();
    const browser = new Browser(() => app);
    const answer = await browser.logIn(user);
    expect(answer.status).to.equal(200);
    return { user, browser, answer };
  };
  const hoursLater = async () => {
    const visitor = await signedIn();
    app.clock.advance(8 * 60 * MINUTE);
    return visitor;
  };

  it('answers a login by cookies that no script and no other site has, and by no token (hold 59)', async () => {
    const { answer } = await signedIn();
    expect(answer.body).to.deep.equal({ token_type: 'cookie', expires_in: 900 });
    const flags = { httpOnly: true, secure: true, sameSite: 'lax', path: '/' };
    expect(cookiesOf(answer).map(({ value, ...rest }) => rest)).to.deep.equal([
      { name: '__Host-access', ...flags, maxAge: 900 },
      { name: '__Host-refresh', ...flags, maxAge: 30 * 86_400 },
    ]);
    for (const line of answer.headers['set-cookie'] as unknown as string[])
      expect(line).to.not.match(/Domain/i);
    expect(answer.headers['cache-control']).to.equal('no-store');
  });

  it('lets in by the cookie, at every guard', async () => {
    const { user, browser } = await signedIn();
    expect((await browser.get('/protected')).body).to.deep.equal({ user: user.email });
    expect((await browser.get('/optional')).body).to.deep.equal({ user: user.email });
    expect((await browser.get('/claims')).body.sid).to.be.a('string');
    expect((await browser.get('/auth/me')).body.email).to.equal(user.email);
  });

  it('is asked for: without a word an answer has its tokens in JSON, and sets no cookie (hold 103)', async () => {
    const user = await app.register();
    const answer = await app.http.post('/auth/token').send({ username: user.email, password: PASSWORD });
    expect(answer.body).to.have.keys('access_token', 'refresh_token', 'token_type', 'expires_in');
    expect(cookiesOf(answer)).to.deep.equal([]);
  });

  for (const path of ['/protected', '/claims', '/optional', '/twice', '/auth/me']) {
    it(`renews at ${path} what was left open overnight, once (hold 101)`, async () => {
      const { browser } = await hoursLater();
      const before = await sessions().findOne({}, { sort: { _id: -1 } });
      const answer = await browser.get(path);
      expect([answer.status, answer.body.user === null]).to.deep.equal([200, false]);
      expect(cookiesOf(answer).map(({ name }) => name)).to.deep.equal(NAMES);
      expect(answer.headers['cache-control']).to.equal('no-store');
      const after = await sessions().findOne({ _id: before?._id });
      expect(after?.['generation']).to.equal(1);
      expect(cookiesOf(await browser.get(path))).to.deep.equal([]);
    });
  }

  it('renews once for many requests at once, and all of them go on (hold 101)', async () => {
    const { browser } = await hoursLater();
    const before = await sessions().findOne({}, { sort: { _id: -1 } });
    const cookies = browser.cookie();
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => request(app.url).get('/protected').set(cookies)),
    );
    expect(answers.map(({ status }) => status)).to.deep.equal(Array(10).fill(200));
    const refreshed = answers.map((answer) => cookiesOf(answer)[1]?.value);
    expect(new Set(refreshed).size).to.equal(1);
    expect((await sessions().findOne({ _id: before?._id }))?.['generation']).to.equal(1);
  });

  it('logs nobody out by an answer that was lost, however late (hold 38)', async () => {
    const { browser } = await hoursLater();
    const before = browser.cookie();
    // Broken off: what it sets does not arrive.
    expect((await request(app.url).get('/protected').set(before)).status).to.equal(200);
    await app.auth.service.settled();
    app.clock.advance(DAY);
    expect((await browser.get('/protected')).status).to.equal(200);
    expect(browser.cookie()).to.not.deep.equal(before);
    // Now it has arrived: whoever comes with the old one has a copy.
    expect((await browser.get('/protected')).status).to.equal(200);
    await app.auth.service.settled();
    app.clock.advance(MINUTE);
    expectRefusal(await request(app.url).get('/protected').set(before), 'invalid_token');
    expectRefusal(await browser.get('/protected'), 'invalid_token');
  });

  it('carries the new cookies on whatever the app answers, beside its own (hold 101)', async () => {
    const expected: Record<string, [status: number, names: string[]]> = {
      '/cached': [200, NAMES],
      '/elsewhere': [302, NAMES],
      '/streams': [200, ['theme', ...NAMES]],
      '/fails': [418, NAMES],
    };
    for (const [path, [status, names]] of Object.entries(expected)) {
      const { browser } = await hoursLater();
      const answer = await browser.get(path);
      expect([answer.status, cookiesOf(answer).map(({ name }) => name)], path).to.deep.equal([status, names]);
      expect(answer.headers['cache-control'], path).to.equal('no-store');
      expect((await browser.get('/protected')).status, path).to.equal(200);
    }
  });

  it('renews where the access cookie is no good for another reason, or not there', async () => {
    for (const spoil of [
      (jar: Map<string, string>) => jar.set('__Host-access', 'of another key'),
      (jar: Map<string, string>) => jar.delete('__Host-access'),
    ]) {
      const { browser } = await signedIn();
      spoil(browser.jar);
      expect((await browser.get('/protected')).status).to.equal(200);
      expect(browser.jar.get('__Host-access')).to.match(/^eyJ/);
    }
  });

  it('takes the cookies back where the session is over', async () => {
    for (const later of [0, 8 * 60 * MINUTE, 31 * DAY]) {
      const { browser } = await signedIn();
      await sessions().deleteMany({});
      app.clock.advance(later);
      const answer = await browser.get('/protected');
      expectRefusal(answer, 'invalid_token');
      expect(cookiesOf(answer).map(({ name, maxAge }) => [name, maxAge])).to.deep.equal(
        NAMES.map((name) => [name, 0]),
      );
      expectRefusal(await browser.get('/protected'), 'missing_token');
    }
  });

  it('sets and clears nothing while the database is away (hold 67)', async () => {
    const { browser } = await hoursLater();
    const heal = interceptCommands(async () => {
      throw Object.assign(new Error('connection reset'), { code: 'ECONNRESET' });
    });
    try {
      for (const path of ['/protected', '/claims', '/optional']) {
        const answer = await browser.get(path);
        expect([answer.status, cookiesOf(answer)]).to.deep.equal([503, []]);
      }
      const loggedOut = await browser.post('/auth/logout');
      expect([loggedOut.status, cookiesOf(loggedOut)]).to.deep.equal([503, []]);
    } finally {
      heal();
    }
    expect((await browser.get('/protected')).status).to.equal(200);
  });

  describe('asks where a request comes from that a cookie identifies, or that wants one', () => {
    const from = (headers: Record<string, string | string[]>) => headers as Record<string, string>;
    const allowed: Record<string, string>[] = [
      { 'sec-fetch-site': 'same-origin' },
      { origin: 'https://app.example.com' },
      { origin: 'https://admin.example.com', 'sec-fetch-site': 'same-site' },
    ];
    const refused: Record<string, string>[] = [
      {},
      { origin: 'null' },
      { origin: 'https://evil.example' },
      { origin: 'https://app.example.com.evil.example' },
      { origin: 'https://app.example.com:8443' },
      { origin: 'http://app.example.com' },
      { 'sec-fetch-site': 'same-site' },
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'none' },
      { 'sec-fetch-site': 'same-origin, same-origin' },
      { referer: 'https://app.example.com/' },
      from({ origin: ['https://app.example.com', 'https://app.example.com'] }),
      from({ origin: 'https://app.example.com', 'sec-fetch-site': ['same-origin', 'cross-site'] }),
    ];

    for (const headers of allowed) {
      it(`and lets in ${JSON.stringify(headers)}`, async () => {
        const { user, browser } = await signedIn();
        const other = new Browser(() => app, headers);
        for (const [name, value] of browser.jar) other.jar.set(name, value);
        expect((await other.post('/changes')).status).to.equal(200);
        expect((await other.logIn(user)).status).to.equal(200);
        expect((await other.post('/auth/logout')).status).to.equal(204);
      });
    }

    for (const headers of refused) {
      it(`and refuses ${JSON.stringify(headers)}, where nothing is changed (hold 60)`, async () => {
        const { user, browser } = await hoursLater();
        const other = new Browser(() => app, headers);
        for (const [name, value] of browser.jar) other.jar.set(name, value);
        const before = await sessions().find({}).toArray();
        const answers = [
          await other.post('/changes'),
          await other.post('/auth/refresh'),
          await other.post('/auth/logout'),
          await other.post('/auth/logout-all'),
          await other.delete('/auth/sessions'),
          await other.logIn(user),
        ];
        for (const answer of answers) {
          expectRefusal(answer, 'forbidden_origin');
          expect(cookiesOf(answer)).to.deep.equal([]);
        }
        expect(await sessions().find({}).toArray()).to.deep.equal(before);
        // What changes nothing is anybody's to send: who has sent it cannot read the answer.
        expect((await other.get('/protected')).status).to.equal(200);
      });
    }

    it('and of a bearer asks nothing, whatever cookies are there (hold 103)', async () => {
      const { browser } = await signedIn();
      const other = await app.signUp();
      const headers = { ...browser.cookie(), ...bearer(other.access_token), origin: 'https://evil.example' };
      const answer = await request(app.url).get('/protected').set(headers);
      expect(answer.body).to.deep.equal({ user: other.email });
      expect((await request(app.url).post('/changes').set(headers)).status).to.equal(200);
      expect((await request(app.url).post('/auth/logout').set(headers)).status).to.equal(204);
      expect((await browser.get('/protected')).status).to.equal(200);
    });

    it('and refuses a page of another origin what mails or registers', async () => {
      for (const path of ['/auth/register', '/auth/forgot-password']) {
        const body = { email: 'stranger@example.com', password: PASSWORD };
        const send = (headers: { origin: string }) => request(app.url).post(path).set(headers).send(body);
        expectRefusal(await send({ origin: 'https://evil.example' }), 'forbidden_origin');
        expect((await send({ origin: 'https://admin.example.com' })).status).to.be.within(200, 202);
      }
    });
  });

  it('refreshes by the cookie, and by none refuses (hold 103)', async () => {
    const { browser } = await signedIn();
    const answer = await browser.post('/auth/refresh');
    expect(answer.body).to.deep.equal({ token_type: 'cookie', expires_in: 900 });
    expect(cookiesOf(answer).map(({ name }) => name)).to.deep.equal(NAMES);
    const without = await request(app.url)
      .post('/auth/refresh')
      .set({ 'x-auth-mode': 'cookies', 'sec-fetch-site': 'same-origin' });
    expectRefusal(without, 'invalid_refresh_token');
  });

  it('takes no token from a cookie for a form of OAuth (hold 103)', async () => {
    const { browser } = await signedIn();
    const answer = await request(app.url)
      .post('/auth/token')
      .set({ ...browser.cookie(), 'sec-fetch-site': 'same-origin' })
      .type('form')
      .send({ grant_type: 'refresh_token' });
    expect([answer.status, answer.body.error, cookiesOf(answer)]).to.deep.equal([400, 'invalid_request', []]);
  });

  it('takes a token in the body alone, whatever cookies are there (hold 103)', async () => {
    const { browser } = await signedIn();
    const { refresh_token } = await app.signUp();
    const answer = await browser.post('/auth/refresh', { refresh_token });
    expect(answer.body).to.have.property('access_token');
    expect(cookiesOf(answer)).to.deep.equal([]);
    expect((await browser.get('/protected')).status).to.equal(200);
  });

  it('logs out by either cookie, and takes both back', async () => {
    for (const lost of [undefined, ...NAMES]) {
      const { browser } = await signedIn();
      const copy = browser.cookie();
      if (lost) browser.jar.delete(lost);
      const answer = await browser.post('/auth/logout');
      expect(answer.status).to.equal(204);
      expect(
        cookiesOf(answer).map(({ name, maxAge, secure, path }) => [name, maxAge, secure, path]),
      ).to.deep.equal(NAMES.map((name) => [name, 0, true, '/']));
      expectRefusal(await request(app.url).get('/protected').set(copy), 'invalid_token');
    }
  });

  it('answers a login in JSON that asks for no cookies, whatever cookies are there, and leaves those alone (hold 103)', async () => {
    const { user, browser } = await signedIn();
    const other = await app.register();
    const froms: Record<string, string>[] = [
      { 'sec-fetch-site': 'same-origin' },
      { origin: 'https://evil.example' },
    ];
    for (const from of froms) {
      const answer = await request(app.url)
        .post('/auth/token')
        .set({ ...browser.cookie(), ...from })
        .send({ username: other.email, password: PASSWORD });
      expect(answer.body).to.include.keys('access_token', 'refresh_token');
      expect(cookiesOf(answer)).to.deep.equal([]);
    }
    expect((await browser.get('/protected')).body).to.deep.equal({ user: user.email });
  });

  it('ends the session of before with a login, and replaces its cookies (hold 61)', async () => {
    const { browser } = await signedIn();
    const before = browser.cookie();
    const other = await app.register();
    await browser.logIn(other);
    expect((await browser.get('/protected')).body).to.deep.equal({ user: other.email });
    expectRefusal(await request(app.url).get('/protected').set(before), 'invalid_token');
  });

  describe('with `remember: false`', () => {
    const forgetful = async () => {
      const user = await app.register();
      const browser = new Browser(() => app);
      const login = { username: user.email, password: PASSWORD, remember: false };
      const post = request(app.url).post('/auth/token').set('X-Auth-Mode', 'cookies');
      return { user, browser, answer: await browser.send(post.send(login)) };
    };
    const agesOf = (answer: Parameters<typeof cookiesOf>[0]) => cookiesOf(answer).map(({ maxAge }) => maxAge);

    it('ends with the browser, and after a renewal and a new password too', async () => {
      const { browser, answer } = await forgetful();
      expect(agesOf(answer)).to.deep.equal([undefined, undefined]);
      app.clock.advance(60 * MINUTE);
      expect(agesOf(await browser.get('/protected'))).to.deep.equal([undefined, undefined]);
      const change = { current_password: PASSWORD, new_password: 'another correct horse' };
      expect(agesOf(await browser.post('/auth/change-password', change))).to.deep.equal([
        undefined,
        undefined,
      ]);
    });

    it('is over after a day unused, and not before', async () => {
      const { browser } = await forgetful();
      for (let day = 0; day < 3; day += 1) {
        app.clock.advance(DAY - MINUTE);
        expect((await browser.get('/protected')).status).to.equal(200);
      }
      app.clock.advance(DAY + MINUTE);
      expectRefusal(await browser.get('/protected'), 'invalid_token');
    });

    it('has an access token that ends with it', async () => {
      const { user, answer } = await forgetful();
      expect(answer.body.expires_in).to.equal(900);
      const { id } = (await app.auth.service.listSessions(user.id))[0] ?? { id: '' };
      expect(id).to.be.a('string');
      app.clock.advance(DAY + MINUTE);
      expect(await app.auth.service.listSessions(user.id)).to.deep.equal([]);
    });

    it('takes yes and no, and nothing else', async () => {
      const { email } = await app.register();
      const login = (remember: unknown) =>
        app.http.post('/auth/token').send({ username: email, password: PASSWORD, remember });
      for (const good of [true, false, null, 'true', 'false'])
        expect((await login(good)).status, String(good)).to.equal(200);
      for (const bad of ['no', 0, [false], {}]) {
        const answer = await login(bad);
        expect([answer.status, answer.body.errors[0].pointer], String(bad)).to.deep.equal([
          422,
          '#/remember',
        ]);
      }
    });
  });

  it('goes on with cookies after a new password, in a new session', async () => {
    const { browser } = await signedIn();
    const before = browser.cookie();
    const change = { current_password: PASSWORD, new_password: 'another correct horse' };
    const answer = await browser.post('/auth/change-password', change);
    expect(answer.body).to.deep.equal({
      message: 'Password changed successfully',
      token_type: 'cookie',
      expires_in: 900,
    });
    expect((await browser.get('/protected')).status).to.equal(200);
    expectRefusal(await request(app.url).get('/protected').set(before), 'invalid_token');
  });
});

describe('web mode for a page on another origin of the same site', () => {
  it('works with cors for the origins that are allowed, and for no other', async () => {
    const pages = ['https://app.example.com', 'https://admin.example.com'];
    const app = await createTestApp({
      cookies: true,
      allowedOrigins: pages,
      prepare: (each) => void each.use(cors({ origin: pages, credentials: true })),
    });
    try {
      const user = await app.register();
      const admin = new Browser(() => app, {
        origin: 'https://admin.example.com',
        'sec-fetch-site': 'same-site',
      });
      const answer = await admin.logIn(user);
      expect(answer.status).to.equal(200);
      expect(answer.headers).to.include({
        'access-control-allow-origin': 'https://admin.example.com',
        'access-control-allow-credentials': 'true',
        vary: 'Origin',
      });
      expect((await admin.get('/protected')).body).to.deep.equal({ user: user.email });
      expect((await admin.post('/auth/logout')).status).to.equal(204);
      const other = new Browser(() => app, {
        origin: 'https://shop.example.com',
        'sec-fetch-site': 'same-site',
      });
      const refused = await other.logIn(user);
      expectRefusal(refused, 'forbidden_origin');
      expect(refused.headers).to.not.have.property('access-control-allow-origin');
    } finally {
      await app.close();
    }
  });
});

describe('web mode on a loopback address', () => {
  it('has cookies without prefix and Secure, by appUrl and never by the request', async () => {
    const app = await createTestApp({ cookies: 'on', appUrl: 'http://localhost:3000' });
    try {
      const browser = new Browser(() => app);
      const answer = await browser.logIn(await app.register());
      expect(cookiesOf(answer).map(({ name, secure }) => [name, secure ?? false])).to.deep.equal([
        ['access', false],
        ['refresh', false],
      ]);
      expect((await browser.get('/protected')).status).to.equal(200);
    } finally {
      await app.close();
    }
  });
});
