import { readFile } from 'node:fs/promises';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect } from 'chai';
import { AUTH_ERROR_CODES } from 'express-auth-kit';
import jwt from 'jsonwebtoken';
import type { Response } from 'supertest';
import type { Method } from '../../lib/core/method.js';
import { AuthError, TooManyRequests } from '../../lib/errors.js';
import { type Route, refusalsOf } from '../../lib/http/route.js';
import { TOKEN_PAIR } from '../../lib/http/shapes.js';
import { createValidator, type Field, type JsonSchema, type Rules } from '../../lib/http/validation.js';
import type { Feature, Kit } from '../../lib/kit.js';
import { createKeyPair } from '../support/key-pairs.js';
import { bearer, createTestApp, PASSWORD, type TestApp } from '../support/test-app.js';
import { nameOf, tableOf } from './route-rows.js';

const FORM = 'application/x-www-form-urlencoded';

/** Two methods, which are set up for some users and take one code: `/challenge` is there with them. */
const twoStep = (setUp: (kit: Kit) => void = () => {}): Feature => ({
  name: 'two-step',
  setup: (kit) => {
    setUp(kit);
    const method: Omit<Method, 'kind' | 'amr'> = {
      isSetUp: ({ email }) => email.startsWith('two-step'),
      verify: async (_user, { code }) => code === 'right',
    };
    return {
      methods: {
        app: { ...method, kind: 'device', amr: 'otp' },
        mail: { ...method, kind: 'mailbox', amr: 'email' },
      },
    };
  },
});

const rows = tableOf([twoStep()]);
const ajv = new Ajv2020({ validateFormats: false, allowUnionTypes: true, allErrors: true });

function schemaOf({ answer, tokens }: Route): JsonSchema | undefined {
  const both = [answer, tokens && TOKEN_PAIR].filter((schema) => schema !== undefined);
  return both.length > 0 ? { allOf: both } : undefined;
}

/** Every table of rules that a row has. */
function rulesOf({ rules = {} }: Route): Rules[] {
  return typeof rules['choose'] === 'function' ? Object.values(rules['choices'] as object) : [rules as Rules];
}

/** What a row says of its refusals, in the words in which its clients read them. */
function wordsOf(row: Route): string[] {
  return refusalsOf(row).map((code) => {
    const status = { too_many_requests: 429, unavailable: 503 }[code] ?? 400;
    const translated = row.dialect?.(new AuthError({ status, code, detail: code }));
    return translated ? (translated.body as { error: string }).error : code;
  });
}

/** The code of a refusal, whichever its form. */
function codeOf({ body }: Response): string {
  return body.code ?? body.error;
}

describe('the route table', () => {
  const codes: readonly string[] = AUTH_ERROR_CODES;

  it('has codes that an error class each has', async () => {
    const errors = await readFile(new URL('../../lib/errors.ts', import.meta.url), 'utf8');
    const code = errors.replace(/\/\*\*[\s\S]*?\*\//g, '');
    const ofClasses = [...code.matchAll(/\bcode: '(\w+)'/g)].map(([, code]) => code as string);
    expect([...new Set(ofClasses)]).to.have.members(codes);
    expect(codes.length).to.be.greaterThan(15);
  });

  it('has the rows that a reader expects, and /challenge with the first method', () => {
    expect(rows.map(nameOf)).to.include.members([
      'POST /register',
      'POST /token',
      'POST /token (form)',
      'GET /me',
      'PATCH /me',
      'DELETE /me',
      'POST /challenge',
    ]);
    expect(tableOf([]).map(nameOf)).to.have.members(
      rows.map(nameOf).filter((name) => name !== 'POST /challenge'),
    );
  });

  it('has no row of a verification that is off, and says with one that is required what that refuses', () => {
    const verification = ['POST /verify-email', 'POST /verify-email/resend'];
    expect(rows.map(nameOf)).to.include.members(verification);
    expect(tableOf([], 'off').map(nameOf)).to.not.include.oneOf(verification);
    const of = (name: string, which: 'optional' | 'required') =>
      tableOf([], which).find((row) => nameOf(row) === name) as Route;
    const [told, quiet] = [of('POST /register', 'optional'), of('POST /register', 'required')];
    expect([told.success, told.refusals]).to.deep.equal([201, ['registration_closed', 'email_taken']]);
    expect([quiet.success, quiet.refusals]).to.deep.equal([202, ['registration_closed']]);
    for (const name of ['POST /token', 'POST /token (form)']) {
      expect(of(name, 'optional').refusals).to.not.include('email_not_verified');
      expect(of(name, 'required').refusals).to.include('email_not_verified');
    }
  });

  for (const row of rows) {
    describe(nameOf(row), () => {
      it('states its answer where there is one', () => {
        const hasBody = ![204, 302, 303].includes(row.success);
        const schema = schemaOf(row);
        expect(schema !== undefined).to.equal(hasBody);
        // A schema that takes anything would state nothing.
        if (schema) expect(ajv.compile(schema)({})).to.equal(false);
      });

      it('refuses by codes that there are, each once', () => {
        const refusals = refusalsOf(row);
        // RFC 6749 section 5.2 has one that no other refusal has.
        const known = row.dialect ? [...codes, 'unsupported_grant_type'] : codes;
        expect(known).to.include.members(refusals);
        expect(new Set(refusals).size).to.equal(refusals.length);
      });

      it('reads a body where it has rules, and has rules where it reads a body', () => {
        expect(row.rules !== undefined).to.equal(row.accepts !== undefined);
      });

      for (const rules of rulesOf(row)) {
        for (const [name, field] of Object.entries(rules)) {
          it(`has a schema for ${name} that takes whatever its rule takes`, async () => {
            expect(field.schema).to.include.keys('type');
            await expectAgreement(field);
          });
        }
      }
    });
  }

  /** Values of every kind, good and bad. */
  const VALUES = [
    ...[null, 0, 1.5, true, false, [], ['x'], {}, { $gt: '' }, '', ' ', 'x', '\0', 'ada@example.com'],
    ...[
      ' Ada@Example.com ',
      'x'.repeat(300),
      'x'.repeat(16 * 1024),
      'x'.repeat(16 * 1024 + 1),
      '🦊'.repeat(300),
    ],
  ];

  /** That a client who keeps to the schema is told nothing else by the rule, but for what JSON Schema cannot say. */
  async function expectAgreement(field: Field): Promise<void> {
    const takes = (body: Record<string, unknown>) =>
      createValidator({ field })(body).then(({ faults }) => faults.length === 0);
    const fits = ajv.compile(field.schema);
    for (const value of VALUES) {
      const what = JSON.stringify(value).slice(0, 40);
      if (await takes({ field: value })) expect(fits(value), `${what} is taken`).to.equal(true);
      // The form of an address, and control characters: the formats are off here.
      if (typeof value !== 'string') expect(fits(value), what).to.equal(await takes({ field: value }));
    }
    expect(await takes({}), 'absent').to.equal(!field.required);
  }
});

describe('the answers of the route table', () => {
  let app: TestApp;
  let closed: TestApp;
  before(async () => {
    app = await createTestApp({ features: [closing, twoStep()], emailVerification: 'optional' });
    closed = await createTestApp({ registration: 'closed' });
  });
  after(async () => {
    await app.close();
    await closed.close();
  });

  /** Whether nothing more may be tried. */
  let isClosed = false;
  const closing: Feature = {
    name: 'closing',
    setup: () => ({
      limits: {
        admit() {
          if (isClosed) throw new TooManyRequests({ retryAfterSeconds: 1 });
        },
        before: async () => undefined,
        after: async () => {},
      },
    }),
  };

  let count = 0;
  const address = (name = 'table') => {
    count += 1;
    return `${name}-${count}@example.com`;
  };
  const post = (path: string, body: object = {}) => app.http.post(`/auth${path}`).send(body);
  const form = (path: string, fields: object) => app.http.post(`/auth${path}`).type('form').send(fields);
  const signedIn = async () => bearer((await app.signUp()).access_token);
  /** Who has no password, and signed in more than five minutes ago. */
  const signedInLongAgo = async () => {
    const user = await app.auth.service.createUser({ email: address() });
    const { access_token } = await app.auth.service.issueTokens(user.id);
    app.clock.advance(301_000);
    return bearer(access_token);
  };
  const verifyToken = async () => {
    const { email } = await app.register();
    await app.auth.service.settled();
    const text = app.mailbox.messages.find(({ to }) => to === email)?.text ?? '';
    return /verify-email\?token=([\w-]+)/.exec(text)?.[1];
  };
  /** A change that was asked for, and what its mails bring. */
  const emailChange = async () => {
    const { email, access_token } = await app.signUp();
    const wanted = address();
    await post('/change-email', { email: wanted, password: PASSWORD }).set(bearer(access_token)).expect(202);
    await app.auth.service.settled();
    // In whichever order they went out, and whatever else did.
    const text = app.mailbox.messages
      .filter(({ to }) => to === email || to === wanted)
      .map((mail) => mail.text)
      .join();
    const tokenOf = (path: string) => new RegExp(`${path}\\?token=([\\w-]+)`).exec(text)?.[1];
    return { email, wanted, confirm: tokenOf('/change-email/confirm'), undo: tokenOf('/change-email/undo') };
  };
  const resetToken = async () => app.resetToken((await app.register()).email);
  /** The handle of a sign-in that waits for its second step. */
  const challenge = async () => {
    const { email: username, password } = await app.register({ email: address('two-step') });
    const { body } = await post('/token', { username, password }).expect(403);
    return body.challenge as string;
  };

  type Ask = (path: string) => Promise<Response>;

  /** Of every row: requests that it grants, each of another form. */
  const GRANTED: Record<string, Ask[]> = {
    'POST /register': [
      (path) => post(path, { email: address(), password: PASSWORD }),
      (path) => post(path, { email: address(), password: PASSWORD, name: 'Ada Lovelace', phone: '1' }),
      (path) => post(path, { email: address(), password: PASSWORD, name: null }),
    ],
    'POST /token': [
      async (path) => post(path, { username: (await app.register()).email, password: PASSWORD }),
      async (path) => post(path, { email: (await app.register()).email, password: PASSWORD }),
    ],
    'POST /token (form)': [
      async (path) => {
        const { email: username, password } = await app.register();
        return form(path, { grant_type: 'password', username, password });
      },
      async (path) => {
        const { refresh_token } = await app.signUp();
        return form(path, { grant_type: 'refresh_token', refresh_token });
      },
    ],
    'POST /refresh': [async (path) => post(path, { refresh_token: (await app.signUp()).refresh_token })],
    'POST /logout': [
      async (path) => post(path, { refresh_token: (await app.signUp()).refresh_token }),
      async (path) => post(path).set(await signedIn()),
      (path) => app.http.post(`/auth${path}`),
    ],
    'POST /logout-all': [async (path) => app.http.post(`/auth${path}`).set(await signedIn())],
    'GET /sessions': [
      async (path) => app.http.get(`/auth${path}`).set(await signedIn()),
      async (path) => {
        const user = await app.register();
        const body = { username: user.email, password: PASSWORD, device_name: 'Till 3' };
        await post('/token', body).unset('user-agent').expect(200);
        return app.http.get(`/auth${path}`).set(bearer((await app.login(user)).access_token));
      },
    ],
    'DELETE /sessions': [async (path) => app.http.delete(`/auth${path}`).set(await signedIn())],
    'DELETE /sessions/:id': [
      async (path) => {
        const { access_token } = await app.signUp();
        const { sid } = jwt.decode(access_token) as jwt.JwtPayload;
        return app.http.delete(`/auth${path.replace(':id', sid)}`).set(bearer(access_token));
      },
    ],
    'POST /forgot-password': [
      async (path) => post(path, { email: (await app.register()).email }),
      (path) => post(path, { email: address('nobody') }),
    ],
    'POST /forgot-password/validate': [async (path) => post(path, { token: await resetToken() })],
    'POST /reset-password': [
      async (path) => post(path, { token: await resetToken(), password: 'another horse' }),
    ],
    'POST /verify-email': [async (path) => post(path, { token: await verifyToken() })],
    'POST /verify-email/resend': [
      async (path) => post(path, { email: (await app.register()).email }),
      (path) => post(path, { email: address('nobody') }),
    ],
    'POST /change-password': [
      async (path) => {
        const body = { current_password: PASSWORD, new_password: 'another horse' };
        return post(path, body).set(await signedIn());
      },
    ],
    'POST /change-email': [
      async (path) => post(path, { email: address(), password: PASSWORD }).set(await signedIn()),
    ],
    'POST /change-email/confirm': [async (path) => post(path, { token: (await emailChange()).confirm })],
    'POST /change-email/undo': [async (path) => post(path, { token: (await emailChange()).undo })],
    'POST /confirm': [async (path) => post(path, { password: PASSWORD }).set(await signedIn())],
    'GET /me': [async (path) => app.http.get(`/auth${path}`).set(await signedIn())],
    'PATCH /me': [
      async (path) =>
        app.http
          .patch(`/auth${path}`)
          .set(await signedIn())
          .send({ name: 'Ada' }),
    ],
    'DELETE /me': [
      async (path) => app.http.delete(`/auth${path}`).set(await signedIn()),
      async (path) =>
        app.http
          .delete(`/auth${path}`)
          .set(await signedIn())
          .send({ password: PASSWORD }),
    ],
    'GET /.well-known/jwks.json': [(path) => app.http.get(`/auth${path}`)],
    'POST /challenge': [
      async (path) => post(path, { challenge: await challenge(), method: 'app', code: 'right' }),
    ],
  };

  it('are asked for, row by row', () => {
    expect(Object.keys(GRANTED)).to.have.members(rows.map(nameOf));
  });

  for (const row of rows) {
    for (const path of [row.path, ...(row.aliases ?? [])]) {
      it(`are as ${nameOf(row)} says${path === row.path ? '' : `, at ${path} too`}`, async () => {
        const schema = schemaOf(row);
        const validate = schema && ajv.compile(schema);
        for (const ask of GRANTED[nameOf(row)] ?? []) {
          const { status, headers, text, body } = await ask(path);
          expect(status, text).to.equal(row.success);
          expect(headers['cache-control']).to.equal(row.cacheControl ?? 'no-store');
          if (!validate) expect(text).to.equal('');
          else {
            expect(headers['content-type']).to.match(/^application\/json\b/);
            validate(body);
            expect(validate.errors, text).to.equal(null);
          }
        }
      });
    }
  }

  it('have for /.well-known/jwks.json what a pair of keys gives too', async () => {
    const secretKey = createKeyPair('ES256').privateKey;
    const signing = await createTestApp({ secretKey, algorithm: 'ES256' });
    try {
      const { body } = await signing.http.get('/auth/.well-known/jwks.json').expect(200);
      const row = rows.find(({ path }) => path === '/.well-known/jwks.json') as Route;
      expect(ajv.validate(schemaOf(row) as JsonSchema, body)).to.equal(true);
      expect(body.keys).to.have.length(1);
    } finally {
      await signing.close();
    }
  });

  /** Of some rows: requests that it refuses for what they say, beside those that every row of its kind refuses. */
  const REFUSED: Record<string, Ask[]> = {
    'POST /register': [
      async (path) => post(path, { email: (await app.register()).email, password: PASSWORD }),
      (path) => post(path, { email: address(), password: 'password' }),
      (path) => post(path, { email: address(), password: 'x' }),
      (path) => closed.http.post(`/auth${path}`).send({ email: address(), password: PASSWORD }),
    ],
    'POST /token': [
      async (path) => post(path, { username: (await app.register()).email, password: 'wrong' }),
      (path) => post(path, { username: address('nobody'), password: PASSWORD }),
      async (path) => {
        const { email: username, password } = await app.register({ email: address('two-step') });
        return post(path, { username, password });
      },
    ],
    'POST /token (form)': [
      (path) => form(path, { grant_type: 'password', username: address('nobody'), password: PASSWORD }),
      (path) => form(path, { grant_type: 'refresh_token', refresh_token: 'x' }),
      (path) => form(path, { grant_type: 'password' }),
      (path) => form(path, { username: 'x' }),
      (path) => form(path, { grant_type: 'client_credentials' }),
      async (path) => {
        const { email: username, password } = await app.register({ email: address('two-step') });
        return form(path, { grant_type: 'password', username, password });
      },
    ],
    'POST /refresh': [
      (path) => post(path, { refresh_token: 'x' }),
      async (path) => post(path, { refresh_token: (await app.signUp()).access_token }),
      async (path) => {
        const { refresh_token } = await app.signUp();
        await post('/logout', { refresh_token }).expect(204);
        return post(path, { refresh_token });
      },
    ],
    'DELETE /sessions/:id': [async (path) => app.http.delete(`/auth${path}`).set(await signedIn())],
    'POST /forgot-password': [(path) => post(path, { email: 'no address' })],
    'POST /forgot-password/validate': [(path) => post(path, { token: 'x' })],
    'POST /verify-email': [(path) => post(path, { token: 'x' })],
    'POST /verify-email/resend': [(path) => post(path, { email: 'no address' })],
    'POST /reset-password': [
      (path) => post(path, { token: 'x', password: PASSWORD }),
      async (path) => post(path, { token: await resetToken(), password: 'password' }),
    ],
    'POST /change-password': [
      async (path) => {
        const body = { current_password: 'wrong', new_password: 'another horse' };
        return post(path, body).set(await signedIn());
      },
      async (path) => {
        const body = { current_password: PASSWORD, new_password: 'password' };
        return post(path, body).set(await signedIn());
      },
      async (path) => post(path, { new_password: 'another horse' }).set(await signedInLongAgo()),
    ],
    'POST /change-email': [
      async (path) => post(path, { email: address(), password: 'wrong' }).set(await signedIn()),
      async (path) => post(path, { email: address() }).set(await signedIn()),
      async (path) => post(path, { email: address() }).set(await signedInLongAgo()),
    ],
    'POST /change-email/confirm': [
      (path) => post(path, { token: 'x' }),
      async (path) => {
        const { wanted, confirm } = await emailChange();
        await app.register({ email: wanted });
        return post(path, { token: confirm });
      },
    ],
    'POST /change-email/undo': [
      (path) => post(path, { token: 'x' }),
      async (path) => {
        const { email, confirm, undo } = await emailChange();
        await post('/change-email/confirm', { token: confirm }).expect(200);
        const { id } = await app.register({ email });
        await app.User.updateOne({ _id: id }, { emailVerifiedAt: new Date() });
        return post(path, { token: undo });
      },
    ],
    'POST /confirm': [
      async (path) => post(path, { password: 'wrong' }).set(await signedIn()),
      async (path) => post(path, {}).set(await signedIn()),
      async (path) => {
        const { access_token } = await app.signUp();
        const body = { password: PASSWORD, method: 'app', code: 'wrong' };
        return post(path, body).set(bearer(access_token));
      },
    ],
    'PATCH /me': [
      async (path) =>
        app.http
          .patch(`/auth${path}`)
          .set(await signedIn())
          .send({ name: 5 }),
    ],
    'DELETE /me': [
      async (path) =>
        app.http
          .delete(`/auth${path}`)
          .set(await signedIn())
          .send({ password: 'wrong' }),
      async (path) => app.http.delete(`/auth${path}`).set(await signedInLongAgo()),
    ],
    'POST /challenge': [
      (path) => post(path, { challenge: 'x', method: 'app', code: 'right' }),
      async (path) => post(path, { challenge: await challenge(), method: 'app', code: 'wrong' }),
      async (path) => post(path, { challenge: await challenge(), method: 'password', password: PASSWORD }),
    ],
  };

  /** What every row with a guard, with a body, with rules, with something that is bounded refuses. */
  async function refusedByKind({
    method,
    path,
    guard,
    accepts,
    attempts,
    rules,
  }: Route): Promise<Response[]> {
    const ask = () => app.http[method](`/auth${path}`);
    const token = guard ? await signedIn() : {};
    const type = accepts === 'form' ? FORM : 'application/json';
    const send = (text: string, as = type) => ask().set(token).set('content-type', as).send(text);
    const gone = await app.signUp();
    await post('/logout', { refresh_token: gone.refresh_token }).expect(204);
    const requests = [
      ...(guard ? [ask(), ask().set(bearer('x')), ask().set(bearer(gone.access_token))] : []),
      ...(accepts ? [send('a'.repeat(17 * 1024)), send('a', `${type}; charset=foo`)] : []),
      // A form is whatever it is; where each media type has its row, another one is neither's.
      ...(accepts ? [ask().set(token).set('content-encoding', 'gzip').type(type).send('a=1')] : []),
      ...(accepts === 'json' ? [send('['), send('[]'), send('5'), send('x', 'text/plain')] : []),
    ];
    const bodies = accepts === 'json' && rules ? wrongBodies(rules as Rules) : [];
    requests.push(...bodies.map((body) => send(JSON.stringify(body))));
    const answers: Response[] = [];
    for (const request of requests) answers.push(await request);
    if (attempts) {
      isClosed = true;
      answers.push(await send(accepts === 'form' ? 'grant_type=password' : '{}'));
      isClosed = false;
    }
    return answers;
  }

  for (const row of rows) {
    it(`refuse at ${nameOf(row)} by what the row says, and by all of it`, async () => {
      const answers = await refusedByKind(row);
      for (const ask of REFUSED[nameOf(row)] ?? []) answers.push(await ask(row.path));
      const given = new Set<string>();
      for (const answer of answers) {
        expect(answer.status, answer.text).to.be.within(400, 499);
        given.add(codeOf(answer));
      }
      expect(wordsOf(row)).to.include.members([...given]);
      const unseen = wordsOf(row).filter((word) => !given.has(word));
      // That the database is away is seen in spec/faults.
      expect(
        unseen.filter((word) => !['unavailable', 'temporarily_unavailable'].includes(word)),
      ).to.deep.equal([]);
    });
  }
});

/** Bodies of which each has one field that its rule refuses. */
function wrongBodies(rules: Rules): object[] {
  return Object.keys(rules).flatMap((name) => [{ [name]: 5 }, { [name]: ['x'] }, { [name]: { $ne: null } }]);
}
