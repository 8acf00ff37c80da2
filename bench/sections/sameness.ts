import { compareTimes, timeOf } from '../compare.js';
import type { Served } from '../lab.js';
import { post, type Request } from '../load.js';
import type { Section } from '../section.js';
import { emailOf, PASSWORD, WRONG_PASSWORD } from '../servers.js';

const ROUNDS = 200;
/** Lower than the default, so that 600 hashes take a quarter of a minute and not two; the work is equal at any cost. */
const COST = 8;
/** How long others are looked at after a mail was asked for, in milliseconds. The mail goes out by a clock of its own. */
const WATCH = 60;

const WHO = {
  'unknown account': 'nobody@example.com',
  'known account': emailOf(0),
  'disabled account': 'disabled@example.com',
};

/** Whether the time of an answer tells an account that exists from one that does not. */
export const sameness: Section = {
  name: 'sameness',
  title: 'Sameness of time',
  budget: 70,
  async run(lab) {
    const served = await lab.serve('kit', { cost: COST });
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
  const attempt = (username: string, password: string) => async () => ({
    login: await timeOf(url, post('/auth/token', { username, password }), 401),
  });
  const title = `A refused login, bcrypt cost ${COST} (line 17 of the security list)`;
  const attempts = {
    'unknown account': attempt(WHO['unknown account'], WRONG_PASSWORD),
    'known account, wrong password': attempt(WHO['known account'], WRONG_PASSWORD),
    'disabled account, right password': attempt(WHO['disabled account'], PASSWORD),
  };
  return (await compareTimes({ login: title }, attempts, { rounds: ROUNDS })).login;
}

/** The answer itself, and the slowest of somebody else's next requests, which meets what the first has started. */
async function recoveries(served: Served) {
  const { url } = served;
  const [other] = (await served.load('user')).requests as [Request];
  const attempt = (email: string) => async () => ({
    recovery: await timeOf(url, post('/auth/forgot-password', { email }), 202),
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
  return compareTimes(titles, attempts, { rounds: ROUNDS, before });
}

/** Asks one after another for so long. @returns the longest time, in milliseconds */
async function slowestOf(url: string, request: Request, duration: number): Promise<number> {
  const times: number[] = [];
  for (const end = performance.now() + duration; performance.now() < end; ) {
    times.push(await timeOf(url, request, 200));
  }
  return Math.max(...times);
}
