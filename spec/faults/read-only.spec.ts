import { expect } from 'chai';
import mongoose from 'mongoose';
import { type AppOnLoneMongod, startAppOnLoneMongod } from '../support/lone-mongod.js';
import { expectWhole, gather, runAll } from './crowd.js';
import { createPeople } from './people.js';
import { READS } from './reads.js';
import { expectUnavailable, type Timed, timed } from './unavailable.js';

/** More than the driver has connections by default. */
const REFUSED = 110;
/** So many at once take a busy machine a moment of their own, in milliseconds. */
const CROWD_IN_TIME = 10_000;
/** How many operations are tried at a time. */
const AT_ONCE = 7;

/** What a backup does that copies the files: MongoDB reads on, and whatever writes waits. */
describe('a database that takes no writes (fsyncLock)', function () {
  this.timeout(90_000);
  let lone: AppOnLoneMongod;
  let connection: mongoose.Connection;
  let isLocked = false;

  before(async function () {
    lone = await startAppOnLoneMongod(this);
    connection = await mongoose.createConnection(lone.uri).asPromise();
  });
  afterEach(unlock);
  after(async () => {
    await connection?.close();
    await lone?.stop();
  });

  const admin = (command: object) => connection.getClient().db('admin').command(command);
  async function lock() {
    await admin({ fsync: 1, lock: true });
    isLocked = true;
  }
  async function unlock() {
    if (isLocked) await admin({ fsyncUnlock: 1 });
    isLocked = false;
  }

  it('refuses by 503 within 3 s what writes, lets in who is signed in, and does nothing by halves (hold 67)', async () => {
    const { app } = lone;
    const people = createPeople(() => app);
    const reader = await people.forgetter();
    const crowd = await gather(app);
    const readAll = async () => {
      for (const [row, { run, check }] of Object.entries(READS)) {
        const answer = await run(app, reader);
        expect(answer.status, row).to.equal(200);
        check(answer.body, reader);
      }
    };
    await lock();
    const results: Timed[] = [];
    for (let first = 0; first < crowd.length; first += AT_ONCE) {
      results.push(...(await runAll(crowd.slice(first, first + AT_ONCE), [app])));
    }
    for (const { answer } of results) expect(answer.status).to.equal(503);
    await readAll();
    // Each is a write that waits, and a connection that waits with it.
    const refused = await Promise.all(
      Array.from({ length: REFUSED }, () =>
        timed(() => app.post('/auth/refresh', { refresh_token: reader.other.refresh_token })),
      ),
    );
    for (const each of refused) expectUnavailable('a refresh', each, CROWD_IN_TIME);
    await readAll();
    await unlock();
    await app.quiet();

    const left = await expectWhole(crowd, results, app);
    // What was given up here is given up there, too, and not done later.
    expect(left).to.include({
      'a logout': 'before',
      'a change of the password': 'before',
      'a deletion': 'before',
    });
    await readAll();
    expect(await people.canRefresh(reader.other)).to.equal(true);
  });
});
