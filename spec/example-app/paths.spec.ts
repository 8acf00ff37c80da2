import { execFile, spawnSync } from 'node:child_process';
import { copyFile } from 'node:fs/promises';
import http from 'node:http';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import request from 'supertest';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { bearer } from '../support/test-app.js';
import { type AppFolder, type AppProcess, createAppFolder, ENV_EXAMPLE, poll } from './app-process.js';
import { createMongoProxy, type MongoProxy } from './mongo-proxy.js';
import { describeWalk } from './walk.js';

const run = promisify(execFile);
const PASSWORD = 'correct horse battery';

describe('the paths of the example app', function () {
  // Processes are started here: on a busy machine that takes its time.
  this.timeout(60_000);

  let database: TestDatabase;
  let proxy: MongoProxy | undefined;
  let folder: AppFolder;
  let app: AppProcess;

  before(async () => {
    database = await createTestDatabase();
    proxy = await createMongoProxy(database.uri);
    folder = await createAppFolder();
    await copyFile(ENV_EXAMPLE, join(folder.path, '.env'));
    app = await folder.start({
      MONGODB_URI: proxy?.uri ?? database.uri,
      AUTH_BCRYPT_COST: '10',
      TRUST_PROXY: 'true',
    });
  });
  after(async () => {
    await folder?.remove();
    proxy?.close();
    await database?.drop();
  });

  const register = (email: string, fields = {}) =>
    request(app.url)
      .post('/auth/register')
      .send({ email, password: PASSWORD, ...fields })
      .expect(201);
  const logIn = async (email: string): Promise<string> => {
    const { body } = await request(app.url).post('/auth/token').send({ username: email, password: PASSWORD });
    return body.access_token;
  };
  const mailedLink = async (email: string): Promise<URL> => {
    await request(app.url).post('/auth/forgot-password').send({ email }).expect(202);
    const { body } = await request(app.url).get('/dev/mailbox.json').expect(200);
    expect(body[0].to).to.equal(email);
    return new URL(/http\S+/.exec(body[0].text)?.[0] ?? '');
  };

  it('are told when it starts, here with a copy of .env.example', () => {
    expect(app.output().split('\n')).to.deep.equal([
      `The example app listens on ${app.url}`,
      `The mails it would send are on ${app.url}/dev/mailbox`,
      '',
    ]);
  });

  describe('/', () => {
    it('is a page of this server alone, with no script or style in it', async () => {
      const { text, headers } = await request(app.url).get('/').expect(200);
      expect(headers['content-type']).to.equal('text/html; charset=utf-8');
      expect(headers['content-security-policy']).to.include("default-src 'none'");
      expect(headers['content-security-policy']).to.include("frame-ancestors 'none'");
      expect(headers['content-security-policy']).to.include("script-src 'self';");
      expect(headers['content-security-policy']).to.not.include('unsafe');
      expect(headers['x-content-type-options']).to.equal('nosniff');
      expect(headers).to.not.have.property('x-powered-by');
      expect(text).to.not.match(
        /<script(?! type="module" src="\/app\.js"><\/script>)|https?:\/\/(?!127\.0\.0\.1)|style="/,
      );
    });

    it('has links that lead somewhere', async () => {
      const { text } = await request(app.url).get('/');
      const links = [...text.matchAll(/href="([^"]+)"/g)].map(([, link]) => link as string);
      expect(links).to.include.members(['/style.css', '/dev/mailbox', '/password/forgot', '/curl']);
      for (const link of links) {
        const { status } = await request(app.url).get(link).set('accept', 'text/html');
        // What is for who is signed in leads to the login.
        expect(status, link).to.equal(link === '/account' ? 303 : 200);
      }
    });

    it('leads to a transcript that can be pasted into a shell', async function () {
      if (spawnSync('curl', ['--version']).status !== 0 || process.platform === 'win32') this.skip();
      const transcript = await readTranscript();
      const { stdout, stderr } = await run('sh', ['-c', transcript]);
      expect(stderr).to.equal('');
      const lines = stdout.trim().split('\n');
      const [registered, seen, profile, refreshed, asked, validated, reset, loggedOut, refused] = lines;
      const user = JSON.parse(registered ?? '');
      expect(user).to.include({ name: 'Ada Lovelace', company: 'Analytical Engines' });
      expect(JSON.parse(seen ?? '')).to.deep.equal({ user: user.email });
      expect(JSON.parse(profile ?? '')).to.deep.equal(user);
      expect(JSON.parse(refreshed ?? '')).to.include({ token_type: 'bearer' });
      expect(JSON.parse(asked ?? '')).to.deep.equal({ message: 'Password reset email sent' });
      expect(JSON.parse(validated ?? '')).to.deep.equal({ email: user.email, valid: true });
      expect(JSON.parse(reset ?? '')).to.deep.equal({ message: 'Password updated' });
      expect(loggedOut).to.equal('204');
      expect(JSON.parse(refused ?? '')).to.include({ status: 401, code: 'invalid_token' });
      expect(lines).to.have.length(9);
    });

    it('names the address that the reader came by, unless that is no address', async () => {
      expect(await readTranscript({ Host: 'devbox:8080' })).to.match(/^APP='http:\/\/devbox:8080'\n/);
      for (const Host of ["a'; touch b; '", '<b>', 'a b']) {
        expect(await readTranscript({ Host })).to.match(new RegExp(`^APP='${app.url}'\n`));
      }
    });

    /** As a person would who copies it from the page's source: nothing is unescaped. */
    async function readTranscript(headers: http.OutgoingHttpHeaders = {}): Promise<string> {
      const [answer] = await new Promise<[http.IncomingMessage]>((resolve, reject) => {
        http.get(`${app.url}/curl`, { headers }, (...args) => resolve(args)).once('error', reject);
      });
      const page = (await answer.toArray()).join('');
      return /<pre id="transcript"[^>]*>([^<]+)<\/pre>/.exec(page)?.[1] ?? '';
    }
  });

  it('/auth and /me are the kit, with the fields of the app', async () => {
    const { body } = await register('grace@example.com', {
      phone: '+1 23',
      company: 'Navy',
      roles: ['admin'],
    });
    expect(body).to.include({ email: 'grace@example.com', phone: '+1 23', company: 'Navy' });
    expect(body.roles).to.deep.equal([]);
    const headers = bearer(await logIn('grace@example.com'));
    const { body: profile } = await request(app.url).get('/me').set(headers).expect(200);
    expect(profile).to.deep.equal(body);
    const { body: same } = await request(app.url).get('/auth/me').set(headers).expect(200);
    expect(same).to.deep.equal(body);
    const stored = await database.connection.collection('users').findOne({ email: 'grace@example.com' });
    expect(stored).to.include({ __t: 'User', company: 'Navy' });
    expect(stored?.password).to.match(/^\$2b\$10\$/);
  });

  it('/protected lets only signed-in users pass', async () => {
    const { body: refusal, headers } = await request(app.url).get('/protected').expect(401);
    expect(refusal).to.include({ code: 'missing_token', detail: 'Not authenticated' });
    expect(headers['www-authenticate']).to.equal('Bearer');
    await register('linus@example.com');
    const token = await logIn('linus@example.com');
    const answer = await request(app.url).get('/protected').set(bearer(token)).expect(200);
    expect(answer.body).to.deep.equal({ user: 'linus@example.com' });
    expect(answer.headers['cache-control']).to.equal('no-store');
  });

  it('/dev/mailbox.json has the mails, newest first', async () => {
    await register('first@example.com');
    await register('second@example.com');
    await mailedLink('first@example.com');
    await mailedLink('second@example.com');
    const { body, headers } = await request(app.url).get('/dev/mailbox.json').expect(200);
    expect(body[0]).to.have.all.keys('to', 'subject', 'text', 'html');
    expect(body.slice(0, 2).map(({ to }: { to: string }) => to)).to.deep.equal([
      'second@example.com',
      'first@example.com',
    ]);
    expect(headers['cache-control']).to.equal('no-store');
  });

  it('/dev/mailbox shows them, each as a document without rights', async () => {
    await register('reader@example.com');
    const { href } = await mailedLink('reader@example.com');
    const { text } = await request(app.url).get('/dev/mailbox').expect(200);
    expect(text).to.include('to reader@example.com').and.include(`<a href="${href}">`);
    expect(text).to.not.match(/sandbox="[^"]*(allow-scripts|allow-same-origin|allow-forms)/);
  });

  it('/dev/mailbox is there for loopback names alone, whatever a proxy is said to have been asked for (hold 88)', async () => {
    await register('rebound@example.com');
    await mailedLink('rebound@example.com');
    const get = (path: string, host: string) =>
      request(app.url).get(path).set('host', host).set('x-forwarded-host', 'localhost');
    const { port } = new URL(app.url);
    for (const path of ['/dev/mailbox', '/dev/mailbox.json', '/DEV//mailbox.json']) {
      for (const host of ['evil.example', `evil.example:${port}`, 'localhost.evil.example', '']) {
        const { body, text } = await get(path, host).expect(404);
        expect(body).to.include({ status: 404, code: 'not_found' });
        expect(text).to.not.include('rebound@example.com').and.not.include('token=');
      }
    }
    for (const host of ['localhost', 'LOCALHOST:3000', `127.0.0.1:${port}`, '[::1]:8080', 'app.localhost']) {
      expect((await get('/dev/mailbox', host).expect(200)).text).to.include('rebound@example.com');
      expect((await get('/dev/mailbox.json', host).expect(200)).text).to.include('rebound@example.com');
    }
  });

  /** The first form of a page, as a browser without scripts submits it. */
  const submit = (page: string, fields: Record<string, string> = {}) => {
    const [, action = '', inside = ''] =
      /<form method="post" action="([^"]+)"[^>]*>([\s\S]*?)<\/form>/.exec(
        page.slice(page.indexOf('<main')),
      ) ?? [];
    const hidden = [...inside.matchAll(/type="hidden" name="([^"]+)" value="([^"]*)"/g)];
    const given = Object.fromEntries(
      hidden.map(([, name, value]) => [name, value?.replaceAll('&amp;', '&')]),
    );
    return request(app.url)
      .post(action)
      .set({ accept: 'text/html', 'sec-fetch-site': 'same-origin' })
      .type('form')
      .send({ ...given, ...fields });
  };
  const open = async (path: string) => (await request(app.url).get(path).expect(200)).text;

  it('/password/reset has a form for the new password, and opening it uses nothing up (hold 55)', async () => {
    await register('forgetful@example.com');
    const link = await mailedLink('forgetful@example.com');
    expect(link.origin + link.pathname).to.equal(`${app.url}/password/reset`);
    const path = link.pathname + link.search;
    for (const method of ['head', 'get', 'get'] as const) await request(app.url)[method](path).expect(200);
    const { text, headers } = await request(app.url).get(path);
    expect(headers).to.include({ 'cache-control': 'no-store', 'referrer-policy': 'same-origin' });
    const weak = await submit(text, { password: 'password' });
    expect(weak.headers['location']).to.equal(`${path}&error=validation_failed&fields=password`);
    expect(await open(weak.headers['location'] as string)).to.include('aria-invalid="true"');
    const answer = await submit(text, { password: 'another correct horse' });
    expect([answer.status, answer.headers['location']]).to.deep.equal([303, '/login?reset']);
    expect(await open('/login?reset')).to.include('Your new password is in force.');
    const again = await submit(text, { password: 'a third correct horse' });
    expect(again.headers['location']).to.equal(`${path}&error=invalid_one_time_token`);
  });

  it('/verify-email has a button that confirms the address, and opening it uses nothing up (hold 55)', async () => {
    const email = 'confirming@example.com';
    await register(email);
    const { body } = await request(app.url).get('/dev/mailbox.json').expect(200);
    const mail = body.find(({ to }: { to: string }) => to === email);
    const link = new URL(/http\S+/.exec(mail.text)?.[0] ?? '');
    expect(link.origin + link.pathname).to.equal(`${app.url}/verify-email`);
    for (const method of ['head', 'get', 'get'] as const) {
      await request(app.url)
        [method](link.pathname + link.search)
        .expect(200);
    }
    const page = await open(link.pathname + link.search);
    const answer = await submit(page);
    expect([answer.status, answer.headers['location']]).to.deep.equal([303, '/verify-email?done']);
    expect(await open('/verify-email?done')).to.include('Your address is confirmed.');
    const again = await submit(page);
    expect(again.headers['location']).to.equal('/verify-email?error=invalid_one_time_token');
    expect(await open('/verify-email?error=invalid_one_time_token')).to.include('This link has been used');
    const user = await database.connection.collection('users').findOne({ email });
    expect(user?.emailVerifiedAt).to.be.a('date');
  });

  it('/change-email/confirm and /undo have buttons that do so', async () => {
    const email = 'moving@example.com';
    const wanted = 'moved@example.com';
    await register(email);
    await request(app.url)
      .post('/auth/change-email')
      .set(bearer(await logIn(email)))
      .send({ email: wanted, password: PASSWORD })
      .expect(202);
    const { body } = await request(app.url).get('/dev/mailbox.json').expect(200);
    const press = async (to: string, path: string) => {
      const { text } = body.find(
        (mail: { to: string; text: string }) => mail.to === to && mail.text.includes(path),
      );
      const link = new URL(new RegExp(`http\\S+${path}\\S+`).exec(text)?.[0] ?? '');
      return (await submit(await open(link.pathname + link.search))).headers['location'];
    };
    const stored = async () =>
      (await database.connection.collection('users').findOne({ email: { $in: [email, wanted] } }))?.['email'];
    expect(await press(wanted, '/change-email/confirm')).to.equal('/change-email/confirm?done');
    expect(await stored()).to.equal(wanted);
    expect(await press(email, '/change-email/undo')).to.equal('/change-email/undo?done');
    expect(await stored()).to.equal(email);
    expect(await press(email, '/change-email/undo')).to.equal(
      '/change-email/undo?error=invalid_one_time_token',
    );
  });

  for (const page of ['/password/reset', '/verify-email', '/change-email/confirm', '/change-email/undo']) {
    it(`${page} takes a token for text, and says where there is none`, async () => {
      const token = '"><script>alert(1)</script>';
      const { text } = await request(app.url).get(page).query({ token }).expect(200);
      expect(text).to.not.include('<script>');
      for (const path of [page, `${page}?token=`, `${page}?token=a&token=b`])
        expect(await open(path)).to.include('This link is not complete.');
    });
  }

  it('/account is for who is signed in, and leads others to the login and back', async () => {
    const email = 'settled@example.com';
    await register(email, { phone: '+1 23' });
    const page = await request(app.url).get('/account?tab=2').set('accept', 'text/html');
    expect([page.status, page.headers['location']]).to.deep.equal([
      303,
      '/login?return_to=%2Faccount%3Ftab%3D2',
    ]);
    const form = await open(page.headers['location'] as string);
    const wrong = await submit(form, { username: email, password: 'not the right horse' });
    const back = wrong.headers['location'] as string;
    expect(back).to.equal('/login?return_to=%2Faccount%3Ftab%3D2&error=invalid_credentials');
    const login = await submit(await open(back), { username: email, password: PASSWORD, remember: 'true' });
    expect([login.status, login.headers['location']]).to.deep.equal([303, '/account?tab=2']);
    const cookie = (login.headers['set-cookie'] as unknown as string[]).map((line) => line.split(';')[0]);
    const account = await request(app.url).get('/account').set('cookie', cookie.join('; ')).expect(200);
    expect(account.text).to.include(email).and.include('value="+1 23"').and.include('this one');
    expect(account.headers['cache-control']).to.equal('no-store');
  });

  describe('/auth, from the registration to the logout', () => {
    describeWalk(() => ({ app, database }));
  });

  it('/healthz and /readyz say that it is alive and that the database is there', async () => {
    for (const path of ['/healthz', '/readyz']) {
      const { body, headers } = await request(app.url).get(path).expect(200);
      expect(body).to.deep.equal({ status: 'ok' });
      expect(headers['cache-control']).to.equal('no-store');
    }
  });

  it('/readyz says 503 within its deadline while the database does not answer', async function () {
    if (!proxy) this.skip();
    proxy.freeze();
    const { body, headers } = await request(app.url).get('/readyz').timeout(3000).expect(503);
    expect(body).to.include({ code: 'unavailable', detail: 'Temporarily unavailable, try again' });
    expect(headers['retry-after']).to.match(/^\d+$/);
    await request(app.url).get('/healthz').expect(200);
    proxy.thaw();
    await poll(async () => (await request(app.url).get('/readyz')).status === 200);
  });

  it('an unknown path is told in JSON', async () => {
    for (const path of ['/nothing', '/auth/nothing', '/dev/nothing', '/..%2f.env', '/style.css/', '/docs']) {
      const { body, headers } = await request(app.url).get(path).expect(404);
      expect(body).to.include({ status: 404, code: 'not_found', detail: 'Not found' });
      expect(headers['content-type']).to.equal('application/problem+json');
    }
  });

  it('a body that is no JSON is told without a stack', async () => {
    const { text } = await request(app.url)
      .post('/auth/token')
      .set('Content-Type', 'application/json')
      .send('{"password":"hunter2')
      .expect(400);
    expect(JSON.parse(text)).to.include({ code: 'malformed_body' });
    expect(text).to.not.match(/\bat |hunter2|node_modules/);
    expect(app.output()).to.not.include('hunter2');
  });
});
