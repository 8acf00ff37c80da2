import type { Lab } from './lab.js';
import type { Table } from './table.js';

/** One part of the benchmarks. */
export interface Section {
  name: string;
  title: string;
  /** How long it takes at most on two cores, in seconds. */
  budget: number;
  run(lab: Lab): Promise<Result>;
}

export interface Result {
  tables: Table[];
  /** Those that `goals.ts` goes by. */
  figures: Record<string, number>;
}
