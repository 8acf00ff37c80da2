import { type History, type Kind, mayHaveBeenDone, type Operation, outcomeOf } from './history.js';
import type { Anomaly } from './judge.js';
import { describeFault, type Fault } from './schedule.js';

const CHANGES: readonly Kind[] = [
  'register',
  'logoutAll',
  'endOthers',
  'endSession',
  'changePassword',
  'reset',
  'confirmEmail',
  'disable',
  'enable',
  'delete',
];

/** The figures of a run. */
export function report(
  { operations }: History,
  { faults, anomalies }: { faults: readonly Fault[]; anomalies: readonly Anomaly[] },
): string {
  const perKind = count(operations.map(({ kind, status }) => `${kind} ${status || 'lost'}`));
  const perStatus = count(operations.map(({ status }) => `${status || 'lost'}`));
  const perFault = count(faults.map(({ lane, kind }) => `${lane.split(' ')[0]} ${kind}`));
  const slowest = Math.max(0, ...operations.map(({ begin, end }) => end - begin));
  return [
    `${operations.length} requests: ${perStatus}; the slowest took ${Math.round(slowest)} ms`,
    `${faults.length} faults: ${perFault}`,
    perKind,
    `${anomalies.length} anomalies`,
  ]
    .map((line) => `      ${line}`)
    .join('\n');
}

/**
 * An anomaly, and what may have to do with it: what was asked with the same session, what may have changed the account, where
 * the password or the address was right afterwards, the links that were mailed, and the faults of the last half minute.
 */
export function describeAnomaly(
  { rule, operation }: Anomaly,
  { operations, links }: History,
  faults: readonly Fault[],
): string {
  const { account, session, begin, end } = operation;
  const near = operations
    .filter((each) => each.account === account && each.begin < end)
    .filter((each) => isOf(each, session) || (CHANGES.includes(each.kind) && mayHaveBeenDone(each)))
    .sort((a, b) => a.begin - b.begin)
    .slice(-40);
  const rightLater = operations
    .filter((each) => each.account === account && each.begin >= end && outcomeOf(each) === 'done')
    .filter(({ password, email }) => isSame(password, operation.password) || isSame(email, operation.email))
    .sort((a, b) => a.begin - b.begin)
    .slice(0, 3);
  const mailed = links.filter((each) => each.account === account && each.receivedAt < end);
  return [
    `${rule}: ${describe(operation)}`,
    ...near.map(describe),
    ...rightLater.map((each) => `right later: ${describe(each)}`),
    ...mailed.map(
      (each) => `${inSeconds(each.receivedAt)} s ${each.kind} link ${each.token.slice(0, 6)} came`,
    ),
    ...faults.filter(({ at }) => at < end && at > begin - 30_000).map(describeFault),
  ].join('\n        ');
}

function isOf({ session, target }: Operation, id: string | undefined): boolean {
  return id !== undefined && (session === id || target === id);
}

function isSame(one: string | undefined, other: string | undefined): boolean {
  return one !== undefined && one === other;
}

/** A few of each rule. */
export function examples(anomalies: readonly Anomaly[]): Anomaly[] {
  return anomalies.filter((each) => anomalies.filter(({ rule }) => rule === each.rule).indexOf(each) < 2);
}

function inSeconds(ms: number): string {
  return (ms / 1000).toFixed(3);
}

function describe({ begin, end, kind, status, client, app, link, account, ...details }: Operation): string {
  const seconds = `${inSeconds(begin)}-${inSeconds(end)} s`;
  const shown = {
    ...details,
    ...(link && { link: link.token.slice(0, 6), receivedAt: inSeconds(link.receivedAt) }),
  };
  return `${seconds} ${account}, client ${client} at app ${app}: ${kind} ${status || 'lost'} ${JSON.stringify(shown)}`;
}

function count(names: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, number]) => `${name}: ${number}`)
    .join(', ');
}
