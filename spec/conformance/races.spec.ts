import { expect } from 'chai';
import type { TokenPair } from 'express-auth-kit';
import jwt from 'jsonwebtoken';
import { expectRefusal } from '../http/expect-refusal.js';
import { bearer, createTestApp, PASSWORD, type TestApp } from '../support/test-app.js';
import { createHold, type HeldBack, holdNextRead } from './hold-back.js';

const ROUNDS = 20;
const AT_ONCE = 10;
const NEW = 'another good one';

/** Whoever comes second, nothing that came of the old credentials may live on. */
describe('races', () => {
  let app: TestApp;
  /** Holds the logins back, between the check of the password and the session. */
  let signingIn: HeldBack | undefined;

  before(async () => {
    app = await createTestApp({ hooks: { beforeSignIn: async () => signingIn?.wait() } });
  });
  after(() => app.close());
  afterEach(() => {
    signingIn?.release();
    signingIn = undefined;
  });

  interface Racer extends TokenPair {
    id: string;
    email: string;
    /** Of a recovery mail, where the race is with a reset. */
    link?: string;
    /** Another session of the same user. */
    other: TokenPair;
  }
  const createRacer = async (what?: string): Promise<Racer> => {
    const user = await app.signUp();
    const other = await app.login(user);
    return { ...user, other, ...(what === 'a reset' && { link: await app.resetToken(user.email) }) };
  };

  const post = (path: string, body: object, access_token?: string) => {
    const request = app.http.post(path);
    if (access_token) request.set(bearer(access_token));
    return request.send(body).then((response) => response);
  };
  const refresh = ({ refresh_token }: Pick<TokenPair, 'refresh_token'>) =>
    post('/auth/refresh', { refresh_token });
  const login = ({ email }: Racer) => post('/auth/token', { username: email, password: PASSWORD });
  const sid = ({ access_token }: TokenPair) => (jwt.decode(access_token) as jwt.JwtPayload).sid;
  const expectDead = async ({
    access_token,
    refresh_token,
  }: Pick<TokenPair, 'access_token' | 'refresh_token'>) => {
    expectRefusal(await app.http.get('/protected').set(bearer(access_token)), 'invalid_token');
    expectRefusal(await refresh({ refresh_token }), 'invalid_refresh_token');
  };

  interface Ending {
    run(racer: Racer): Promise<{ status: number; body?: TokenPair }>;
    /** What is to end with it: this session, or all of the user's, and those being made. */
    ends: 'session' | 'all';
    /** Raced many times too, without a course laid down. */
    often?: boolean;
  }
  const done = () => ({ status: 200 });
  const endings: Record<string, Ending> = {
    'a logout by refresh token': {
      run: ({ refresh_token }) => post('/auth/logout', { refresh_token }),
      ends: 'session',
      often: true,
    },
    'a logout by access token': {
      run: ({ access_token }) => post('/auth/logout', {}, access_token),
      ends: 'session',
    },
    'a logout everywhere': {
      run: ({ other }) => post('/auth/logout-all', {}, other.access_token),
      ends: 'all',
      often: true,
    },
    'a reset': {
      run: ({ link }) => post('/auth/reset-password', { token: link, password: NEW }),
      ends: 'all',
      often: true,
    },
    'a change of the password by another session': {
      run: ({ other }) =>
        post('/auth/change-password', { current_password: PASSWORD, new_password: NEW }, other.access_token),
      ends: 'all',
      often: true,
    },
    'a revocation': { run: ({ id }) => app.auth.service.revokeSessions(id).then(done), ends: 'all' },
    'a revocation of all but another': {
      run: ({ id, other }) => app.auth.service.revokeSessions(id, { except: sid(other) }).then(done),
      ends: 'all',
    },
    'a password set by the service': {
      run: ({ id }) => app.auth.service.setPassword(id, NEW).then(done),
      ends: 'all',
    },
    'a disable': { run: ({ id }) => app.auth.service.disableUser(id).then(done), ends: 'all', often: true },
    'a disable that is taken back': {
      run: async ({ id }) => {
        await app.auth.service.disableUser(id);
        return app.auth.service.enableUser(id).then(done);
      },
      ends: 'all',
    },
    'a deletion of oneself': {
      run: ({ other }) =>
        app.http.delete('/auth/me').set(bearer(other.access_token)).send({ password: PASSWORD }),
      ends: 'all',
      often: true,
    },
    'a deletion by the service': {
      run: ({ id }) => app.auth.service.deleteUser(id).then(done),
      ends: 'all',
    },
    'a deletion by other means than the kit': {
      run: ({ id }) => app.User.deleteOne({ _id: id }).then(done),
      ends: 'all',
      often: true,
    },
  };

  for (const [what, { run, ends, often }] of Object.entries(endings)) {
    describe(`with ${what}`, () => {
      it('leave nothing of a refresh that had read the user before (holds 40, 42)', async () => {
        const racer = await createRacer(what);
        const read = holdNextRead('users');
        const refreshing = refresh(racer);
        await read.reached;
        const ended = await run(racer);
        expect(ended.status).to.be.within(200, 204);
        read.release();
        const { status, body } = await refreshing;
        expect(status).to.be.oneOf([200, 401]);
        if (status === 200) await expectDead(body);
        await expectDead(racer);
      });

      if (ends === 'all') {
        it('leave nothing of a login whose password was right before (holds 40, 42)', async () => {
          const racer = await createRacer(what);
          signingIn = createHold();
          const pending = login(racer);
          await signingIn.reached;
          const ended = await run(racer);
          expect(ended.status).to.be.within(200, 204);
          signingIn.release();
          const { status, body } = await pending;
          expect(status).to.be.oneOf([200, 401]);
          if (status === 200) await expectDead(body);
        });
      }

      if (!often) return;

      it(`leave nothing of two refreshes at once, ${ROUNDS} times (holds 40, 42)`, () =>
        inRounds(async (round) => {
          const racer = await createRacer(what);
          const racers = [refresh, run, refresh];
          // Sent first, or between the two.
          if (round % 2 === 0) racers.unshift(...racers.splice(1, 1));
          const answers = await Promise.all(racers.map((race) => race(racer)));
          for (const [index, answer] of answers.entries()) {
            expect(answer.status).to.be.oneOf([200, 204, 401]);
            // What a new password is answered with goes on.
            if (racers[index] === refresh && answer.status === 200)
              await expectDead(answer.body as TokenPair);
          }
          await expectDead(racer);
        }));

      // After a logout everywhere, who has the password may log in again.
      if (ends === 'session' || what === 'a logout everywhere') return;

      it(`leave nothing of a login by the old password, ${ROUNDS} times (holds 40, 42)`, () =>
        inRounds(async () => {
          const racer = await createRacer(what);
          const [{ status, body }, ended] = await Promise.all([login(racer), run(racer)]);
          expect(ended.status).to.be.within(200, 204);
          expect(status).to.be.oneOf([200, 401]);
          if (status === 200) await expectDead(body);
        }));
    });
  }

  it('of a reset and a change of the password leave one of the two passwords, and only its sessions', () =>
    inRounds(async () => {
      const racer = await createRacer('a reset');
      const { access_token, link: token, email: username } = racer;
      const [byReset, byChange] = ['the one of reset', 'the one of change'];
      const change = { current_password: PASSWORD, new_password: byChange };
      const answers = await Promise.all([
        post('/auth/reset-password', { token, password: byReset }),
        post('/auth/change-password', change, access_token),
      ]);
      const logins = await Promise.all(
        [byReset, byChange, PASSWORD].map((password) => post('/auth/token', { username, password })),
      );
      const wasReset = answers[0].status === 200;
      // Exactly one found the credentials as it had read them.
      expect(answers.filter(({ status }) => status === 200)).to.have.length(1);
      expect(logins.map(({ status }) => status)).to.deep.equal(wasReset ? [200, 401, 401] : [401, 200, 401]);
      await expectDead(racer.other);
      await expectDead(racer);
      if (!wasReset) await app.http.get('/protected').set(bearer(answers[1].body.access_token)).expect(200);
    }));
});

/** Runs many rounds, some at a time: a busy machine is where races show. */
async function inRounds(run: (round: number) => Promise<void>): Promise<void> {
  for (let first = 0; first < ROUNDS; first += AT_ONCE) {
    await Promise.all(Array.from({ length: AT_ONCE }, (_, index) => run(first + index)));
  }
}
