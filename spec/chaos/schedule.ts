import { createRandom, type Random } from './random.js';

/** What happens one after the other. The lanes know nothing of each other: two of them may be hit at once. */
export type Lane = 'database' | 'app 0' | 'app 1';

export interface Fault {
  lane: Lane;
  /** When it begins at the earliest, and how long it lasts, in milliseconds. */
  at: number;
  lasts: number;
  /**
   * - `kill`: SIGKILL, and a new start.
   * - `pause`: SIGSTOP, and SIGCONT.
   * - `lag`: one secondary does not take over what is written.
   * - `strand`: neither secondary does, and then the primary is killed: what it alone has is rolled back.
   * - `blackout`: two members stand still, and nobody is primary.
   * - `step`: the clock of an app steps.
   */
  kind: 'kill' | 'pause' | 'lag' | 'strand' | 'blackout' | 'step';
  /** Of the database: who is hit. */
  member?: 'primary' | 'secondary';
  /** How far the clock steps, in milliseconds. */
  step?: number;
}

/** As far as a clock gets from the others in all, in milliseconds. */
const FARTHEST = 30_000;

/** All that is to happen, by the seed alone. @param ms how long the run is */
export function makeSchedule(seed: number, ms: number): Fault[] {
  const lanes: [Lane, (random: Random, skew: number) => Omit<Fault, 'lane' | 'at'>][] = [
    ['database', databaseFault],
    ['app 0', appFault],
    ['app 1', appFault],
  ];
  const faults = lanes.flatMap(([lane, make]) => {
    const random = createRandom(seed, lane);
    const faults: Fault[] = [];
    let skew = 0;
    for (let at = random.whole(1500, 4000); at < ms - 1000; ) {
      const fault = { lane, at, ...make(random, skew) };
      // A new process begins with the true time.
      skew = fault.kind === 'kill' ? 0 : skew + (fault.step ?? 0);
      faults.push(fault);
      at += fault.lasts + random.whole(2000, 7000);
    }
    return faults;
  });
  return faults.sort((a, b) => a.at - b.at);
}

function databaseFault(random: Random): Omit<Fault, 'lane' | 'at'> {
  const kind = random.pick(['kill', 'pause', 'pause', 'lag', 'strand', 'strand', 'blackout'] as const);
  const member = random.chance(0.7) ? 'primary' : 'secondary';
  return { kind, lasts: random.whole(700, 4500), ...(['kill', 'pause'].includes(kind) && { member }) };
}

function appFault(random: Random, skew: number): Omit<Fault, 'lane' | 'at'> {
  const kind = random.pick(['kill', 'pause', 'pause', 'step', 'step'] as const);
  if (kind !== 'step') return { kind, lasts: random.whole(200, 4000) };
  const step = random.whole(-20_000, 20_000);
  return { kind, lasts: 0, step: Math.abs(skew + step) > FARTHEST ? -step : step };
}

export function describeFault({ lane, at, lasts, kind, member, step }: Fault): string {
  const what = kind === 'step' ? `by ${((step ?? 0) / 1000).toFixed(1)} s` : `for ${lasts} ms`;
  return `${(at / 1000).toFixed(1)} s: ${lane}: ${kind} ${member ? `of a ${member} ` : ''}${what}`;
}
