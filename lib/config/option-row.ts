import { checkKnown, checkNumber, checkOneOf, checkText, refuse } from './checks.js';
import type { Range } from './limits.js';

export type Env = Readonly<Record<string, string | undefined>>;

/** An option as the table has it. */
export interface Row<Value = unknown> {
  env?: Variable;
  /** The members of an option that is an object, each a row of its own. */
  members?: Readonly<Record<string, Row>>;
  /**
   * Checks what is given; `undefined` where nothing is, for which the default stands.
   *
   * @param name what the message is to call it: the option, or the variable it came from
   * @param all the other options, as they are given
   */
  check(name: string, given: unknown, all: Readonly<Record<string, unknown>>): Value;
}

/** The environment variable of an option. */
interface Variable {
  name: string;
  /** Reads and checks its text, which is not empty. */
  read(name: string, text: string, env: Env): unknown;
}

/** A text, or none. */
export function text(variable: string): Row<string | undefined> {
  return { env: { name: variable, read: checkText }, check: orAbsent(checkText) };
}

/** One of some words. */
export function oneOf<const T extends string>(variable: string, allowed: readonly T[], fallback: T): Row<T> {
  return {
    env: { name: variable, read: (name, word) => checkOneOf(name, word, allowed) },
    check: (name, given = fallback) => checkOneOf(name, given, allowed),
  };
}

/** A number; `ofVariable` where the variable allows less than the option. */
export function number(
  variable: string | undefined,
  limit: Range,
  fallback: number,
  ofVariable: Range = limit,
): Row<number> {
  const read = (name: string, digits: string) => checkNumber(name, parseNumber(name, digits), ofVariable);
  return {
    ...(variable !== undefined && { env: { name: variable, read } }),
    check: (name, given = fallback) => checkNumber(name, given, limit),
  };
}

/** A number, or `off`: that is the default, and resolves to undefined. */
export function numberOrOff(variable: string, limit: Range): Row<number | undefined> {
  const read = (name: string, word: string) =>
    word === 'off' ? word : checkNumber(name, parseNumber(name, word), limit);
  return {
    env: { name: variable, read },
    check: (name, given = 'off') => (given === 'off' ? undefined : checkNumber(name, given, limit)),
  };
}

/** A value that may be absent. */
export function orAbsent<Value>(check: (name: string, given: unknown) => Value) {
  return (name: string, given: unknown): Value | undefined =>
    given === undefined ? undefined : check(name, given);
}

type Members<Rows extends Readonly<Record<string, Row>>> = {
  [Name in keyof Rows]: ReturnType<Rows[Name]['check']>;
};

/** An option that is an object: its members come from the option and the environment, one by one. */
export function group<Rows extends Readonly<Record<string, Row>>>(
  members: Rows,
): Row<NoInfer<Members<Rows>>> {
  return {
    members,
    check: (name, given = {}, all) => {
      checkKnown(given, Object.keys(members), name);
      const values = Object.entries(members).map(([member, row]) => [
        member,
        row.check(`${name}.${member}`, (given as Record<string, unknown>)[member], all),
      ]);
      return Object.fromEntries(values) as Members<Rows>;
    },
  };
}

/** The same, with one more look at the members together. */
export function checked<Value, Result>(
  row: Row<Value>,
  finish: (value: Value) => Result,
): Row<NoInfer<Result>> {
  return { ...row, check: (name, given, all) => finish(row.check(name, given, all)) };
}

/** A decimal number and nothing else: `Number` alone would take `''`, `' 1 '`, `0x10` and `1e3`. */
function parseNumber(name: string, digits: string): number {
  if (!/^-?\d+(\.\d+)?$/.test(digits)) refuse(name, digits, 'a decimal number');
  return Number(digits);
}
