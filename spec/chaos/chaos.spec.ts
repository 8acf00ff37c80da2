import { randomInt } from 'node:crypto';
import { expect } from 'chai';
import { type ReplicaSet, startReplicaSet } from '../support/replica-set.js';
import { Client, type Household } from './client.js';
import { carryOut } from './faults.js';
import { Fleet } from './fleet.js';
import { judge } from './judge.js';
import { type Mailbox, startMailbox } from './mailbox.js';
import { createRandom } from './random.js';
import { describeAnomaly, report } from './report.js';
import { describeFault, type Fault, makeSchedule } from './schedule.js';
import { World } from './world.js';

const CLIENTS = 24;
const HOUSEHOLDS = 8;
/** How many accounts are checked at a time in the end. */
const CHECKERS = 8;

const SECONDS = Number(process.env['CHAOS_SECONDS'] ?? 60);
const SEED = Number(process.env['CHAOS_SEED'] ?? randomInt(1_000_000));

/** The whole run: two processes of an app on a replica set of three, faults by the seed, and a judge of every answer. */
describe('an app under whatever faults there are', function () {
  // It stops by itself, however long the recovery takes.
  this.timeout(SECONDS * 2000 + 180_000);
  let replicaSet: ReplicaSet;
  let mailbox: Mailbox;
  let fleet: Fleet;
  let world: World;

  before(async function () {
    replicaSet = await startReplicaSet(this, 'chaos');
    mailbox = await startMailbox((link) => world?.receive(link));
    fleet = new Fleet(replicaSet.uri, mailbox.transport);
    await Promise.all([fleet.start(0), fleet.start(1)]);
    world = new World(fleet);
  });
  after(async () => {
    await fleet?.stop();
    mailbox?.close();
    await Promise.all((replicaSet?.members ?? []).map((each) => each.kill()));
    await replicaSet?.stop();
  });

  it(`lets nobody in and logs nobody out: CHAOS_SEED=${SEED} CHAOS_SECONDS=${SECONDS} (holds 35-42, 50, 51, 67, 71)`, async () => {
    const isOver = () => world.now() > SECONDS * 1000;
    const faults: Fault[] = [];
    const households: Household[] = Array.from({ length: HOUSEHOLDS }, () => ({
      account: undefined,
      until: 0,
    }));
    const clients = Array.from({ length: CLIENTS }, (_, index) => {
      const household = households[index % HOUSEHOLDS] as Household;
      return new Client(world, index, household, createRandom(SEED, `client ${index}`));
    });
    const schedule = makeSchedule(SEED, SECONDS * 1000);
    await Promise.all([
      carryOut(schedule, {
        fleet,
        replicaSet,
        incidents: world.history.incidents,
        now: () => world.now(),
        isOver,
        onFault: (fault) => faults.push(fault),
      }),
      ...clients.map((client) => client.run(isOver)),
    ]);
    await checkAll(clients[0] as Client, world);

    console.log(report(world.history, faults));
    const anomalies = judge(world.history);
    console.log(`      ${anomalies.length} anomalies; seed ${SEED}`);
    if (anomalies.length > 0) {
      for (const fault of faults) console.log(`      ${describeFault(fault)}`);
      for (const anomaly of anomalies.slice(0, 5)) console.log(describeAnomaly(anomaly, world.history));
    }
    expect(anomalies.map(({ rule }) => rule)).to.deep.equal([]);
  });
});

/** When all is healed: what the clients have of every account, against what the model says of it. */
async function checkAll(client: Client, { accounts }: World): Promise<void> {
  const waiting = [...accounts];
  const work = async () => {
    for (let account = waiting.pop(); account; account = waiting.pop()) await client.check(account);
  };
  await Promise.all(Array.from({ length: CHECKERS }, work));
}
