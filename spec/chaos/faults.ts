import { setTimeout as wait } from 'node:timers/promises';
import mongoose from 'mongoose';
import type { Member, ReplicaSet } from '../support/replica-set.js';
import type { Fleet } from './fleet.js';
import type { Incident } from './history.js';
import type { Fault } from './schedule.js';

interface Parts {
  fleet: Fleet;
  replicaSet: ReplicaSet;
  incidents: Incident[];
  /** Milliseconds since the begin of the run. */
  now(): number;
  /** No fault is begun any more. */
  isOver(): boolean;
  onFault(fault: Fault): void;
}

/** Carries a schedule out: the faults of a lane one after the other, each to its end. */
export async function carryOut(schedule: readonly Fault[], parts: Parts): Promise<void> {
  const watcher = await watchPrimary(parts.replicaSet);
  const run = async (lane: string) => {
    for (const fault of schedule.filter((each) => each.lane === lane)) {
      await wait(Math.max(0, fault.at - parts.now()));
      if (parts.isOver()) return;
      parts.onFault(fault);
      await (lane === 'database' ? hurtDatabase(fault, parts, watcher.primary()) : hurtApp(fault, parts));
    }
  };
  try {
    await Promise.all([...new Set(schedule.map(({ lane }) => lane))].map(run));
  } finally {
    await watcher.close();
  }
}

async function hurtApp(
  { lane, kind, lasts, step = 0 }: Fault,
  { fleet, incidents, now }: Parts,
): Promise<void> {
  const index = lane === 'app 0' ? 0 : 1;
  const app = fleet.apps[index];
  if (!app) return;
  if (kind === 'step') return app.stepClock(step);
  const incident = { app: index, from: now(), to: Number.POSITIVE_INFINITY };
  incidents.push(incident);
  if (kind === 'pause') {
    app.process.kill('SIGSTOP');
    await wait(lasts);
    app.process.kill('SIGCONT');
  } else {
    await app.stop();
    await wait(lasts);
    await fleet.start(index);
  }
  incident.to = now();
}

async function hurtDatabase(fault: Fault, { replicaSet }: Parts, primary: Member): Promise<void> {
  const secondaries = replicaSet.members.filter((each) => each !== primary);
  const member = fault.member === 'primary' ? primary : (secondaries[0] as Member);
  const { kind, lasts } = fault;
  if (kind === 'kill')
    await awayFor(
      lasts,
      [member],
      (each) => each.kill(),
      (each) => each.restart(),
    );
  if (kind === 'pause')
    await awayFor(
      lasts,
      [member],
      (each) => each.pause(),
      async (each) => each.resume(),
    );
  if (kind === 'blackout')
    await awayFor(
      lasts,
      [primary, member === primary ? (secondaries[1] as Member) : member],
      (each) => each.pause(),
      async (each) => each.resume(),
    );
  if (kind === 'lag')
    await awayFor(
      lasts,
      secondaries.slice(0, 1),
      (each) => each.follow(false),
      (each) => each.follow(true),
    );
  if (kind === 'strand') await strand(lasts, primary, secondaries);
}

/** What is written meanwhile is on the primary alone, and goes with it: the others go on without it. */
async function strand(lasts: number, primary: Member, secondaries: readonly Member[]): Promise<void> {
  await Promise.all(secondaries.map((each) => each.follow(false)));
  try {
    await wait(lasts);
    await primary.kill();
  } finally {
    await Promise.all(secondaries.map((each) => each.follow(true)));
    // Long enough for an election.
    await wait(1500);
    await primary.restart();
  }
}

async function awayFor(
  ms: number,
  members: readonly Member[],
  begin: (member: Member) => Promise<void>,
  end: (member: Member) => Promise<void>,
): Promise<void> {
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
