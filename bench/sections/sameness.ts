import { compareTimes, timeOf } from '../compare.js';
import type { Served } from '../lab.js';
import { fromElsewhere, post, type Request } from '../load.js';
import type { Section } from '../section.js';
import { disabledEmailOf, emailOf, PASSWORD, WRONG_PASSWORD } from '../servers.js';

const ROUNDS = { logins: 200, recoveries: 100 };
/** Of each sort: so many that none has ten failures, after which it would be a locked one. */
const ACCOUNTS = 50;
/** The lowest that an app may have: what is done beside the hash tells the most there. */
const COST = 10;
/** How long others are looked at after a mail was asked for, in milliseconds. The mail goes out by a clock of its own. */
const WATCH = 60;

const WHO = {
  'unknown account': 'nobody@example.com',
  'known account': emailOf(0),
  'disabled account': disabledEmailOf(0),
};

/** Whether the time of an answer tells an account that exists from one that does not. */
export const sameness: Section = {
  name: 'sameness',
  title: 'Sameness of time',
  budget: 125,
  async run(lab) {
    const served = await lab.serve('kit', { cost: COST, disabled: ACCOUNTS });
    const login = await logins(served);
    const { recovery, beside } = await recoveries(served);
    await served.stop();
    return {
      tables: [login.table, recovery.table, beside.table],
      figures: {
        'time of logins': login.spread,
        'time of recovery': recovery.spread,
        'time beside': beside.spread,
      },
    };
  },
};

async function logins({ url }: Served) {
  const ask = (username: string, password: string) =>
    timeOf(url, fromElsewhere(post('/auth/token', { username, password })), 401);
  const attempt = (usernameOf: (index: number) => string, password: string) => {
    let index = 0;
    return async () => ({ login: await ask(usernameOf(index++ % ACCOUNTS), password) });
  };
  const locked = () => emailOf(ACCOUNTS);
  for (let time = 0; time < 10; time += 1) await ask(locked(), WRONG_PASSWORD);
  const title = `A refused login, bcrypt cost ${COST} (line 17 of the security list)`;
  const attempts = {
    'unknown account': attempt((index) => `nobody${index}@example.com`, WRONG_PASSWORD),
    'known account, wrong password': attempt(emailOf, WRONG_PASSWORD),
    'disabled account, right password': attempt(disabledEmailOf, PASSWORD),
    'locked account': attempt(locked, WRONG_PASSWORD),
  };
  return (await compareTimes({ login: title }, attempts, { rounds: ROUNDS.logins })).login;
}

/** The answer itself, and the slowest of somebody else's next requests, which meets what the first has started. */
async function recoveries(served: Served) {
  const { url } = served;
  const [other] = (await served.load('user')).requests as [Request];
  const attempt = (email: string) => async () => ({
    recovery: await timeOf(url, fromElsewhere(post('/auth/forgot-password', { email })), 202),
    beside: await slowestOf(url, other, WATCH),
  });
  const titles = {
    recovery: 'A recovery mail that is asked for (line 53)',
    beside: `The slowest of somebody else's requests in the next ${WATCH} ms (line 84)`,
  };
  const attempts = Object.fromEntries(Object.entries(WHO).map(([who, email]) => [who, attempt(email)]));
  // And then something that is not timed: the first after a pause takes longer.
  const before = async () => {
    await served.task('settled');
    await timeOf(url, other, 200);
  };
  return compareTimes(titles, attempts, { rounds: ROUNDS.recoveries, before });
}

/** Asks one after another for so long. @returns the longest time, in milliseconds */
async function slowestOf(url: string, request: Request, duration: number): Promise<number> {
  const times: number[] = [];
  for (const end = performance.now() + duration; performance.now() < end; ) {
    times.push(await timeOf(url, request, 200));
  }
  return Math.max(...times);
}
