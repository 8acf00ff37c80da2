import { expect } from 'chai';
import { recordEvents } from '../conformance/record-events.js';
import { expectRefusal } from '../http/expect-refusal.js';
import { bearer, createTestApp, PASSWORD, type TestApp } from '../support/test-app.js';

const NEW = 'another good one';

/** Cut off anywhere, either nothing has changed or the old sessions are dead. */
describe('replacing a password', () => {
  let app: TestApp;

  before(async () => {
    app = await createTestApp({
      prepare: (each) => each.set('env', 'test'),
    });
  });
  after(() => app.close());

  type User = Awaited<ReturnType<TestApp['signUp']>>;
  type Pair = Pick<User, 'access_token' | 'refresh_token'>;
  const login = (username: string, password: string) =>
    app.http.post('/auth/token').send({ username, password });
  const expectAlive = async ({ access_token }: Pair) => {
    await app.http.get('/protected').set(bearer(access_token)).expect(200);
  };
  const expectDead = async ({ access_token, refresh_token }: Pair) => {
    expectRefusal(await app.http.get('/protected').set(bearer(access_token)), 'invalid_token');
    expectRefusal(await app.http.post('/auth/refresh').send({ refresh_token }), 'invalid_refresh_token');
  };
  const ways: Record<
    string,
    { keeps: boolean; run: (user: User, token: string) => Promise<{ status: number }> }
  > = {
    change: {
      keeps: true,
      run: async ({ access_token }) =>
        app.http
          .post('/auth/change-password')
          .set(bearer(access_token))
          .send({ current_password: PASSWORD, new_password: NEW }),
    },
    reset: {
      keeps: false,
      run: async (_user, token) => app.http.post('/auth/reset-password').send({ token, password: NEW }),
    },
    service: {
      keeps: false,
      run: ({ id }) =>
        app.auth.service.setPassword(id, NEW).then(
          () => ({ status: 200 }),
          () => ({ status: 500 }),
        ),
    },
  };

  /** Lets a function of a model fail, after some calls of it, as if the process had died there. */
  function cut(owner: object, name: string, after = 0): () => void {
    const original = Reflect.get(owner, name);
    let calls = 0;
    Reflect.set(owner, name, (...args: unknown[]) => {
      calls += 1;
      if (calls > after) throw new Error('cut off');
      return original.apply(owner, args);
    });
    return () => Reflect.set(owner, name, original);
  }
  const models = () => app.connection.models as Record<string, object>;
  /** Where it may be cut off, and whether the password is the new one then. */
  const cuts: Record<
    string,
    { at: () => [owner: object, name: string, after?: number]; changed: boolean; only?: string }
  > = {
    'before the session that goes on is told': {
      at: () => [models()['AuthSession'] as object, 'updateOne'],
      changed: false,
      only: 'change',
    },
    'before the user is written': { at: () => [app.User, 'findOneAndUpdate'], changed: false },
    'before the session that goes on is told that it is done': {
      at: () => [models()['AuthSession'] as object, 'updateOne', 1],
      changed: true,
      only: 'change',
    },
    'before the link is forgotten': {
      at: () => [models()['AuthOneTimeToken'] as object, 'deleteOne'],
      changed: true,
      only: 'reset',
    },
    'before the sessions are swept': {
      at: () => [models()['AuthSession'] as object, 'deleteMany'],
      changed: true,
    },
  };

  for (const [way, { keeps, run }] of Object.entries(ways)) {
    for (const [where, { at, changed, only }] of Object.entries(cuts)) {
      if (only && only !== way) continue;
      it(`by ${way}, cut off ${where}, has ${changed ? 'ended the old sessions and says so' : 'changed nothing'} (hold 42)`, async () => {
        const events = recordEvents(app.auth);
        const changes = () => events.filter(([name]) => name === 'password.changed').length;
        const user = await app.signUp();
        const other = await app.login(user);
        const token = await app.resetToken(user.email);
        const heal = cut(...at());
        const { status } = await run(user, token);
        heal();
        // What has been decided is not told as a failure: who repeated it would be told that the password is wrong.
        expect(status).to.equal(changed ? 200 : 500);
        expect(changes()).to.equal(changed ? 1 : 0);
        if (changed) {
          await expectDead(other);
          expectRefusal(await login(user.email, PASSWORD), 'invalid_credentials');
          expectRefusal(
            await app.http.post('/auth/reset-password').send({ token, password: NEW }),
            'invalid_one_time_token',
          );
          await login(user.email, NEW).expect(200);
          if (keeps) await expectAlive(user);
          else await expectDead(user);
        } else {
          await expectAlive(user);
          await expectAlive(other);
          await login(user.email, PASSWORD).expect(200);
          expectRefusal(await login(user.email, NEW), 'invalid_credentials');
          // Nothing stands in the way of the next attempt.
          expect((await run(user, token)).status).to.equal(200);
          await expectDead(other);
        }
      });
    }

    it(`by ${way} leaves no other session stored, and no link that was used`, async () => {
      const user = await app.signUp();
      await app.login(user);
      const token = await app.resetToken(user.email);
      expect((await run(user, token)).status).to.equal(200);
      await app.auth.service.settled();
      const filter = { user: (await app.User.findById(user.id))?._id };
      const links = await app.connection.collection('auth_one_time_tokens').countDocuments(filter);
      expect(links).to.equal(way === 'reset' ? 0 : 1);
      expect(await app.connection.collection('auth_sessions').countDocuments(filter)).to.equal(keeps ? 1 : 0);
    });
  }
});
