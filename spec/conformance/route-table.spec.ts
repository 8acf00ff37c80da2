import { readFile } from 'node:fs/promises';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect } from 'chai';
import { AUTH_ERROR_CODES } from 'express-auth-kit';
import type { Response } from 'supertest';
import { AuthError, TooManyRequests } from '../../lib/errors.js';
import { type Route, refusalsOf } from '../../lib/http/route.js';
import { TOKEN_PAIR } from '../../lib/http/shapes.js';
import { createValidator, type Field, type JsonSchema, type Rules } from '../../lib/http/validation.js';
import type { Feature } from '../../lib/kit.js';
import { createKeyPair } from '../support/key-pairs.js';
import { createTestApp, type TestApp } from '../support/test-app.js';
import { createFlowSteps, type FlowSteps, twoStep } from './flow-steps.js';
import { type Ask, grantedFlows } from './granted-flows.js';
import { refusedByKind, refusedFlows } from './refused-flows.js';
import { nameOf, tableOf } from './route-rows.js';

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
  /** Whether nothing more may be tried. */
  let isFull = false;
  const closing: Feature = {
    name: 'closing',
    setup: () => ({
      limits: {
        admit() {
          if (isFull) throw new TooManyRequests({ retryAfterSeconds: 1 });
        },
        before: async () => undefined,
        after: async () => {},
      },
    }),
  };
  let app: TestApp;
  let closed: TestApp;
  let steps: FlowSteps;
  /** By the names of rows. */
  let granted: Record<string, Ask[]>;
  let refused: Record<string, Ask[]>;
  before(async () => {
    app = await createTestApp({ features: [closing, twoStep()], emailVerification: 'optional' });
    closed = await createTestApp({ registration: 'closed' });
    steps = createFlowSteps(app);
    granted = grantedFlows(steps);
    refused = refusedFlows(steps, closed);
  });
  after(async () => {
    await app.close();
    await closed.close();
  });

  async function whenFull({ method, path, guard, accepts }: Route): Promise<Response> {
    const token = guard ? await steps.signedIn() : {};
    const request = app.http[method](`/auth${path}`).set(token);
    isFull = true;
    try {
      return await (accepts === 'form'
        ? request.type('form').send({ grant_type: 'password' })
        : request.send({}));
    } finally {
      isFull = false;
    }
  }

  it('are asked for, row by row', () => {
    expect(Object.keys(granted)).to.have.members(rows.map(nameOf));
  });

  for (const row of rows) {
    for (const path of [row.path, ...(row.aliases ?? [])]) {
      it(`are as ${nameOf(row)} says${path === row.path ? '' : `, at ${path} too`}`, async () => {
        const schema = schemaOf(row);
        const validate = schema && ajv.compile(schema);
        for (const ask of granted[nameOf(row)] ?? []) {
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

  for (const row of rows) {
    it(`refuse at ${nameOf(row)} by what the row says, and by all of it`, async () => {
      const answers = await refusedByKind(steps, row);
      for (const ask of refused[nameOf(row)] ?? []) answers.push(await ask(row.path));
      if (row.attempts) answers.push(await whenFull(row));
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
