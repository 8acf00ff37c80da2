import { randomBytes } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { expect } from 'chai';
import mongoose from 'mongoose';
import { type AppProcess, startApp } from '../support/app-process.js';
import { type LoneMongod, startLoneMongod } from '../support/lone-mongod.js';
import { expectWhole, gather, runAll, summaryOf } from './crowd.js';
import { createPeople } from './people.js';
import { READS } from './reads.js';
import { expectDoneOrUnavailable, timed } from './unavailable.js';

/** What each command takes, in milliseconds: the crowd has to wait, and some of it for too long. */
const EACH = 60;
/** An operation sends a dozen commands at most, and each may wait for its turn until it is given up. */
const LATE = 14_000;
const COMMANDS = ['find', 'insert', 'update', 'delete', 'findAndModify', 'aggregate'];

/** An operation that held it while it asked for another one would never end. */
describe('an app with one connection to its database', function () {
  this.timeout(120_000);
  let mongod: LoneMongod;
  let app: AppProcess;
  let connection: mongoose.Connection;

  before(async function () {
    mongod = await startLoneMongod(this);
    const uri = mongod.uri('single');
    connection = await mongoose.createConnection(uri).asPromise();
    const mongodbUri = `${uri}${uri.includes('?') ? '&' : '?'}maxPoolSize=1`;
    const secretKey = randomBytes(32).toString('base64');
    // The worker of the outbox waits in the same line.
    app = await startApp({ mongodbUri, secretKey, looksForMails: true });
  });
  after(async () => {
    await app?.stop();
    await connection?.close();
    await mongod?.stop();
  });

  const takeTime = (mode: 'alwaysOn' | 'off') =>
    connection
      .getClient()
      .db('admin')
      .command({
        configureFailPoint: 'failCommand',
        mode,
        data: { failCommands: COMMANDS, blockConnection: true, blockTimeMS: EACH },
      });

  it('answers 50 requests of all kinds at once, each right or 503, and sends its mails (hold 67)', async () => {
    const reader = await createPeople(() => app).forgetter();
    const crowd = await gather(app, 2);
    expect(crowd.length + 2 * Object.keys(READS).length).to.be.at.least(50);
    const readAll = () =>
      Promise.all(
        [...Object.entries(READS), ...Object.entries(READS)].map(async ([row, { run, check }]) => {
          const each = await timed(() => run(app, reader));
          expectDoneOrUnavailable(row, 200, each, LATE);
          if (each.answer.status === 200) check(each.answer.body, reader);
        }),
      );
    await takeTime('alwaysOn');
    const [results] = await Promise.all([runAll(crowd, [app], LATE), readAll()]);
    await takeTime('off');
    console.log(`      ${summaryOf(results)}`);

    // What was given up may wait in the line still: who comes after it is answered when it is done.
    expect((await app.insist(() => app.get('/protected', reader.own.access_token))).status).to.equal(200);
    await app.quiet();
    await expectWhole(crowd, results, app);
    await readAll();
    while ((await connection.collection('auth_outbox').countDocuments()) > 0) await wait(100);
  });
});
