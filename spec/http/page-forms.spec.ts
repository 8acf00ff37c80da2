import { expect } from 'chai';
import request, { type Response } from 'supertest';
import { methods } from '../own-features/methods.js';
import { createTestApp, PASSWORD, type TestApp } from '../support/test-app.js';
import { Browser, cookiesOf } from './browser.js';
import { expectRefusal } from './expect-refusal.js';

const PAGE = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8';
const SAME_ORIGIN = { 'sec-fetch-site': 'same-origin', accept: PAGE };

/** A browser without JavaScript. */
class PlainBrowser extends Browser {
  submit(path: string, fields: object = {}, headers: Record<string, string> = {}): Promise<Response> {
    return this.send(request(this.url()).post(path).type('form').set(headers).send(fields));
  }
}

describe('HTML forms in web mode', () => {
  let app: TestApp;
  before(async () => {
    app = await createTestApp({
      cookies: true,
      profileFields: ['phone'],
      features: [methods({ gadget: {} })],
    } as never);
  });
  after(() => app.close());

  const browse = () => new PlainBrowser(() => app, SAME_ORIGIN);
  const locationOf = ({ status, headers }: Response) => [status, headers['location']];
  const signedIn = async () => {
    const user = await app.register();
    const browser = browse();
    await browser.submit('/auth/token', { username: user.email, password: PASSWORD });
    return { user, browser };
  };

  it('sign in by cookies, and lead to where they want to go', async () => {
    const user = await app.register();
    const browser = browse();
    const fields = { username: user.email, password: PASSWORD, return_to: '/account?tab=2' };
    const answer = await browser.submit('/auth/token', fields);
    expect(locationOf(answer)).to.deep.equal([303, '/account?tab=2']);
    expect(answer.headers['cache-control']).to.equal('no-store');
    expect(answer.text).to.not.include('eyJ');
    expect((await browser.get('/protected')).body).to.deep.equal({ user: user.email });
  });

  it('lead to the first page where they say nothing, or lead elsewhere (hold 102)', async () => {
    const user = await app.register();
    for (const return_to of [undefined, '', '//evil.example', 'https://evil.example/', '/\\evil.example']) {
      const fields = {
        username: user.email,
        password: PASSWORD,
        ...(return_to !== undefined && { return_to }),
      };
      expect(locationOf(await browse().submit('/auth/token', fields))).to.deep.equal([303, '/']);
    }
  });

  it('come back with what was wrong, and with nothing that was typed', async () => {
    const user = await app.register();
    const wrong = { username: user.email, password: 'not the right horse', return_to: '/account' };
    const answers: [fields: object, headers: Record<string, string>, location: string][] = [
      [{ ...wrong, error_to: '/login?lang=de' }, {}, '/login?lang=de&error=invalid_credentials'],
      [wrong, { referer: 'https://app.example.com/sign-in' }, '/sign-in?error=invalid_credentials'],
      [wrong, { referer: 'https://evil.example/' }, '/account?error=invalid_credentials'],
      [{ ...wrong, error_to: '//evil.example' }, {}, '/account?error=invalid_credentials'],
      [{ error_to: '/login' }, {}, '/login?error=validation_failed&fields=username%2Cpassword'],
    ];
    for (const [fields, headers, location] of answers) {
      const answer = await browse().submit('/auth/token', fields, headers);
      expect(locationOf(answer)).to.deep.equal([303, location]);
      expect(cookiesOf(answer)).to.deep.equal([]);
    }
  });

  it('register, recover, and change what is one’s own', async () => {
    const browser = browse();
    const email = 'by-form@example.com';
    const registered = await browser.submit('/auth/register', {
      email,
      password: PASSWORD,
      return_to: '/welcome',
    });
    expect(locationOf(registered)).to.deep.equal([303, '/welcome']);
    await browser.submit('/auth/token', { username: email, password: PASSWORD });
    expect(
      locationOf(await browser.submit('/auth/me', { name: 'Ada', phone: '7', return_to: '/account' })),
    ).to.deep.equal([303, '/account']);
    expect((await browser.get('/auth/me')).body).to.include({ name: 'Ada', phone: '7' });
    const change = {
      current_password: PASSWORD,
      new_password: 'another correct horse',
      return_to: '/account',
    };
    expect(locationOf(await browser.submit('/auth/change-password', change))).to.deep.equal([
      303,
      '/account',
    ]);
    expect((await browser.get('/protected')).status).to.equal(200);
    const recovery = await browser.submit('/auth/forgot-password', { email, return_to: '/password/sent' });
    expect(locationOf(recovery)).to.deep.equal([303, '/password/sent']);
    const gone = await browser.submit('/me/delete', { password: 'another correct horse', return_to: '/bye' });
    expect(locationOf(gone)).to.deep.equal([303, '/bye']);
    expect(browser.jar.size).to.equal(0);
  });

  it('end one session, and log out', async () => {
    const { user, browser } = await signedIn();
    const other = browse();
    await other.submit('/auth/token', { username: user.email, password: PASSWORD });
    const { body } = await browser.get('/auth/sessions');
    const { id } = (body as { id: string; current: boolean }[]).find(({ current }) => !current) ?? { id: '' };
    expect(
      locationOf(await browser.submit(`/auth/sessions/${id}/end`, { return_to: '/account' })),
    ).to.deep.equal([303, '/account']);
    expectRefusal(await other.get('/protected'), 'invalid_token');
    expect(locationOf(await browser.submit('/auth/logout', { return_to: '/bye' }))).to.deep.equal([
      303,
      '/bye',
    ]);
    expect(browser.jar.size).to.equal(0);
    expectRefusal(await browser.get('/protected'), 'missing_token');
  });

  it('are remembered by the last word they say: a hidden no, a checkbox yes', async () => {
    const user = await app.register();
    for (const [remember, isKept] of [
      [['false'], false],
      [['false', 'true'], true],
      [[], true],
    ] as const) {
      const fields = { username: user.email, password: PASSWORD, remember };
      const answer = await browse().submit('/auth/token', fields);
      const ages = cookiesOf(answer).map(({ maxAge }) => maxAge !== undefined);
      expect(ages, String(remember)).to.deep.equal([isKept, isKept]);
    }
  });

  it('lead on to the second step, and remember where they wanted to go', async () => {
    const user = await app.register();
    const waysIn = [{ method: 'gadget', id: 'g1', addedAt: new Date(app.clock.now()) }];
    await app.User.updateOne({ _id: user.id }, { $set: { waysIn } });
    const browser = browse();
    const fields = {
      username: user.email,
      password: PASSWORD,
      return_to: '/account?tab=2',
      remember: 'false',
    };
    const first = await browser.submit('/auth/token', fields);
    expect(locationOf(first)).to.deep.equal([303, '/login/challenge']);
    const flags = { httpOnly: true, secure: true, sameSite: 'lax', path: '/', maxAge: 600 };
    expect(cookiesOf(first).map(({ value, ...rest }) => rest)).to.deep.equal([
      { name: '__Host-challenge', ...flags },
    ]);
    expectRefusal(await browser.get('/protected'), 'missing_token');
    const wrong = { method: 'gadget', code: 'wrong', error_to: '/login/challenge' };
    expect(locationOf(await browser.submit('/auth/challenge', wrong))).to.deep.equal([
      303,
      '/login/challenge?error=invalid_code',
    ]);
    const second = await browser.submit('/auth/challenge', { method: 'gadget', code: 'right' });
    expect(locationOf(second)).to.deep.equal([303, '/account?tab=2']);
    expect(cookiesOf(second).map(({ maxAge }) => maxAge)).to.deep.equal([undefined, undefined, 0]);
    expect([...browser.jar.keys()]).to.deep.equal(['__Host-access', '__Host-refresh']);
    expect((await browser.get('/protected')).body).to.deep.equal({ user: user.email });
  });

  it('count a challenge in the body first', async () => {
    const browser = browse();
    browser.jar.set('__Host-challenge', 'of another sign-in');
    const answer = await browser.submit('/auth/challenge', {
      challenge: 'x',
      method: 'gadget',
      code: 'right',
    });
    expect(locationOf(answer)).to.deep.equal([303, '/?error=invalid_challenge']);
  });

  it('of nobody lead to the login, and back from there', async () => {
    const answer = await browse().submit('/auth/me', { name: 'Ada', error_to: '/account' });
    expect(locationOf(answer)).to.deep.equal([303, '/login?error=missing_token&return_to=%2Faccount']);
  });

  it('from elsewhere are refused and lead nowhere, the login included (hold 60)', async () => {
    const { user, browser } = await signedIn();
    const elsewhere = new PlainBrowser(() => app, { accept: PAGE, origin: 'https://evil.example' });
    for (const [name, value] of browser.jar) elsewhere.jar.set(name, value);
    for (const path of [
      '/auth/token',
      '/auth/logout',
      '/auth/me',
      '/me/delete',
      '/auth/register',
      '/auth/forgot-password',
    ]) {
      const fields = { username: user.email, email: user.email, password: PASSWORD, error_to: '/login' };
      const answer = await elsewhere.submit(path, fields);
      expectRefusal(answer, 'forbidden_origin');
      expect(cookiesOf(answer)).to.deep.equal([]);
    }
    expect((await browser.get('/protected')).status).to.equal(200);
  });

  it('have places of their own for what has another method, and JSON has none there', async () => {
    const { browser } = await signedIn();
    for (const path of ['/auth/me', '/me', '/auth/me/delete', '/auth/sessions/1/end'])
      expect((await browser.post(path, { name: 'Ada' })).status, path).to.equal(415);
  });

  it('are no page’s where a token is shown: then nothing is answered by a page (hold 103)', async () => {
    const user = await app.signUp();
    const form = (path: string) =>
      request(app.url)
        .post(path)
        .set({ ...SAME_ORIGIN, Authorization: `Bearer ${user.access_token}` })
        .type('form');
    const fields = { grant_type: 'password', username: user.email, password: PASSWORD };
    const answer = await form('/auth/token').send(fields);
    expect(answer.body).to.include.keys('access_token', 'refresh_token');
    expect(cookiesOf(answer)).to.deep.equal([]);
    expect((await form('/auth/change-password').send(fields)).status).to.equal(415);
  });

  it('are forms of OAuth clients without a word of HTML: no cookie, and no page (hold 103)', async () => {
    const user = await app.register();
    const fields = { grant_type: 'password', username: user.email, password: PASSWORD };
    const answer = await request(app.url).post('/auth/token').type('form').send(fields);
    expect(answer.body).to.include.keys('access_token', 'refresh_token');
    expect(cookiesOf(answer)).to.deep.equal([]);
    expect((await request(app.url).post('/auth/register').type('form').send(fields)).status).to.equal(415);
  });
});

describe('HTML forms without web mode', () => {
  it('are as before: 415, or a request of OAuth', async () => {
    const app = await createTestApp();
    try {
      const form = (path: string) => request(app.url).post(path).set('Accept', PAGE).type('form');
      expect((await form('/auth/register').send({ email: 'a@example.com' })).status).to.equal(415);
      expect((await form('/auth/token').send({ username: 'a' })).body.error).to.equal('invalid_request');
      expect((await app.http.post('/auth/me').send({})).status).to.equal(404);
    } finally {
      await app.close();
    }
  });
});
