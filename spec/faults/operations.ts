import { expect } from 'chai';
import type { Answer, AppProcess } from '../support/app-process.js';
import { createPeople, movedTo, NEW, OLD, type Person, sidOf } from './people.js';

/** An operation of the kit that something may happen in the middle of. */
export interface Operation {
  /** Of the route table. */
  row: string;
  prepare(): Promise<Person>;
  run(app: AppProcess, person: Person): Promise<Answer>;
  /** What a repetition is answered, whether or not it had been done. */
  repeated: readonly number[];
  /** Asks what is left: all as it was before, or all as it is after. Half of anything fails. */
  stateOf(person: Person): Promise<'before' | 'after'>;
}

/**
 * The operations that write, each with the states that are allowed whenever it is cut off.
 *
 * @param app asked before and after; it waits for a database that is away
 */
export function operations(app: () => AppProcess): Record<string, Operation> {
  const people = createPeople(app);
  const { ask, isAlive, areAlive, canLogIn, canRefresh } = people;
  const { newcomer, person, forgetter, mover, unverified, halfway } = people;
  const works = async ({ link }: Person) =>
    (await ask((each) => each.post('/auth/forgot-password/validate', { token: link }))).status === 200;
  const isVerified = async ({ own }: Person) =>
    (await ask((each) => each.get('/auth/me', own.access_token))).body.emailVerifiedAt !== null;

  return {
    'a registration': {
      row: 'POST /register',
      prepare: newcomer,
      run: (each, { email }) => each.post('/auth/register', { email, password: OLD }),
      repeated: [201, 400],
      stateOf: async (them) => ((await canLogIn(them, OLD)) ? 'after' : 'before'),
    },
    'a login': {
      row: 'POST /token',
      prepare: person,
      run: (each, { email }) => each.post('/auth/token', { username: email, password: OLD }),
      repeated: [200],
      async stateOf(them) {
        expect(await areAlive(them)).to.deep.equal([true, true]);
        return 'after';
      },
    },
    // The client, who has the predecessor, is not logged out (hold 38).
    'a refresh': {
      row: 'POST /refresh',
      prepare: person,
      run: (each, { own }) => each.post('/auth/refresh', { refresh_token: own.refresh_token }),
      repeated: [200],
      async stateOf(them) {
        expect(await canRefresh(them.own)).to.equal(true);
        expect(await areAlive(them)).to.deep.equal([true, true]);
        return 'after';
      },
    },
    'a refresh by an OAuth client': {
      row: 'POST /token (form)',
      prepare: person,
      run: (each, { own: { refresh_token } }) =>
        each.post('/auth/token', new URLSearchParams({ grant_type: 'refresh_token', refresh_token })),
      repeated: [200],
      async stateOf(them) {
        expect(await canRefresh(them.own)).to.equal(true);
        expect(await areAlive(them)).to.deep.equal([true, true]);
        return 'after';
      },
    },
    // The code may be spent and nobody signed in: then the next sign-in mails another one, which works (hold 91).
    'a second step': {
      row: 'POST /challenge',
      prepare: halfway,
      run: (each, { step }) => each.post('/two-step/challenge', step),
      repeated: [200, 401],
      async stateOf(them) {
        expect(await isAlive(them.own)).to.equal(true);
        const step = await people.firstStep(them);
        expect((await ask((each) => each.post('/two-step/challenge', step))).status).to.equal(200);
        return 'after';
      },
    },
    'a logout': {
      row: 'POST /logout',
      prepare: person,
      run: (each, { own }) => each.post('/auth/logout', { refresh_token: own.refresh_token }),
      repeated: [204],
      async stateOf({ own, other }) {
        expect(await isAlive(other)).to.equal(true);
        const alive = await isAlive(own);
        expect(await canRefresh(own)).to.equal(alive);
        return alive ? 'before' : 'after';
      },
    },
    'the end of one session': {
      row: 'DELETE /sessions/:id',
      prepare: person,
      run: (each, { own, other }) => each.delete(`/auth/sessions/${sidOf(other)}`, {}, own.access_token),
      repeated: [204, 404],
      async stateOf({ own, other }) {
        expect(await isAlive(own)).to.equal(true);
        const alive = await isAlive(other);
        expect(await canRefresh(other)).to.equal(alive);
        return alive ? 'before' : 'after';
      },
    },
    'the end of all other sessions': {
      row: 'DELETE /sessions',
      prepare: person,
      run: (each, { own }) => each.delete('/auth/sessions', {}, own.access_token),
      repeated: [204],
      async stateOf({ own, other }) {
        expect(await isAlive(own)).to.equal(true);
        const alive = await isAlive(other);
        expect(await canRefresh(other)).to.equal(alive);
        return alive ? 'before' : 'after';
      },
    },
    // All sessions live, or none (hold 40).
    'a logout everywhere': {
      row: 'POST /logout-all',
      prepare: person,
      run: (each, { own }) => each.post('/auth/logout-all', {}, own.access_token),
      repeated: [204, 401],
      async stateOf(them) {
        const alive = await isAlive(them.own);
        expect(await areAlive(them)).to.deep.equal([alive, alive]);
        return alive ? 'before' : 'after';
      },
    },
    // All sessions live, or none: who did not get the answer logs in with the new password (holds 32, 41, 77).
    'a change of the password': {
      row: 'POST /change-password',
      prepare: person,
      run: (each, { own }) =>
        each.post('/auth/change-password', { current_password: OLD, new_password: NEW }, own.access_token),
      repeated: [200, 401],
      async stateOf(them) {
        const changed = await canLogIn(them, NEW);
        expect(await canLogIn(them, OLD)).to.equal(!changed);
        expect(await areAlive(them)).to.deep.equal([!changed, !changed]);
        expect(await canRefresh(them.own)).to.equal(!changed);
        return changed ? 'after' : 'before';
      },
    },
    'a registration that mails a link': {
      row: 'POST /register',
      prepare: newcomer,
      run: (each, { email }) => each.post('/verifying/register', { email, password: OLD }),
      repeated: [201, 400],
      stateOf: async (them) => ((await canLogIn(them, OLD)) ? 'after' : 'before'),
    },
    // Nothing is changed by it, and it may be asked for again.
    'a recovery mail that is asked for': {
      row: 'POST /forgot-password',
      prepare: person,
      run: (each, { email }) => each.post('/auth/forgot-password', { email }),
      repeated: [202],
      async stateOf(them) {
        expect(await areAlive(them)).to.deep.equal([true, true]);
        expect(await canLogIn(them, OLD)).to.equal(true);
        return 'after';
      },
    },
    'a change of the address that is asked for': {
      row: 'POST /change-email',
      prepare: person,
      run: (each, them) =>
        each.post('/auth/change-email', { email: movedTo(them), password: OLD }, them.own.access_token),
      repeated: [202],
      async stateOf(them) {
        expect(await areAlive(them)).to.deep.equal([true, true]);
        expect(await canLogIn(them, OLD)).to.equal(true);
        return 'after';
      },
    },
    // The link works still, or the new password does (holds 50, 51).
    'a reset of the password': {
      row: 'POST /reset-password',
      prepare: forgetter,
      run: (each, { link }) => each.post('/auth/reset-password', { token: link, password: NEW }),
      repeated: [200, 400],
      async stateOf(them) {
        const changed = await canLogIn(them, NEW);
        expect(await canLogIn(them, OLD)).to.equal(!changed);
        expect(await works(them)).to.equal(!changed);
        expect(await areAlive(them)).to.deep.equal([!changed, !changed]);
        return changed ? 'after' : 'before';
      },
    },
    // The old address is in force, and the link works still, or the new one is.
    'a confirmed change of the address': {
      row: 'POST /change-email/confirm',
      prepare: () => mover(movedTo),
      run: (each, { link }) => each.post('/auth/change-email/confirm', { token: link }),
      repeated: [200, 400],
      async stateOf(them) {
        const moved = await canLogIn({ ...them, email: movedTo(them) }, OLD);
        expect(await canLogIn(them, OLD)).to.equal(!moved);
        expect(await areAlive(them)).to.deep.equal([true, true]);
        return moved ? 'after' : 'before';
      },
    },
    // All as it was, or no session, no password and the old address.
    'an undone change of the address': {
      row: 'POST /change-email/undo',
      prepare: () => mover(({ email }) => email),
      run: (each, { link }) => each.post('/auth/change-email/undo', { token: link }),
      repeated: [200, 400],
      async stateOf(them) {
        const there = await canLogIn(them, OLD);
        expect(await areAlive(them)).to.deep.equal([there, there]);
        return there ? 'before' : 'after';
      },
    },
    'a change of the profile': {
      row: 'PATCH /me',
      prepare: person,
      run: (each, { own }) => each.patch('/auth/me', { name: 'Ada' }, own.access_token),
      repeated: [200],
      async stateOf(them) {
        const { body } = await ask((each) => each.get('/auth/me', them.own.access_token));
        expect(body.name).to.be.oneOf([null, 'Ada']);
        expect(await areAlive(them)).to.deep.equal([true, true]);
        return body.name === 'Ada' ? 'after' : 'before';
      },
    },
    // Whether it counts is the same session's either way.
    'a confirmation': {
      row: 'POST /confirm',
      prepare: person,
      run: (each, { own }) => each.post('/auth/confirm', { password: OLD }, own.access_token),
      repeated: [200],
      async stateOf(them) {
        expect(await areAlive(them)).to.deep.equal([true, true]);
        expect(await canRefresh(them.own)).to.equal(true);
        return 'after';
      },
    },
    // Nothing is changed by it, and it may be asked for again.
    'a verification mail that is asked for': {
      row: 'POST /verify-email/resend',
      prepare: person,
      run: (each, { email }) => each.post('/verifying/verify-email/resend', { email }),
      repeated: [202],
      async stateOf(them) {
        expect(await areAlive(them)).to.deep.equal([true, true]);
        expect(await isVerified(them)).to.equal(false);
        return 'after';
      },
    },
    // The address is verified or the link works still; sessions go on.
    'a verification': {
      row: 'POST /verify-email',
      prepare: unverified,
      run: (each, { link }) => each.post('/verifying/verify-email', { token: link }),
      repeated: [200, 400],
      async stateOf(them) {
        expect(await areAlive(them)).to.deep.equal([true, true]);
        return (await isVerified(them)) ? 'after' : 'before';
      },
    },
    // The user is there as a whole, or gone with every session and link (hold 40).
    'a deletion': {
      row: 'DELETE /me',
      prepare: forgetter,
      run: (each, { own }) => each.delete('/auth/me', { password: OLD }, own.access_token),
      repeated: [204, 401],
      async stateOf(them) {
        const there = await canLogIn(them, OLD);
        expect(await works(them)).to.equal(there);
        expect(await areAlive(them)).to.deep.equal([there, there]);
        return there ? 'before' : 'after';
      },
    },
  };
}
