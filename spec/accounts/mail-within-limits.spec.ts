import { expect } from 'chai';
import { AuthError } from 'express-auth-kit';
import type { Attempt, Feature } from 'express-auth-kit/feature';
import { expectRefusal } from '../http/expect-refusal.js';
import { recordCommands } from '../support/commands.js';
import { createTestApp, PASSWORD, type TestApp } from '../support/test-app.js';

/** What is no guess, and bounded all the same: by a limit as an app writes one. */
describe('what is bounded beside guesses', () => {
  let app: TestApp;
  let asked: [Attempt, string | undefined][];
  let verdict: 'refuse' | 'throw' | undefined;
  const bounding: Feature = {
    name: 'bounding',
    setup: () => ({
      limits: {
        async before(attempt) {
          asked.push([attempt, undefined]);
          if (verdict === 'throw')
            throw new AuthError({
              status: 429,
              code: 'too_many_requests',
              detail: 'Too many attempts, try again later',
              headers: { 'Retry-After': '7' },
            });
          return verdict;
        },
        async after(attempt, outcome) {
          (asked.find(([each]) => each === attempt) as [Attempt, string])[1] = outcome;
        },
      },
    }),
  };
  before(async () => {
    app = await createTestApp({ features: [bounding], emailVerification: 'optional' });
  });
  after(() => app.close());
  beforeEach(() => {
    asked = [];
    verdict = undefined;
  });

  const post = (path: string, body: object) => app.http.post(`/auth${path}`).send(body);
  const of = (kind: string) => asked.filter(([attempt]) => attempt.kind === kind);

  for (const [path, operation, mail] of [
    ['/forgot-password', 'forgot-password', 'Reset your password'],
    ['/verify-email/resend', 'resend-verification', 'Confirm your email address'],
  ] as const) {
    it(`is a mail at ${path}: known or not, by the same questions, and refused without a word`, async () => {
      const { email, id } = await app.register();
      await app.auth.service.settled();
      app.mailbox.clear();
      const mailed = async () => {
        await app.auth.service.settled();
        return app.mailbox.messages.filter(({ subject }) => subject === mail).map(({ to }) => to);
      };
      const ask = async (address: string) => {
        let text = '';
        const commands = await recordCommands(app.connection, async () => {
          text = (await post(path, { email: address }).expect(202)).text;
        });
        return { text, commands: commands.map(({ name, collection }) => `${name} ${collection}`) };
      };
      const granted = await ask(email);
      expect(await mailed()).to.deep.equal([email]);
      verdict = 'refuse';
      const refused = await ask(email);
      const unknown = await ask('nobody@example.com');
      expect([refused, unknown]).to.deep.equal([granted, granted]);
      expect(await mailed()).to.deep.equal([email]);
      const common = { operation, kind: 'mail', ip: '127.0.0.1' };
      expect(of('mail')).to.deep.equal([
        [{ ...common, user: id, name: email }, 'succeeded'],
        [{ ...common, user: id, name: email }, 'failed'],
        [{ ...common, user: null, name: 'nobody@example.com' }, 'failed'],
      ]);
      verdict = 'throw';
      expectRefusal(await post(path, { email }), 'too_many_requests');
    });
  }

  it('is a registration that is not at fault; one of a taken address has failed', async () => {
    const email = 'bounded@example.com';
    const body = { email: ' Bounded@Example.com', password: PASSWORD };
    await post('/register', { email, password: 'password' }).expect(422);
    expect(asked).to.deep.equal([]);
    await post('/register', body).expect(201);
    await post('/register', body).expect(400);
    const attempt = { operation: 'register', kind: 'register', user: null, name: email, ip: '127.0.0.1' };
    expect(of('register')).to.deep.equal([
      [attempt, 'succeeded'],
      [attempt, 'failed'],
    ]);
    for (const each of ['refuse', 'throw'] as const) {
      verdict = each;
      expectRefusal(
        await post('/register', { email: 'other@example.com', password: PASSWORD }),
        'too_many_requests',
      );
    }
    expect(await app.User.countDocuments({ email: 'other@example.com' })).to.equal(0);
  });

  it('is a registration that tells nobody whether the address was free, too', async () => {
    const quiet = await createTestApp({ features: [bounding], emailVerification: 'required' });
    try {
      const register = () =>
        quiet.http.post('/auth/register').send({ email: 'q@example.com', password: PASSWORD });
      await register().expect(202);
      await register().expect(202);
      verdict = 'refuse';
      expectRefusal(await register(), 'too_many_requests');
      expect(of('register').map(([, outcome]) => outcome)).to.deep.equal([
        'succeeded',
        'succeeded',
        'abandoned',
      ]);
    } finally {
      await quiet.close();
    }
  });

  it('is a refresh: one that is refused uses its token not up', async () => {
    const { refresh_token } = await app.signUp();
    asked = [];
    await post('/refresh', { refresh_token: 'x' }).expect(401);
    verdict = 'refuse';
    expectRefusal(await post('/refresh', { refresh_token }), 'invalid_refresh_token');
    verdict = undefined;
    await post('/refresh', { refresh_token }).expect(200);
    const attempt = { operation: 'refresh', kind: 'refresh', user: null, name: null, ip: '127.0.0.1' };
    expect(asked).to.deep.equal([
      [attempt, 'failed'],
      [attempt, 'failed'],
      [attempt, 'succeeded'],
    ]);
  });
});
