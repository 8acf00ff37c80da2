import { randomInt } from 'node:crypto';
import { expect } from 'chai';
import { type ReplicaSet, startReplicaSet } from '../support/replica-set.js';
import { type Household, runClient } from './client.js';
import { carryOut } from './faults.js';
import { Fleet } from './fleet.js';
import { judge } from './judge.js';
import { lookAtEverything } from './last-look.js';
import { type Mailbox, startMailbox } from './mailbox.js';
import { createRandom } from './random.js';
import { describeAnomaly, examples, report } from './report.js';
import { type Fault, makeSchedule } from './schedule.js';
import { watch } from './watcher.js';
import { World } from './world.js';

const CLIENTS = 24;
const HOUSEHOLDS = 8;

const SECONDS = numberFrom('CHAOS_SECONDS', 60);
const SEED = numberFrom('CHAOS_SEED', randomInt(1_000_000));

/** Two processes of an app on a replica set of three, faults by the seed, and a judge of every answer. */
describe('an app under any faults at once', function () {
  // It stops by itself, however long the recovery and the last look take.
  this.timeout(SECONDS * 3000 + 240_000);
  let replicaSet: ReplicaSet;
  let mailbox: Mailbox;
  let fleet: Fleet;
  let world: World;

  before(async function () {
    console.log(`    CHAOS_SEED=${SEED} CHAOS_SECONDS=${SECONDS} npm run test:chaos`);
    replicaSet = await startReplicaSet(this, 'chaos');
    mailbox = await startMailbox((link) => world?.receive(link));
    fleet = new Fleet(replicaSet.uri, mailbox.transport);
    await fleet.start();
    world = new World(fleet);
  });
  after(async () => {
    world?.end();
    await fleet?.stop();
    mailbox?.close();
    // They may stand still.
    await Promise.all((replicaSet?.members ?? []).map((each) => each.kill()));
    await replicaSet?.stop();
  });

  it('lets nobody in and logs nobody out (holds 35-38, 40-42, 50, 51, 67, 71)', async () => {
    const isOver = () => world.now() > SECONDS * 1000;
    const faults: Fault[] = [];
    const households = Array.from(
      { length: HOUSEHOLDS },
      (): Household => ({ account: undefined, until: 0 }),
    );
    const actorOf = (client: number) => ({ world, client, random: createRandom(SEED, `client ${client}`) });
    const clients = Array.from({ length: CLIENTS }, (_, client) =>
      runClient(actorOf(client), households[client % HOUSEHOLDS] as Household, isOver),
    );
    const onFault = (fault: Fault) => void faults.push(fault);
    const schedule = makeSchedule(SEED, SECONDS * 1000);
    const observer = actorOf(CLIENTS);
    await Promise.all([
      carryOut(schedule, { fleet, replicaSet, world, isOver, onFault }),
      ...clients,
      watch(observer, isOver),
    ]);
    await lookAtEverything(observer);

    const anomalies = judge(world.history, fleet);
    console.log(report(world.history, { faults, anomalies }));
    for (const anomaly of examples(anomalies)) console.log(describeAnomaly(anomaly, world.history, faults));
    expect(anomalies.map(({ rule }) => rule)).to.deep.equal([]);
    // Else there was nothing to be judged.
    expect(faults).to.not.have.length(0);
    expect(world.history.operations.length).to.be.greaterThan(SECONDS);
  });
});

function numberFrom(name: string, otherwise: number): number {
  const number = Number(process.env[name] ?? otherwise);
  if (!Number.isInteger(number) || number < 0)
    throw new Error(`${name}: ${process.env[name]} is no whole number`);
  return number;
}
