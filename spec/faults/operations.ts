import { expect } from 'chai';
import type { Answer, AppProcess } from '../support/app-process.js';

const OLD = 'correct horse battery';
const NEW = 'another horse battery';

interface Pair {
  access_token: string;
  refresh_token: string;
}

/** Somebody with two sessions and, where asked for, a recovery link. */
interface Person {
  email: string;
  own: Pair;
  other: Pair;
  link: string | undefined;
}

/** An operation of the kit that something may happen in the middle of. */
export interface Operation {
  prepare(): Promise<Person>;
  run(app: AppProcess, person: Person): Promise<Answer>;
  /** What a repetition is answered, whether or not it had been done. */
  repeated: readonly number[];
  /** Asks what is left: all as it was before, or all as it is after. Half of anything fails. */
  stateOf(person: Person): Promise<'before' | 'after'>;
}

let people = 0;

/**
 * The operations, each with the states that are allowed whenever it is cut off.
 *
 * @param app asked before and after; it waits for a database that is away
 */
export function operations(app: () => AppProcess): Record<string, Operation> {
  const ask = (request: (each: AppProcess) => Promise<Answer>) => app().insist(() => request(app()));
  const statusOf = async (request: (each: AppProcess) => Promise<Answer>) => (await ask(request)).status;
  const login = (username: string, password: string) =>
    ask((each) => each.post('/auth/token', { username, password }));
  const canLogIn = async ({ email }: Person, password: string) => {
    const { status } = await login(email, password);
    expect(status).to.be.oneOf([200, 401]);
    return status === 200;
  };
  const isAlive = async ({ access_token }: Pair) => {
    const status = await statusOf((each) => each.get('/protected', access_token));
    expect(status).to.be.oneOf([200, 401]);
    return status === 200;
  };
  const areAlive = ({ own, other }: Person) => Promise.all([isAlive(own), isAlive(other)]);
  const canRefresh = async ({ refresh_token }: Pair) =>
    (await statusOf((each) => each.post('/auth/refresh', { refresh_token }))) === 200;
  const works = async ({ link }: Person) =>
    (await statusOf((each) => each.post('/auth/forgot-password/validate', { token: link }))) === 200;

  async function newcomer(): Promise<Person> {
    people += 1;
    const nothing = { access_token: '', refresh_token: '' };
    return { email: `person-${people}@example.com`, own: nothing, other: nothing, link: undefined };
  }
  async function person(): Promise<Person> {
    const { email, link } = await newcomer();
    expect(await statusOf((each) => each.post('/auth/register', { email, password: OLD }))).to.equal(201);
    const [own, other] = await Promise.all([login(email, OLD), login(email, OLD)]);
    return { email, own: own.body, other: other.body, link };
  }
  async function forgetter(): Promise<Person> {
    const { link: _none, ...rest } = await person();
    await ask((each) => each.post('/auth/forgot-password', { email: rest.email }));
    return { ...rest, link: await app().tokenFor(rest.email) };
  }

  const movedTo = ({ email }: Person) => `moved-${email}`;
  /** Who has asked for another address, and has the link that was mailed to one of the two. */
  async function mover(mailedTo: (them: Person) => string): Promise<Person> {
    const them = await person();
    const change = { email: movedTo(them), password: OLD };
    await ask((each) => each.post('/auth/change-email', change, them.own.access_token));
    return { ...them, link: await app().tokenFor(mailedTo(them)) };
  }

  /** Who has a verification link. */
  async function unverified(): Promise<Person> {
    const them = await person();
    await ask((each) => each.post('/verifying/verify-email/resend', { email: them.email }));
    return { ...them, link: await app().tokenFor(them.email) };
  }
  const isVerified = async ({ own }: Person) =>
    (await ask((each) => each.get('/auth/me', own.access_token))).body.emailVerifiedAt !== null;

  return {
    'a registration': {
      prepare: newcomer,
      run: (each, { email }) => each.post('/auth/register', { email, password: OLD }),
      repeated: [201, 400],
      stateOf: async (them) => ((await canLogIn(them, OLD)) ? 'after' : 'before'),
    },
    'a login': {
      prepare: person,
      run: (each, { email }) => each.post('/auth/token', { username: email, password: OLD }),
      repeated: [200],
      async stateOf(them) {
        expect(await areAlive(them)).to.deep.equal([true, true]);
        return 'after';
      },
    },
    'a request to a guarded route': {
      prepare: person,
      run: (each, { own }) => each.get('/protected', own.access_token),
      repeated: [200],
      async stateOf({ own }) {
        expect(await isAlive(own)).to.equal(true);
        return 'after';
      },
    },
    // The client, who has the predecessor, is not logged out (hold 38).
    'a refresh': {
      prepare: person,
      run: (each, { own }) => each.post('/auth/refresh', { refresh_token: own.refresh_token }),
      repeated: [200],
      async stateOf(them) {
        expect(await canRefresh(them.own)).to.equal(true);
        expect(await areAlive(them)).to.deep.equal([true, true]);
        return 'after';
      },
    },
    'a logout': {
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
      prepare: newcomer,
      run: (each, { email }) => each.post('/verifying/register', { email, password: OLD }),
      repeated: [201, 400],
      stateOf: async (them) => ((await canLogIn(them, OLD)) ? 'after' : 'before'),
    },
    // Nothing is changed by it, and it may be asked for again.
    'a recovery mail that is asked for': {
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
      prepare: person,
      run: (each, { own }) => each.post('/auth/confirm', { password: OLD }, own.access_token),
      repeated: [200],
      async stateOf(them) {
        expect(await areAlive(them)).to.deep.equal([true, true]);
        expect(await canRefresh(them.own)).to.equal(true);
        return 'after';
      },
    },
    // The address is verified or the link works still; sessions go on.
    'a verification': {
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

function sidOf({ access_token }: Pair): string {
  return JSON.parse(Buffer.from(access_token.split('.')[1] ?? '', 'base64url').toString()).sid;
}
