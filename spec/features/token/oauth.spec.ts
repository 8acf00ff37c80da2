import { expect } from 'chai';
import express from 'express';
import { AuthError } from 'express-auth-kit';
import jwt from 'jsonwebtoken';
import { recordEvents } from '../../conformance/record-events.js';
import { expectOAuthError } from '../../http/expect-refusal.js';
import { bearer, createTestApp, PASSWORD, type TestApp } from '../../support/test-app.js';

const ONCE = 'grant_type is required, once.';

describe('the OAuth 2.0 dialect of /token', () => {
  let app: TestApp;

  before(async () => {
    app = await createTestApp();
  });
  after(() => app.close());

  const send = (form: string | Record<string, string>, at: TestApp = app) =>
    at.http
      .post('/auth/token')
      .type('form')
      .send(typeof form === 'string' ? form : new URLSearchParams(form).toString());
  const sessions = () => app.connection.collection('auth_sessions').countDocuments();

  it('answers grant_type=password as RFC 6749 section 5.1 has it', async () => {
    const { email, password } = await app.register();
    const form = {
      grant_type: 'password',
      username: ` ${email.toUpperCase()}`,
      password,
      scope: 'openid all',
    };
    const response = await send(form);
    expect(response.status, response.text).to.equal(200);
    const { access_token, refresh_token, ...rest } = response.body;
    expect(rest).to.deep.equal({ token_type: 'bearer', expires_in: 900 });
    expect(refresh_token).to.be.a('string');
    expect(response.headers['content-type']).to.equal('application/json; charset=utf-8');
    expect(response.headers['cache-control']).to.equal('no-store');
    await app.http.get('/protected').set(bearer(access_token)).expect(200, { user: email });
  });

  it('answers grant_type=refresh_token with the next generation', async () => {
    const { email, refresh_token } = await app.signUp();
    const { body } = await send({ grant_type: 'refresh_token', refresh_token, scope: 'all' }).expect(200);
    const { access_token, refresh_token: successor, ...rest } = body;
    expect(rest).to.deep.equal({ token_type: 'bearer', expires_in: 900 });
    expect(jwt.decode(successor)).to.include({ gen: 1 });
    await app.http.get('/protected').set(bearer(access_token)).expect(200, { user: email });
  });

  it('takes a password with every character that a form must encode', async () => {
    const password = 'a+b c%26&d=\u00e9\u6f22;zq';
    const { email: username } = await app.register({ password });
    await send({ grant_type: 'password', username, password }).expect(200);
    await send({ grant_type: 'password', email: username, password }).expect(200);
  });

  it('ignores client credentials, in the header and in the body: there are no clients here', async () => {
    const { email, password, refresh_token } = await app.signUp();
    const basic = `Basic ${Buffer.from('client:secret').toString('base64')}`;
    const client = { client_id: 'client', client_secret: 'secret' };
    const form = { grant_type: 'password', username: email, password, ...client };
    await send(form).set('authorization', basic).expect(200);
    await send({ grant_type: 'refresh_token', refresh_token, ...client })
      .set('authorization', basic)
      .expect(200);
    expectOAuthError(
      await send({ ...form, password: 'wrong' }).set('authorization', basic),
      'invalid_grant',
      'Incorrect email or password',
    );
  });

  describe('refuses, without WWW-Authenticate (hold 26),', () => {
    const credentials = { username: 'nobody@example.com', password: PASSWORD };
    const cases: Record<string, [form: string | Record<string, string>, error: string, description: string]> =
      {
        'wrong credentials': [
          { grant_type: 'password', ...credentials },
          'invalid_grant',
          'Incorrect email or password',
        ],
        'an invalid refresh token': [
          { grant_type: 'refresh_token', refresh_token: 'a.b.c' },
          'invalid_grant',
          'Could not validate refresh token',
        ],
        'no grant_type': [credentials, 'invalid_request', ONCE],
        'an empty grant_type': [{ grant_type: '', ...credentials }, 'invalid_request', ONCE],
        'grant_type twice': [
          'grant_type=password&grant_type=password&username=a&password=b',
          'invalid_request',
          ONCE,
        ],
        'an empty body': ['', 'invalid_request', ONCE],
        'an unknown grant_type': [
          { grant_type: 'client_credentials' },
          'unsupported_grant_type',
          'The grant types are password and refresh_token.',
        ],
        'a grant_type that every object has': [
          { grant_type: 'constructor' },
          'unsupported_grant_type',
          'The grant types are password and refresh_token.',
        ],
        'a grant_type in other letters': [
          { grant_type: 'Password', ...credentials },
          'unsupported_grant_type',
          'The grant types are password and refresh_token.',
        ],
        'no username': [
          { grant_type: 'password', password: PASSWORD },
          'invalid_request',
          'The username is required.',
        ],
        'no password': [
          { grant_type: 'password', username: 'a@example.com' },
          'invalid_request',
          'The password is required.',
        ],
        'an empty password': [
          { grant_type: 'password', username: 'a@example.com', password: '' },
          'invalid_request',
          'The password must not be empty.',
        ],
        'no refresh_token': [
          { grant_type: 'refresh_token' },
          'invalid_request',
          'The refresh token is required.',
        ],
        'username twice': [
          'grant_type=password&username=a%40example.com&username=b%40example.com&password=c',
          'invalid_request',
          'The username must be a string.',
        ],
        'password twice': [
          'grant_type=password&username=a%40example.com&password=b&password=c',
          'invalid_request',
          'The password must be a string.',
        ],
        'refresh_token twice': [
          'grant_type=refresh_token&refresh_token=b&refresh_token=c',
          'invalid_request',
          'The refresh token must be a string.',
        ],
        'brackets in a name': [
          'grant_type=password&username[$gt]=&password=c',
          'invalid_request',
          'The username is required.',
        ],
      };
    for (const [what, [form, error, description]] of Object.entries(cases)) {
      it(`${what}: ${error}`, async () => {
        const before = await sessions();
        expectOAuthError(await send(form), error, description);
        expect(await sessions()).to.equal(before);
      });
    }

    it('an access token for a refresh token: invalid_grant (hold 6)', async () => {
      const { access_token } = await app.signUp();
      expectOAuthError(
        await send({ grant_type: 'refresh_token', refresh_token: access_token }),
        'invalid_grant',
        'Could not validate refresh token',
      );
    });

    it('a replayed refresh token: invalid_grant, and the session is over (hold 36)', async () => {
      const { access_token, refresh_token } = await app.signUp();
      const events = recordEvents(app.auth);
      const { body } = await send({ grant_type: 'refresh_token', refresh_token }).expect(200);
      await app.http.get('/protected').set(bearer(body.access_token)).expect(200);
      await app.auth.service.settled();
      app.clock.advance(60_000);
      expectOAuthError(
        await send({ grant_type: 'refresh_token', refresh_token }),
        'invalid_grant',
        'Could not validate refresh token',
      );
      await app.http.get('/protected').set(bearer(access_token)).expect(401);
      expect(events.map(([name]) => name)).to.include('session.replayed');
    });

    it('more than 16 KB: 413 invalid_request (hold 64)', async () => {
      const response = await send({
        grant_type: 'password',
        username: 'a@example.com',
        password: 'x'.repeat(17_000),
      });
      expectOAuthError(response, 'invalid_request', 'The body is larger than 16 KB.', { status: 413 });
    });

    it('a thousand parameters and more: 413 invalid_request (hold 64)', async () => {
      const response = await send('a=&'.repeat(1001));
      expectOAuthError(response, 'invalid_request', 'The body is larger than 16 KB.', { status: 413 });
    });

    it('another charset than UTF-8: 415 invalid_request', async () => {
      const response = await app.http
        .post('/auth/token')
        .set('content-type', 'application/x-www-form-urlencoded; charset=utf-16')
        .send('grant_type=password');
      expectOAuthError(response, 'invalid_request', 'Send the body as UTF-8.', { status: 415 });
    });

    it('what is said to be gzip and is not: invalid_request', async () => {
      const response = await send('grant_type=password').set('content-encoding', 'gzip');
      expectOAuthError(response, 'invalid_request', 'The body must be a JSON object.');
    });
  });

  it('echoes nothing of what was sent (hold 26)', async () => {
    const secret = 'zqxjkvbw-marker';
    const forms = [
      `grant_type=${secret}`,
      `grant_type=password&username=${secret}%40example.com&password=${secret}`,
      `grant_type=refresh_token&refresh_token=${secret}`,
      `grant_type=password&username=${secret}&username=${secret}&password=${secret}`,
      `${secret}=${secret}`,
    ];
    for (const form of forms) {
      const { status, text, headers } = await send(form);
      expect(status).to.equal(400);
      expect(text + JSON.stringify(headers)).to.not.include(secret);
    }
  });

  it('is spoken for forms that the app has parsed, nested ones refused (hold 18)', async () => {
    const parsing = await createTestApp({
      prepare: (each) => each.use(express.urlencoded({ extended: true })),
    });
    try {
      const { email, password } = await parsing.register();
      await send({ grant_type: 'password', username: email, password }, parsing).expect(200);
      const must = (field: string) => `The ${field} must be a string.`;
      const nested = {
        [`grant_type=password&username[$gt]=&password=${PASSWORD}`]: must('username'),
        [`grant_type=password&username[]=${email}&password=${PASSWORD}`]: must('username'),
        [`grant_type=password&username=${email}&password[$ne]=x`]: must('password'),
        'grant_type[$ne]=x': ONCE,
        'grant_type[]=password': ONCE,
        'grant_type=refresh_token&refresh_token[$ne]=x': must('refresh token'),
      };
      for (const [form, description] of Object.entries(nested)) {
        expectOAuthError(await send(form, parsing), 'invalid_request', description);
      }
      expect(await parsing.connection.collection('auth_sessions').countDocuments()).to.equal(1);
    } finally {
      await parsing.close();
    }
  });

  it('is not spoken for JSON, where a grant_type means nothing', async () => {
    const { email, password, refresh_token } = await app.signUp();
    const json = (body: object) => app.http.post('/auth/token').send(body);
    await json({ grant_type: 'refresh_token', username: email, password }).expect(200);
    const { body } = await json({ grant_type: 'refresh_token', refresh_token }).expect(422);
    expect(body.code).to.equal('validation_failed');
  });

  it('keeps a refusal of the app\u2019s own within the characters of RFC 6749 section 5.2, and without a challenge', async () => {
    const barred = await createTestApp({
      hooks: {
        beforeSignIn() {
          const detail = 'Compte "bloqu\u00e9" \\ \u6f22';
          const headers = { 'www-authenticate': 'Bearer', 'X-Reason': 'blocked' };
          throw new AuthError({ status: 403, code: 'blocked', detail, headers });
        },
      },
    });
    try {
      const { email, password } = await barred.register();
      const response = await send({ grant_type: 'password', username: email, password }, barred);
      expectOAuthError(response, 'invalid_grant', "Compte 'bloqu?' ? ?");
      expect(response.headers['x-reason']).to.equal('blocked');
    } finally {
      await barred.close();
    }
  });

  for (const status of [429, 503]) {
    it(`says of an app’s own ${status} that it passes, and when`, async () => {
      const busy = await createTestApp({
        hooks: {
          beforeSignIn() {
            const headers = { 'Retry-After': '7' };
            throw new AuthError({ status, code: 'slow_down', detail: 'Later', headers });
          },
        },
      });
      try {
        const { email, password } = await busy.register();
        const response = await send({ grant_type: 'password', username: email, password }, busy);
        expect([response.status, response.body]).to.deep.equal([
          status,
          { error: 'temporarily_unavailable', error_description: 'Later' },
        ]);
        expect(response.headers['retry-after']).to.equal('7');
      } finally {
        await busy.close();
      }
    });
  }

  it('leaves what is no refusal to the error handler of the app', async () => {
    const broken = await createTestApp({
      hooks: {
        beforeSignIn() {
          throw new Error('the directory is down');
        },
      },
      finish: (each) =>
        each.use(((error, _req, res, _next) => {
          res.status(500).json({ handled: error.message });
        }) satisfies express.ErrorRequestHandler),
    });
    try {
      const { email, password } = await broken.register();
      const response = await send({ grant_type: 'password', username: email, password }, broken);
      expect([response.status, response.body]).to.deep.equal([500, { handled: 'the directory is down' }]);
    } finally {
      await broken.close();
    }
  });
});
