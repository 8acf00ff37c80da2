import { once } from 'node:events';
import net from 'node:net';
import { expect } from 'chai';
import { createAuthRouter } from 'express-auth-kit';
import fc from 'fast-check';
import mongoose from 'mongoose';
import { bearer, createTestApp, PASSWORD, type TestApp } from '../support/test-app.js';
import { databaseContents } from './database-contents.js';
import { nameOf, tableOf } from './route-rows.js';

/** Fields that one endpoint or another knows, and some that none may take. */
const FIELDS = [
  'email',
  'username',
  'password',
  'current_password',
  'new_password',
  'token',
  'refresh_token',
  'name',
  'phone',
  'device_name',
  'method',
  'code',
  'challenge',
  'grant_type',
];
const FORBIDDEN = [
  'roles',
  'emailVerifiedAt',
  'disabledAt',
  '_id',
  'id',
  'securityStamp',
  'waysIn',
  '__proto__',
];

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.constantFrom('', ' ', '\0', '\ud800', 'a@b.example', '{"$gt":""}', '%00', '../..', 'é'.normalize('NFD')),
);
const value = fc.oneof({ weight: 3, arbitrary: text }, fc.jsonValue({ maxDepth: 2 }));
/** Any JSON, mostly an object with fields that are known. */
const json = fc.oneof(
  { weight: 4, arbitrary: fc.dictionary(fc.constantFrom(...FIELDS, ...FORBIDDEN), value, { maxKeys: 8 }) },
  fc.jsonValue({ maxDepth: 3 }),
);

/** The seed of a failure is printed, and repeats it. */
const RUNS = { numRuns: 60 };

describe('whatever is sent', function () {
  this.timeout(120_000);
  let app: TestApp;
  let user: Awaited<ReturnType<TestApp['signUp']>>;

  before(async () => {
    app = await createTestApp({
      emailVerification: 'optional',
      profileFields: ['phone'],
      finish: (own, auth) => {
        own.get('/claims', auth.requireClaims, (_req, res) => void res.json({}));
        own.get('/optional', auth.optionalUser, (req, res) => void res.json({ user: req.user ?? null }));
      },
    });
  });
  after(() => app.close());
  beforeEach(async () => {
    user = await app.signUp({ name: 'Ada' });
    await app.auth.service.settled();
    // The login is no recent one: nothing is done without the password.
    app.clock.advance(6 * 60_000);
  });

  /** What nobody may write by a body. */
  const protectedOf = async () => {
    const found = await app.connection.collection('users').findOne({ email: user.email });
    const { password, roles, emailVerifiedAt, disabledAt, passwordStamp, waysIn } = { ...found };
    return { password, roles, emailVerifiedAt, disabledAt, passwordStamp, waysIn };
  };

  for (const row of tableOf([])) {
    const { method, path, accepts } = row;
    if (method === 'get') continue;
    it(`is answered by ${nameOf(row)} with no 5xx, and a refusal changes nothing (hold 62)`, async () => {
      await fc.assert(
        fc.asyncProperty(json, async (body) => {
          const before = await databaseContents(app.connection);
          const what = await protectedOf();
          const request = app.http[method](`/auth${path.replace(':id', 'a'.repeat(24))}`);
          const answer = await request
            .set(bearer(user.access_token))
            .type(accepts === 'form' ? 'form' : 'json')
            .send(accepts === 'form' ? formOf(body) : JSON.stringify(body));
          expect(answer.status, JSON.stringify(answer.body)).to.be.lessThan(500);
          expect(await protectedOf()).to.deep.equal(what);
          if (answer.status < 400) return;
          expect(answer.type).to.equal(accepts === 'form' ? 'application/json' : 'application/problem+json');
          expect(await databaseContents(app.connection)).to.deep.equal(before);
        }),
        RUNS,
      );
    });
  }

  it('is stored by a registration as an account like any other (hold 44)', async () => {
    const addresses = Array.from({ length: 10 * RUNS.numRuns }, (_, index) => `any-${index}@example.com`);
    await fc.assert(
      fc.asyncProperty(fc.dictionary(fc.constantFrom(...FORBIDDEN, 'phone', 'name'), value), async (more) => {
        const email = addresses.pop() as string;
        const { status } = await app.http.post('/auth/register').send({ ...more, email, password: PASSWORD });
        expect(status).to.be.oneOf([201, 422]);
        if (status === 422) return;
        const stored = await app.connection.collection('users').findOne({ email });
        const { roles, waysIn = [], disabledAt = null, emailVerifiedAt = null } = { ...stored };
        expect([roles, waysIn, disabledAt, emailVerifiedAt]).to.deep.equal([[], [], null, null]);
        expect(stored?._id).to.be.instanceOf(mongoose.Types.ObjectId);
      }),
      RUNS,
    );
    expect(Object.hasOwn(Object.prototype, 'roles')).to.equal(false);
  });

  /** A request as bytes, which no client would send. */
  async function raw(head: string, body: Uint8Array = new Uint8Array()): Promise<number> {
    const socket = net.connect(Number(new URL(app.url).port), '127.0.0.1');
    socket.on('error', () => {});
    socket.write(Buffer.concat([Buffer.from(head, 'latin1'), body]));
    let answer = '';
    socket.setEncoding('latin1').on('data', (chunk) => {
      answer += chunk;
    });
    await once(socket, 'close');
    return Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1]);
  }

  it('as a bearer token opens nothing, and is no 5xx (hold 13)', async () => {
    const bytes = fc
      .uint8Array({ minLength: 1, maxLength: 200 })
      .map((array) => array.filter((byte) => byte !== 10 && byte !== 13));
    await fc.assert(
      fc.asyncProperty(fc.constantFrom('/protected', '/claims'), bytes, async (path, token) => {
        const credentials = Buffer.from(token).toString('latin1');
        const head = `GET ${path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\nAuthorization: Bearer ${credentials}\r\n\r\n`;
        expect(await raw(head)).to.be.oneOf([400, 401]);
      }),
      { numRuns: 300 },
    );
  });

  it('in place of a part of a good token opens nothing', async () => {
    const parts = user.access_token.split('.');
    await fc.assert(
      fc.asyncProperty(fc.nat(2), fc.base64String({ maxLength: 120 }), async (index, part) => {
        const forged = parts
          .with(index, part.replace(/\+/g, '-').replace(/\//g, '_').replace(/=/g, ''))
          .join('.');
        if (forged === user.access_token) return;
        await app.http.get('/protected').set(bearer(forged)).expect(401);
        await app.http.get('/claims').set(bearer(forged)).expect(401);
        const { body } = await app.http.get('/optional').set(bearer(forged)).expect(200);
        expect(body).to.deep.equal({ user: null });
      }),
      { numRuns: 100 },
    );
  });

  it('as the bytes of a body is no 5xx, and changes nothing (hold 62)', async () => {
    const types = [
      'application/json',
      'application/json; charset=utf-16',
      'application/x-www-form-urlencoded',
      'text/plain',
      'multipart/form-data; boundary=x',
      'application/problem+json',
      '',
    ];
    const paths = ['/auth/token', '/auth/register', '/auth/forgot-password', '/auth/logout'];
    const before = await databaseContents(app.connection);
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...paths),
        fc.constantFrom(...types),
        fc.constantFrom('', 'gzip', 'br', 'identity', 'x'),
        fc.uint8Array({ maxLength: 200 }),
        async (path, type, encoding, body) => {
          const head = [
            `POST ${path} HTTP/1.1`,
            'Host: a',
            'Connection: close',
            ...(type ? [`Content-Type: ${type}`] : []),
            ...(encoding ? [`Content-Encoding: ${encoding}`] : []),
            `Content-Length: ${body.length}`,
          ];
          const status = await raw(`${head.join('\r\n')}\r\n\r\n`, body);
          // A logout of nobody is one.
          expect(status).to.satisfy(
            (told: number) => (told >= 400 && told < 500) || (told === 204 && path === '/auth/logout'),
          );
        },
      ),
      { numRuns: 300 },
    );
    expect(await databaseContents(app.connection)).to.deep.equal(before);
  });

  it('as options makes a router, or is a TypeError that names the option', () => {
    const names = [
      'secretKey',
      'previousSecretKeys',
      'algorithm',
      'accessTokenExpireMinutes',
      'refreshGraceSeconds',
      'appUrl',
      'links',
      'mail',
      'templates',
      'registerFields',
      'loginFields',
      'password',
      'hooks',
      'features',
      'messages',
      'claims',
      'clock',
      'logger',
      'sessionsPerUser',
      'audit',
      'emailVerification',
      'registration',
      'unknown',
    ];
    const anything = fc.anything({
      withNullPrototype: true,
      withDate: true,
      withMap: true,
      withBigInt: true,
      maxDepth: 2,
    });
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...names), anything, { maxKeys: 4 }), (options) => {
        try {
          createAuthRouter({ User: app.User, ...options } as never).service.close();
        } catch (error) {
          expect(error).to.be.instanceOf(TypeError);
          expect((error as Error).message).to.match(
            /^\w+[\w.[\]]*( \(or AUTH_\w+\))?: |requires|AUTH_SECRET_KEY/,
          );
        }
      }),
      { numRuns: 500 },
    );
  });
});

/** As a form can say it: texts alone. */
function formOf(body: unknown): string {
  if (typeof body !== 'object' || body === null) return String(body);
  return new URLSearchParams(
    Object.fromEntries(Object.entries(body).map(([name, each]) => [name, String(each)])),
  ).toString();
}
