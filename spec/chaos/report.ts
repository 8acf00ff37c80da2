import { type History, type Kind, mayHaveBeenDone, type Operation } from './history.js';
import type { Anomaly } from './judge.js';
import type { Fault } from './schedule.js';

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

/** An anomaly, and what may have to do with it: what was asked with the same session, and what may have changed the account. */
export function describeAnomaly({ rule, operation }: Anomaly, { operations }: History): string {
  const near = operations
    .filter((each) => each.account === operation.account && each.begin < operation.end)
    .filter(
      (each) => each.session === operation.session || (CHANGES.includes(each.kind) && mayHaveBeenDone(each)),
    )
    .sort((a, b) => a.begin - b.begin)
    .slice(-60);
  return [`${rule}: ${describe(operation)}`, ...near.map((each) => `    ${describe(each)}`)].join('\n');
}

function describe({ begin, end, kind, status, client, app, link, account, ...details }: Operation): string {
  const seconds = `${(begin / 1000).toFixed(3)}-${(end / 1000).toFixed(3)} s`;
  const shown = { ...details, ...(link && { link: link.token.slice(0, 6), receivedAt: link.receivedAt }) };
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
