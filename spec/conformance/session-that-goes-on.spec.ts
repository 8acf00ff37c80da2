import { expect } from 'chai';
import jwt from 'jsonwebtoken';
import type { Response } from 'supertest';
import { type Command, isRead, recordCommands } from '../support/commands.js';
import { bearer, createTestApp, PASSWORD, type TestApp } from '../support/test-app.js';
import { holdOne } from './hold-back.js';

type SignedUp = Awaited<ReturnType<TestApp['signUp']>>;

function isReadOfSignIn(command: Command): boolean {
  return isRead(command) && ['users', 'auth_sessions'].includes(command.collection);
}

/** The others are ended while a request of the one session that goes on waits: whenever that is, nobody is signed out. */
describe('the session that goes on while the others are ended', () => {
  let app: TestApp;
  before(async () => {
    app = await createTestApp();
  });
  after(() => app.close());

  const sid = ({ access_token }: SignedUp) => (jwt.decode(access_token) as jwt.JwtPayload).sid as string;
  const as = ({ access_token }: SignedUp) => bearer(access_token);

  interface Row {
    send(user: SignedUp): PromiseLike<Response>;
    /** The first undisturbed, the second where a change meets the other one between its check and its write. */
    statuses: number[];
  }
  const rows: Record<string, Row> = {
    'a request behind a guard': {
      send: (user) => app.http.get('/protected').set(as(user)),
      statuses: [200],
    },
    'the list of the sessions': {
      send: (user) => app.http.get('/auth/sessions').set(as(user)),
      statuses: [200],
    },
    'the end of the others': {
      send: (user) => app.http.delete('/auth/sessions').set(as(user)),
      statuses: [204],
    },
    'a change of the profile': {
      send: (user) => app.http.patch('/auth/me').set(as(user)).send({ name: 'Ada' }),
      statuses: [200],
    },
    'a refresh': {
      send: ({ refresh_token }) => app.http.post('/auth/refresh').send({ refresh_token }),
      statuses: [200],
    },
    'a confirmation': {
      send: (user) => app.http.post('/auth/confirm').set(as(user)).send({ password: PASSWORD }),
      statuses: [200],
    },
    'a change of the password': {
      send: (user) =>
        app.http
          .post('/auth/change-password')
          .set(as(user))
          .send({ current_password: PASSWORD, new_password: 'another good one' }),
      statuses: [200, 400],
    },
    'a change of the address': {
      send: (user) =>
        app.http
          .post('/auth/change-email')
          .set(as(user))
          .send({ password: PASSWORD, email: `new-${user.email}` }),
      statuses: [202],
    },
    'its end': {
      send: (user) => app.http.delete(`/auth/sessions/${sid(user)}`).set(as(user)),
      statuses: [204],
    },
    'an end of the account': {
      send: (user) => app.http.delete('/auth/me').set(as(user)).send({ password: PASSWORD }),
      statuses: [204, 400],
    },
  };

  /** What ends it when it is done. */
  const endsIt = ['a change of the password', 'its end', 'an end of the account'];

  for (const [name, { send, statuses }] of Object.entries(rows)) {
    it(`is not taken for signed out: ${name} (hold 41)`, async () => {
      const undisturbed = await app.signUp();
      const commands = await recordCommands(app.connection, async () => {
        expect((await send(undisturbed)).status).to.equal(statuses[0]);
      });
      const asked = commands.filter(isReadOfSignIn);
      for (const what of ['question', 'answer'] as const) {
        for (const number of asked.keys()) {
          const user = await app.signUp();
          const hold = holdOne(isReadOfSignIn, what, number);
          try {
            const answer = send(user).then((response) => response);
            await hold.reached;
            await app.auth.service.revokeSessions(user.id, { except: sid(user) });
            hold.release();
            const { status, body } = await answer;
            expect(statuses, `${what} ${number}: ${JSON.stringify(body)}`).to.include(status);
            const statusAfter = (await app.http.get('/protected').set(as(user))).status;
            expect(statusAfter, `${what} ${number}, afterwards`).to.equal(
              endsIt.includes(name) && status !== 400 ? 401 : 200,
            );
            if (name === 'the list of the sessions')
              expect(body.map(({ id }: { id: string }) => id)).to.deep.equal([sid(user)]);
          } finally {
            hold.release();
          }
        }
      }
    });
  }
});
