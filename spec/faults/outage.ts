import { expect } from 'chai';
import type { AppProcess, Fault } from '../support/app-process.js';
import { type LoneMongod, startAppOnLoneMongod } from '../support/lone-mongod.js';
import { operations } from './operations.js';
import { createPeople } from './people.js';
import { READS } from './reads.js';
import { expectDoneOrUnavailable, timed } from './unavailable.js';

/** More than any operation sends. */
const MOST_COMMANDS = 12;
/** Of those that only read, all at once: enough to meet each in its middle. */
const MOST_READS = 3;

export interface Outage {
  /** Begins it, from within the app: what is sent a moment later may still be taken in. */
  signal: Fault['signal'];
  /** Begins it, and resolves when it has begun. */
  begin(mongod: LoneMongod): Promise<void>;
  /** Ends it. */
  recover(mongod: LoneMongod): Promise<void>;
}

/**
 * Lets an outage begin before each operation and after each command of it in turn. The client is told 503 in time, or
 * that it is done; afterwards the same tokens work, and a repetition succeeds, without a restart of the app.
 */
export function describeOutage(title: string, { signal, begin, recover }: Outage): void {
  describe(title, function () {
    this.timeout(90_000);
    let mongod: LoneMongod;
    let app: AppProcess;

    let stop: (() => Promise<void>) | undefined;

    before(async function () {
      ({ mongod, app, stop } = await startAppOnLoneMongod(this));
    });
    after(() => stop?.());

    it('is told as 503 within 3 s by what only reads, and never as something that is not so (hold 67)', async () => {
      const person = await createPeople(() => app).forgetter();
      const askAll = () =>
        Promise.all(
          Object.values(READS).map(async (read) => ({ read, ...(await timed(() => read.run(app, person))) })),
        );
      for (let commands = 0; commands <= MOST_READS; commands += 1) {
        if (commands === 0) await begin(mongod);
        else await app.arm({ after: commands, count: 'commands', signal, pid: mongod.pid });
        const answers = await askAll();
        const disarmed = await app.disarm();
        if (!disarmed || commands === 0) await recover(mongod);
        await app.quiet();
        for (const { read, answer, ms } of answers) {
          expectDoneOrUnavailable(`after ${commands} commands`, 200, { answer, ms });
          if (answer.status === 200) read.check(answer.body, person);
          if (commands === 0) expect(answer.status).to.equal(read.isAnsweredAlone ? 200 : 503);
        }
        if (disarmed && commands > 0) break;
      }
      for (const { run, check } of Object.values(READS)) {
        check((await app.insist(() => run(app, person))).body, person);
      }
    });

    for (const [what, { prepare, run, repeated, stateOf }] of Object.entries(operations(() => app))) {
      it(`in the middle of ${what} is told as 503 within 3 s, and leaves no half of it (hold 67)`, async () => {
        const statuses: number[] = [];
        for (let commands = 0; commands <= MOST_COMMANDS; commands += 1) {
          const person = await prepare();
          if (commands === 0) await begin(mongod);
          else await app.arm({ after: commands, count: 'commands', signal, pid: mongod.pid });
          const { answer, ms } = await timed(() => run(app, person));
          // Where it was not reached, there is nothing to recover from.
          const disarmed = await app.disarm();
          if (!disarmed || commands === 0) await recover(mongod);
          await app.quiet();
          statuses.push(answer.status);
          expectDoneOrUnavailable(`after ${commands} commands`, repeated[0] as number, { answer, ms });
          const state = await stateOf(person);
          if (answer.status !== 503) expect(state).to.equal('after');
          expect((await app.insist(() => run(app, person))).status).to.be.oneOf(repeated);
          expect(await stateOf(person)).to.equal('after');
          if (disarmed && commands > 0) break;
        }
        console.log(`      ${what}: ${statuses.join(', ')}`);
        expect(statuses[0]).to.equal(503);
        expect(app.process.exitCode).to.equal(null);
      });
    }
  });
}
