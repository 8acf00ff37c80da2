import type { RequestListener } from 'node:http';
import type { Load } from './load.js';

/** What a server module is given. */
export interface Setup {
  /** Of a database of its own. */
  uri: string;
  /** What the modules know further, each for itself. */
  [option: string]: unknown;
}

/** What a server module in `servers/` makes. */
export interface ServerParts {
  app: RequestListener;
  /** By name; made anew each time it is asked for. */
  loads: Record<string, () => Load | Promise<Load>>;
  /** Whatever else it can be asked to do. */
  tasks?: Record<string, () => unknown>;
}

export type CreateServer = (setup: Setup) => Promise<ServerParts>;

/** How many users a server has, unless its section says otherwise. */
export const USERS = 200;

export const PASSWORD = 'correct horse battery';
export const WRONG_PASSWORD = 'wrong horse battery';

/** What every protected route answers. */
export const ANSWER = { ok: true };

export function emailOf(index: number): string {
  return `user${index}@example.com`;
}

export function disabledEmailOf(index: number): string {
  return `disabled${index}@example.com`;
}

/** Addresses that nobody has yet. */
let registered = 0;
export function newEmails(count: number): string[] {
  return Array.from({ length: count }, () => `new${registered++}@example.com`);
}

/** One for each of so many. */
export function times<T>(count: number, make: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => make(index));
}

/** Does it for all, so many at once that a slow machine keeps up. */
export async function forAll<Item, Result>(
  items: readonly Item[],
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  for (let index = 0; index < items.length; index += 20) {
    results.push(...(await Promise.all(items.slice(index, index + 20).map(work))));
  }
  return results;
}
