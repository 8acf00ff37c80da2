import { expect } from 'chai';
import type { Answer, AppProcess } from '../support/app-process.js';

export const OLD = 'correct horse battery';
export const NEW = 'another horse battery';

export interface Pair {
  access_token: string;
  refresh_token: string;
}

/** What `/challenge` is sent. */
interface Step {
  challenge: string;
  method: string;
  code: string | undefined;
}

/** Somebody with two sessions and, where asked for, a link from a mail or a sign-in that waits for its second step. */
export interface Person {
  email: string;
  own: Pair;
  other: Pair;
  link?: string | undefined;
  step?: Step;
}

let made = 0;

/**
 * Makes people, and asks what they can do.
 *
 * @param app asked for all of it; it waits for a database that is away
 */
export function createPeople(app: () => AppProcess) {
  const ask = (request: (each: AppProcess) => Promise<Answer>) => app().insist(() => request(app()));
  const insist = async (status: number, request: (each: AppProcess) => Promise<Answer>) => {
    const answer = await ask(request);
    expect(answer.status, JSON.stringify(answer.body)).to.equal(status);
    return answer.body;
  };
  const login = (username: string, password: string) =>
    ask((each) => each.post('/auth/token', { username, password }));
  const isAlive = async ({ access_token }: Pair) => {
    const { status } = await ask((each) => each.get('/protected', access_token));
    expect(status).to.be.oneOf([200, 401]);
    return status === 200;
  };

  async function newcomer(): Promise<Person> {
    made += 1;
    const nothing = { access_token: '', refresh_token: '' };
    return { email: `person-${made}@example.com`, own: nothing, other: nothing };
  }
  async function person(): Promise<Person> {
    const { email } = await newcomer();
    await insist(201, (each) => each.post('/auth/register', { email, password: OLD }));
    const [own, other] = await Promise.all([login(email, OLD), login(email, OLD)]);
    return { email, own: own.body, other: other.body };
  }
  /** Starts what a second step ends. */
  async function firstStep({ email }: Person): Promise<Step> {
    const login = { username: email, password: OLD };
    const { challenge } = await insist(403, (each) => each.post('/two-step/token', login));
    return { challenge, method: 'mailed_code', code: await app().textFor(email) };
  }

  return {
    ask,
    newcomer,
    person,
    firstStep,
    isAlive,
    areAlive: ({ own, other }: Person) => Promise.all([isAlive(own), isAlive(other)]),
    async canLogIn({ email }: Person, password: string) {
      const { status } = await login(email, password);
      expect(status).to.be.oneOf([200, 401]);
      return status === 200;
    },
    canRefresh: async ({ refresh_token }: Pair) =>
      (await ask((each) => each.post('/auth/refresh', { refresh_token }))).status === 200,

    /** Who has a recovery link. */
    async forgetter(): Promise<Person> {
      const them = await person();
      await insist(202, (each) => each.post('/auth/forgot-password', { email: them.email }));
      return { ...them, link: await app().tokenFor(them.email) };
    },
    /** Who has asked for another address, and has the link that was mailed to one of the two. */
    async mover(mailedTo: (them: Person) => string): Promise<Person> {
      const them = await person();
      const change = { email: movedTo(them), password: OLD };
      await insist(202, (each) => each.post('/auth/change-email', change, them.own.access_token));
      return { ...them, link: await app().tokenFor(mailedTo(them)) };
    },
    /** Who has a verification link. */
    async unverified(): Promise<Person> {
      const them = await person();
      await insist(202, (each) => each.post('/verifying/verify-email/resend', { email: them.email }));
      return { ...them, link: await app().tokenFor(them.email) };
    },
    /** Who has set up a second step, is signed in still, and signs in once more. */
    async halfway(): Promise<Person> {
      const them = await person();
      await insist(202, (each) => each.post('/two-step/mailed-code', {}, them.own.access_token));
      return { ...them, step: await firstStep(them) };
    },
  };
}

export function movedTo({ email }: Person): string {
  return `moved-${email}`;
}

export function sidOf({ access_token }: Pair): string {
  return JSON.parse(Buffer.from(access_token.split('.')[1] ?? '', 'base64url').toString()).sid;
}
