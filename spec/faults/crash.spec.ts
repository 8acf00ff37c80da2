import { randomBytes } from 'node:crypto';
import { expect } from 'chai';
import { type AppProcess, startApp } from '../support/app-process.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { operations } from './operations.js';

/** How many writes an operation makes, and what is left when the app dies after each: the first is what decides. */
const EXPECTED: Record<string, readonly ('before' | 'after')[]> = {
  'a registration': ['after'],
  'a login': ['after'],
  'a refresh': ['after'],
  'a refresh by an OAuth client': ['after'],
  // The attempt, the code, the sign-in that waited, the session.
  'a second step': ['after', 'after', 'after', 'after'],
  'a logout': ['after'],
  'the end of one session': ['after'],
  // The first tells the session that goes on.
  'the end of all other sessions': ['before', 'after', 'after', 'after'],
  'a logout everywhere': ['after', 'after'],
  // The first makes the session in which who is in will go on.
  'a change of the password': ['before', 'after', 'after', 'after'],
  // The user, and the row of the mail.
  'a registration that mails a link': ['after', 'after'],
  'a recovery mail that is asked for': ['after'],
  'a change of the address that is asked for': ['after', 'after'],
  'a reset of the password': ['after', 'after', 'after'],
  'a confirmed change of the address': ['after', 'after', 'after', 'after'],
  // The first clears away later undos.
  'an undone change of the address': ['before', 'after', 'after', 'after', 'after'],
  'a change of the profile': ['after'],
  'a confirmation': ['after'],
  'a verification mail that is asked for': ['after'],
  'a verification': ['after'],
  'a deletion': ['after', 'after', 'after', 'after'],
};

/** The process is killed after each write of an operation in turn, and another one is asked what is left. */
describe('an app that is killed in the middle', function () {
  this.timeout(90_000);
  let database: TestDatabase;
  let survivor: AppProcess;
  let next: Promise<AppProcess>;
  const secretKey = randomBytes(32).toString('base64');
  const start = () => startApp({ mongodbUri: database.uri, secretKey });

  before(async () => {
    database = await createTestDatabase();
    survivor = await start();
    next = start();
  });
  after(async () => {
    await Promise.all([survivor.stop(), next.then((app) => app.stop())]);
    await database.drop();
  });

  for (const [what, { prepare, run, repeated, stateOf }] of Object.entries(operations(() => survivor))) {
    it(`of ${what} leaves no half of it`, async () => {
      const left: string[] = [];
      for (;;) {
        const victim = await next;
        next = start();
        const person = await prepare();
        await victim.arm({ after: left.length + 1, count: 'writes', signal: 'SIGKILL' });
        const answer = await run(victim, person).catch(() => undefined);
        await victim.stop();
        const state = await stateOf(person);
        if (answer) {
          expect([answer.status, state]).to.deep.equal([repeated[0], 'after']);
          break;
        }
        left.push(state);
        // Nothing of what was left stands in the way of another attempt.
        expect((await run(survivor, person)).status).to.be.oneOf(repeated);
        expect(await stateOf(person)).to.equal('after');
      }
      expect(left).to.deep.equal(EXPECTED[what]);
    });
  }
});
