import bcrypt from 'bcrypt';
import { expect } from 'chai';
import type { ErrorRequestHandler } from 'express';
import { AuthError, type FieldFault, type ValidationFailed } from 'express-auth-kit';
import { expectFaults, expectProblem } from '../http/expect-refusal.js';
import { failureOf } from '../support/failure.js';
import { bearer, createTestApp, PASSWORD, type TestApp } from '../support/test-app.js';
import { watchCalls } from '../support/watch-calls.js';

const UNUSABLE = 'The password contains characters that cannot be used.';
const COMPOSED = 'zqxj kvbw \u00e9';
const DECOMPOSED = 'zqxj kvbw e\u0301';

/** A place where a password is chosen. */
interface Way {
  field: string;
  /** @returns the address of who has the password now; throws the refusal */
  choose(password: string): Promise<string>;
}

/** A refusal that was answered: thrown, so that the service is told like the endpoints. */
class Refused extends Error {
  constructor(readonly answer: { status: number; body: Record<string, unknown> }) {
    super(String(answer.body['detail']));
  }
}

describe('a new password', () => {
  let app: TestApp;
  /** What the app's own rule says, and what it was asked. */
  let ruling: () => unknown;
  let asked: [password: string, email: string][];
  let names = 0;

  before(async () => {
    app = await createTestApp({
      password: {
        async check(password, user) {
          asked.push([password, user.email]);
          return ruling() as undefined;
        },
      },
      finish: (own) => {
        const answer500: ErrorRequestHandler = (_error, _req, res, _next) => void res.sendStatus(500);
        own.use(answer500);
      },
    });
  });
  after(() => app.close());
  beforeEach(() => {
    ruling = () => undefined;
    asked = [];
  });

  const post = (path: string, body: object, token?: string) =>
    app.http
      .post(path)
      .set(token ? bearer(token) : {})
      .send(body);
  const accept = async (answer: PromiseLike<{ status: number; body: Record<string, unknown> }>) => {
    const { status, body } = await answer;
    if (status >= 300) throw new Refused({ status, body });
  };

  const WAYS: Record<string, Way> = {
    'at /register': {
      field: 'password',
      async choose(password) {
        names += 1;
        const email = `chooses-${names}@example.com`;
        await accept(post('/auth/register', { email, password }));
        return email;
      },
    },
    'at /reset-password': {
      field: 'password',
      async choose(password) {
        const { email } = await app.register();
        await accept(post('/auth/reset-password', { token: await app.resetToken(email), password }));
        return email;
      },
    },
    'at /change-password': {
      field: 'new_password',
      async choose(password) {
        const { email, access_token } = await app.signUp();
        const body = { current_password: PASSWORD, new_password: password };
        await accept(post('/auth/change-password', body, access_token));
        return email;
      },
    },
    'by service.setPassword': {
      field: 'password',
      async choose(password) {
        const { email, id } = await app.register();
        await app.auth.service.setPassword(id, password);
        return email;
      },
    },
    'by service.createUser': {
      field: 'password',
      async choose(password) {
        names += 1;
        return (await app.auth.service.createUser({ email: `created-${names}@example.com`, password })).email;
      },
    },
  };

  /** The faults that a refusal names, however it came. */
  async function faultsOf(choose: () => Promise<unknown>): Promise<readonly FieldFault[]> {
    const error = await failureOf<ValidationFailed | Refused>(choose);
    const [status, errors] =
      error instanceof Refused
        ? [error.answer.status, error.answer.body['errors']]
        : [error.status, error.errors];
    expect(status, error.message).to.equal(422);
    return errors as FieldFault[];
  }

  for (const [where, { field, choose }] of Object.entries(WAYS)) {
    describe(where, () => {
      const pointer = `#/${field}`;

      it('is refused with U+FFFD, which stands for what could not be read (hold 79)', async () => {
        expect(await faultsOf(() => choose('zqxj\ufffdkvbw'))).to.deep.equal([
          { code: 'invalid_characters', detail: UNUSABLE, pointer },
        ]);
      });

      it('is one, whichever system it is typed on, at the cost of one hash each (holds 17, 80)', async () => {
        for (const chosen of [COMPOSED, DECOMPOSED]) {
          const email = await choose(chosen);
          for (const typed of [COMPOSED, DECOMPOSED]) {
            const watch = watchCalls(bcrypt, 'compare');
            try {
              await app.login({ email, password: typed });
            } finally {
              watch.restore();
            }
            expect(watch.calls).to.have.length(1);
          }
        }
      });

      it('is refused when it is a common one in other characters (hold 80)', async () => {
        const faults = await faultsOf(() => choose('\uff30ass\u200bWord'));
        expect(faults).to.deep.equal([
          { code: 'too_common', detail: 'This password is too common.', pointer },
        ]);
      });

      it('is shown to the app’s rule, which may refuse it: then nothing is stored', async () => {
        const email = await choose(DECOMPOSED);
        expect(asked.at(-1)).to.deep.equal([COMPOSED, email]);
        const watch = watchCalls(bcrypt, 'hash');
        try {
          ruling = () =>
            asked.at(-1)?.[0] === PASSWORD ? undefined : { detail: 'Breached.', code: 'breached' };
          expect(await faultsOf(() => choose(COMPOSED))).to.deep.equal([
            { detail: 'Breached.', code: 'breached', pointer },
          ]);
        } finally {
          watch.restore();
        }
        expect(watch.calls.map(([password]) => password)).to.not.include(COMPOSED);
        const refused = asked.at(-1)?.[1] as string;
        const { status } = await app.http.post('/auth/token').send({ username: refused, password: COMPOSED });
        expect(status).to.equal(401);
      });
    });
  }

  it('is refused where the body is no UTF-8, at register, reset and change (hold 79)', async () => {
    const { email, access_token } = await app.signUp();
    const token = await app.resetToken(email);
    const bytes = (body: object) => Buffer.from(JSON.stringify(body).replace('ODD', '\u00ff'), 'latin1');
    const bodies: [path: string, field: string, body: object][] = [
      ['/auth/register', 'password', { email: 'bytes@example.com', password: 'zqxjODDkvbw' }],
      ['/auth/reset-password', 'password', { token, password: 'zqxjODDkvbw' }],
      ['/auth/change-password', 'new_password', { current_password: PASSWORD, new_password: 'zqxjODDkvbw' }],
    ];
    for (const [path, field, body] of bodies) {
      const response = await app.http
        .post(path)
        .set(bearer(access_token))
        .type('json')
        .serialize((raw: unknown) => raw as string)
        .send(bytes(body) as never);
      expectFaults(response, [{ code: 'invalid_characters', detail: UNUSABLE, pointer: `#/${field}` }]);
    }
    await app.login({ email, password: PASSWORD });
  });

  it('goes on working where it was stored with U+FFFD before, as it was typed (hold 79)', async () => {
    const { email } = await app.register();
    const password = await bcrypt.hash('zqxj\ufffdkvbw', 4);
    await app.connection.collection('users').updateOne({ email }, { $set: { password } });
    await app.login({ email, password: 'zqxj\ufffdkvbw' });
  });

  it('is answered by what the app’s rule throws, an AuthError as it is, and 500 for anything else', async () => {
    const { email, access_token } = await app.signUp();
    const token = await app.resetToken(email);
    const bodies: [path: string, body: object][] = [
      ['/auth/register', { email: 'thrown@example.com', password: COMPOSED }],
      ['/auth/reset-password', { token, password: COMPOSED }],
      ['/auth/change-password', { current_password: PASSWORD, new_password: COMPOSED }],
    ];
    for (const [path, body] of bodies) {
      ruling = () => {
        throw new AuthError({
          status: 503,
          code: 'list_away',
          detail: 'Try later.',
          headers: { 'Retry-After': '5' },
        });
      };
      const refused = await post(path, body, access_token);
      expect([refused.status, refused.body.code, refused.headers['retry-after']]).to.deep.equal([
        503,
        'list_away',
        '5',
      ]);
      ruling = () => {
        throw new Error('a fault of the app’s');
      };
      expect((await post(path, body, access_token)).status).to.equal(500);
    }
    ruling = () => undefined;
    await app.login({ email, password: PASSWORD });
    expectProblem(await post('/auth/reset-password', { token: 'unknown', password: COMPOSED }), {
      status: 400,
      code: 'invalid_one_time_token',
      detail: 'Token invalid or expired',
    });
  });
});
