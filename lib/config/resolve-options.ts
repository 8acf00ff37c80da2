import { checkKnown, isObject } from './checks.js';
import type { Env, Row } from './option-row.js';
import { OPTIONS, type Settings } from './option-table.js';
import type { AuthOptions } from './options.js';
import { optionsFromEnv } from './options-from-env.js';

/**
 * Explicit option > environment > default, each checked.
 *
 * @throws TypeError that names the option or variable, what was given and what is allowed
 */
export function resolveOptions(explicit: AuthOptions<unknown, never>, env?: Env): Settings {
  checkKnown(explicit, Object.keys(OPTIONS));
  const fromEnv = optionsFromEnv(env) as Record<string, unknown>;
  const given = definedMembers(explicit);
  const all = { ...fromEnv, ...given };
  const resolved = Object.entries(OPTIONS).map(([name, row]: [string, Row]) => {
    const value = row.members ? combine(given[name], fromEnv[name]) : all[name];
    return [name, row.check(nameOf(name, row, { given, fromEnv }), value, all)];
  });
  return Object.fromEntries(resolved) as Settings;
}

/** The source of a value, for the message about it; for a missing one, the variable. */
function nameOf(
  name: string,
  { env }: Row,
  { given, fromEnv }: { given: Record<string, unknown>; fromEnv: Record<string, unknown> },
): string {
  if (!env || given[name] !== undefined) return name;
  return fromEnv[name] === undefined ? `${env.name} (or the option ${name})` : env.name;
}

/** What is no object is for the check to refuse. */
function combine(explicit: unknown, fromEnv: unknown): unknown {
  if (explicit === undefined) return fromEnv;
  return isObject(explicit) ? { ...(fromEnv as object), ...definedMembers(explicit) } : explicit;
}

function definedMembers(members: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));
}
