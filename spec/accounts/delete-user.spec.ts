import { expect } from 'chai';
import { AuthError } from 'express-auth-kit';
import { Types } from 'mongoose';
import { recordEvents } from '../conformance/record-events.js';
import { expectProblem, expectRefusal } from '../http/expect-refusal.js';
import { failureOf } from '../support/failure.js';
import { bearer, createTestApp, PASSWORD, type TestApp } from '../support/test-app.js';

const NOBODY = 'ffffffffffffffffffffffff';

describe('deleting a user', () => {
  let app: TestApp;
  let asked: string[];
  let refuse: AuthError | undefined;

  before(async () => {
    app = await createTestApp({
      hooks: {
        async beforeDelete({ user }) {
          const stored = await app.connection.collection('users').countDocuments({ email: user.email });
          asked.push(`${user.email}: ${stored} stored`);
          // Whatever the app makes of the document, hash and stamps are not in it (hold 66).
          const shown = JSON.stringify(
            (user as unknown as { toObject(o: object): object }).toObject({ transform: false }),
          );
          expect(shown).to.not.match(/assword|Stamp/);
          if (refuse) throw refuse;
        },
      },
    });
  });
  after(() => app.close());
  beforeEach(() => {
    asked = [];
    refuse = undefined;
  });

  type User = Awaited<ReturnType<TestApp['signUp']>>;
  const ways: Record<string, (user: User) => Promise<unknown>> = {
    'DELETE /me': ({ access_token }) =>
      app.http.delete('/auth/me').set(bearer(access_token)).send({ password: PASSWORD }).expect(204),
    'service.deleteUser': ({ id }) => app.auth.service.deleteUser(id),
  };
  const documentsOf = async ({ id }: User) => {
    const user = new Types.ObjectId(id);
    return {
      users: await app.connection.collection('users').countDocuments({ _id: user }),
      sessions: await app.connection.collection('auth_sessions').countDocuments({ user }),
      links: await app.connection.collection('auth_one_time_tokens').countDocuments({ user }),
    };
  };
  const expectDead = async ({
    access_token,
    refresh_token,
  }: Pick<User, 'access_token' | 'refresh_token'>) => {
    expectRefusal(await app.http.get('/protected').set(bearer(access_token)), 'invalid_token');
    expectRefusal(await app.http.post('/auth/refresh').send({ refresh_token }), 'invalid_refresh_token');
  };

  for (const [way, run] of Object.entries(ways)) {
    describe(`by ${way}`, () => {
      it('leaves no user, no session and no link, and what there was works no more (hold 40)', async () => {
        const user = await app.signUp();
        const other = await app.login(user);
        const token = await app.resetToken(user.email);
        expect(await documentsOf(user)).to.deep.equal({ users: 1, sessions: 2, links: 1 });
        await run(user);
        expect(await documentsOf(user)).to.deep.equal({ users: 0, sessions: 0, links: 0 });
        await expectDead(user);
        await expectDead(other);
        const credentials = { username: user.email, password: user.password };
        expectRefusal(await app.http.post('/auth/token').send(credentials), 'invalid_credentials');
        const reset = await app.http
          .post('/auth/reset-password')
          .send({ token, password: 'another good one' });
        expectRefusal(reset, 'invalid_one_time_token');
      });

      it('leaves other users alone, and the address to whoever comes', async () => {
        const [user, stranger] = [await app.signUp(), await app.signUp()];
        await run(user);
        await app.http.get('/protected').set(bearer(stranger.access_token)).expect(200);
        const successor = await app.signUp({ email: user.email });
        expect(successor.id).to.not.equal(user.id);
        await expectDead(user);
        await app.http.get('/protected').set(bearer(successor.access_token)).expect(200);
      });

      it('asks beforeDelete while the user is there, and says user.deleted and session.ended', async () => {
        const user = await app.signUp();
        const events = recordEvents(app.auth);
        await run(user);
        expect(asked).to.deep.equal([`${user.email}: 1 stored`]);
        const ip = way === 'DELETE /me' ? '127.0.0.1' : null;
        expect(events).to.deep.equal([
          ['session.ended', { userId: user.id, sessionId: null, reason: 'deleted', ip, userAgent: null }],
          ['user.deleted', { userId: user.id, email: user.email, ip, userAgent: null }],
        ]);
      });
    });
  }

  it('is refused as beforeDelete says, and nothing is deleted', async () => {
    const user = await app.signUp();
    refuse = new AuthError({ status: 409, code: 'open_orders', detail: 'There are open orders.' });
    const response = await app.http
      .delete('/auth/me')
      .set(bearer(user.access_token))
      .send({ password: PASSWORD });
    expectProblem(response, { status: 409, code: 'open_orders', detail: 'There are open orders.' });
    expect(await failureOf(() => app.auth.service.deleteUser(user.id))).to.equal(refuse);
    expect(await documentsOf(user)).to.deep.equal({ users: 1, sessions: 1, links: 0 });
    await app.http.get('/protected').set(bearer(user.access_token)).expect(200);
  });

  it('is not_found for nobody, by the service', async () => {
    const { id } = await app.signUp();
    await app.auth.service.deleteUser(id);
    for (const reference of [id, NOBODY, 'no id']) {
      const error = await failureOf<AuthError>(() => app.auth.service.deleteUser(reference));
      expect(error).to.include({ status: 404, code: 'not_found' });
    }
  });
});
