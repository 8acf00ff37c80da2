import { nearMiss } from './checks.js';
import type { Env, Row } from './option-row.js';
import { OPTIONS } from './option-table.js';
import type { AuthOptions } from './options.js';

type FromEnv = Omit<
  AuthOptions,
  | 'User'
  | 'loginFields'
  | 'registerFields'
  | 'profileFields'
  | 'claims'
  | 'features'
  | 'onError'
  | 'messages'
  | 'hooks'
  | 'logger'
  | 'clock'
  | 'templates'
  | 'links'
>;

const rows: readonly [name: string, row: Row][] = Object.entries(OPTIONS);

/** Every variable the kit reads. `.env.example` lists the same, which a spec holds. */
export const ENV_VARIABLES: readonly string[] = rows.flatMap(([, row]) => variablesOf(row));

/**
 * The options that the environment gives, read and checked: what `createAuthRouter` applies under its explicit
 * options. An empty variable counts as absent.
 *
 * @param env the variables, `process.env` by default
 * @returns the options that are set, nothing for those that are not
 * @throws TypeError that names the variable, what was given and what is allowed
 *
 * @example
 * const auth = createAuthRouter({ ...optionsFromEnv(process.env), accessTokenExpireMinutes: 5 });
 */
export function optionsFromEnv(env: Env = process.env): FromEnv {
  refuseMisspelt(env);
  return readRows(rows, env) ?? {};
}

/** @returns undefined when none of the rows has a variable that is set */
function readRows(all: readonly [name: string, row: Row][], env: Env): Record<string, unknown> | undefined {
  const found = all
    .map(([name, row]) => [
      name,
      row.members ? readRows(Object.entries(row.members), env) : readRow(row, env),
    ])
    .filter(([, value]) => value !== undefined);
  return found.length > 0 ? Object.fromEntries(found) : undefined;
}

function readRow({ env: variable }: Row, env: Env): unknown {
  const given = variable && env[variable.name];
  return given ? variable.read(variable.name, given, env) : undefined;
}

function variablesOf(row: Row): string[] {
  return [...(row.env ? [row.env.name] : []), ...Object.values(row.members ?? {}).flatMap(variablesOf)];
}

/** An unknown `AUTH_` variable may be the app's own; one that is a slip away from the kit's is not. */
function refuseMisspelt(env: Env): void {
  for (const name of Object.keys(env)) {
    if (!name.startsWith('AUTH_') || ENV_VARIABLES.includes(name)) continue;
    const meant = ENV_VARIABLES.find(
      (known) => nearMiss(name, [known]) && Math.abs(known.length - name.length) <= 2,
    );
    if (meant) throw new TypeError(`${name}: unknown variable; did you mean ${meant}?`);
  }
}
