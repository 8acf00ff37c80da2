import { setTimeout as wait } from 'node:timers/promises';
import mongoose from 'mongoose';
import type { Member, ReplicaSet } from '../support/replica-set.js';
import type { Fleet } from './fleet.js';
import type { Incident } from './history.js';
import type { Fault } from './schedule.js';
import type { World } from './world.js';

/** So long the others have to choose a new primary before the old one is back, in milliseconds. */
const ELECTION = 1500;

interface Parts {
  fleet: Fleet;
  replicaSet: ReplicaSet;
  world: World;
  /** No fault is begun any more. */
  isOver(): boolean;
  onFault(fault: Fault): void;
}

/** Carries a schedule out: the faults of a lane one after the other, each to its end. */
export async function carryOut(schedule: readonly Fault[], parts: Parts): Promise<void> {
  const watcher = await watchPrimary(parts.replicaSet);
  const run = async (lane: string) => {
    // A machine that is slow to start what was killed gets as much time between the faults as a fast one.
    let delay = 0;
    for (const fault of schedule.filter((each) => each.lane === lane)) {
      await wait(Math.max(0, fault.at + delay - parts.world.now()));
      if (parts.isOver()) return;
      parts.onFault(fault);
      await (lane === 'database' ? hurtDatabase(fault, parts, watcher.primary()) : hurtApp(fault, parts));
      delay = Math.max(delay, parts.world.now() - fault.at - fault.lasts);
    }
  };
  try {
    await Promise.all([...new Set(schedule.map(({ lane }) => lane))].map(run));
  } finally {
    await watcher.close();
  }
}

async function hurtApp({ lane, kind, lasts, step = 0 }: Fault, { fleet, world }: Parts): Promise<void> {
  const index = lane === 'app 0' ? 0 : 1;
  const app = fleet.apps[index];
  if (!app) return;
  if (kind === 'step') return app.stepClock(step);
  const incident: Incident = { app: index, from: world.now(), to: Number.POSITIVE_INFINITY };
  world.history.incidents.push(incident);
  if (kind === 'pause') {
    app.process.kill('SIGSTOP');
    await wait(lasts);
    app.process.kill('SIGCONT');
  } else {
    await app.stop();
    await wait(lasts);
    await fleet.replace(index);
  }
  incident.to = world.now();
}

/** How each begins and ends. */
const KILLED: Hurt = [(member) => member.kill(), (member) => member.restart()];
const PAUSED: Hurt = [(member) => member.pause(), async (member) => member.resume()];
const LAGGING: Hurt = [(member) => member.follow(false), (member) => member.follow(true)];

type Hurt = [begin: (member: Member) => Promise<void>, end: (member: Member) => Promise<void>];

async function hurtDatabase(fault: Fault, { replicaSet, world }: Parts, primary: Member): Promise<void> {
  const { kind, lasts } = fault;
  const incident: Incident = { app: 'database', from: world.now(), to: Number.POSITIVE_INFINITY };
  world.history.incidents.push(incident);
  const secondaries = replicaSet.members.filter((each) => each !== primary);
  const [secondary] = secondaries as [Member, Member];
  const member = fault.member === 'primary' ? primary : secondary;
  if (kind === 'kill') await hurtFor(lasts, [member], KILLED);
  if (kind === 'pause') await hurtFor(lasts, [member], PAUSED);
  if (kind === 'blackout') await hurtFor(lasts, [primary, secondary], PAUSED);
  if (kind === 'lag') await hurtFor(lasts, [secondary], LAGGING);
  if (kind === 'strand') await strand(lasts, primary, secondaries);
  incident.to = world.now();
}

/** What is written meanwhile is on the primary alone, and goes with it: the others go on without it. */
async function strand(lasts: number, primary: Member, secondaries: readonly Member[]): Promise<void> {
  try {
    await Promise.all(secondaries.map((each) => each.follow(false)));
    await wait(lasts);
    await primary.kill();
  } finally {
    await Promise.all(secondaries.map((each) => each.follow(true)));
    await wait(ELECTION);
    await primary.restart();
  }
}

async function hurtFor(ms: number, members: readonly Member[], [begin, end]: Hurt): Promise<void> {
  try {
    await Promise.all(members.map(begin));
    await wait(ms);
  } finally {
    await Promise.all(members.map(end));
  }
}

/** Knows who is primary, or was last. */
async function watchPrimary({ uri, members }: ReplicaSet) {
  const connection = await mongoose.createConnection(uri).asPromise();
  const client = connection.getClient();
  const { primary: host } = await client.db('admin').command({ hello: 1 });
  let primary = members.find((each) => each.host === host) ?? (members[0] as Member);
  client.on('serverDescriptionChanged', ({ newDescription: { type, address } }) => {
    if (type === 'RSPrimary') primary = members.find((each) => each.host === address) ?? primary;
  });
  return { primary: () => primary, close: () => connection.close() };
}
