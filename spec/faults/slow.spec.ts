import { randomBytes } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { expect } from 'chai';
import { type AppProcess, startApp } from '../support/app-process.js';
import { type LoneMongod, startLoneMongod } from '../support/lone-mongod.js';
import { expectWhole, gather, runAll, summaryOf } from './crowd.js';
import { createPeople } from './people.js';
import { READS } from './reads.js';
import { expectDoneOrUnavailable, timed } from './unavailable.js';

/** How long the database stands still, and how long it then goes on, in milliseconds. */
const STILL = 1000;
const GOING = 250;
/** An operation sends a dozen commands at most, and each may meet one such pause. */
const LATE = 14_000;

/** It answers, but late: no command takes longer than the kit waits for it, and an operation has many. */
describe('a database that stands still for a second, again and again', function () {
  this.timeout(120_000);
  let mongod: LoneMongod;
  let fleet: AppProcess[] = [];

  before(async function () {
    mongod = await startLoneMongod(this);
    const secretKey = randomBytes(32).toString('base64');
    const start = () => startApp({ mongodbUri: mongod.uri('slow'), secretKey });
    fleet = await Promise.all([start(), start()]);
  });
  after(async () => {
    await Promise.all(fleet.map((app) => app.stop()));
    await mongod?.stop();
  });

  /** While something runs. */
  async function slowly<T>(run: () => Promise<T>): Promise<T> {
    let isOver = false;
    const work = run().finally(() => {
      isOver = true;
    });
    while (!isOver) {
      await mongod.pause();
      await wait(STILL);
      mongod.resume();
      await wait(GOING);
    }
    return work;
  }

  it('is late or 503, never wrong, and leaves no half of anything (hold 67)', async () => {
    const [app, other] = fleet as [AppProcess, AppProcess];
    const reader = await createPeople(() => app).forgetter();
    const crowd = await gather(app, 2);
    let isOver = false;
    /** Somebody who is signed in, all the while. */
    const readOn = async () => {
      const waited: number[] = [];
      while (!isOver) {
        for (const [row, { run, check }] of Object.entries(READS)) {
          const each = await timed(() => run(other, reader));
          expectDoneOrUnavailable(row, 200, each, LATE);
          if (each.answer.status === 200) check(each.answer.body, reader);
          waited.push(each.ms);
        }
      }
      return waited;
    };
    const [results, waited] = await slowly(() =>
      Promise.all([
        runAll(crowd, fleet, LATE).finally(() => {
          isOver = true;
        }),
        readOn(),
      ]),
    );
    console.log(`      ${summaryOf(results)}; ${waited.length} reads`);
    // It was slow, and this is about more than refusals.
    expect(Math.max(...waited)).to.be.greaterThan(STILL / 2);
    expect(results.some(({ answer }) => answer.status !== 503)).to.equal(true);
    await Promise.all(fleet.map((each) => each.quiet()));
    await expectWhole(crowd, results, app);
    for (const { run, check } of Object.values(READS))
      check((await app.insist(() => run(app, reader))).body, reader);
  });
});
