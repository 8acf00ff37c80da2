import { type AuthHooks, HOOKS } from '../config/hooks.js';
import type { UserDocument } from '../models/user.js';

type OwnHooks = Required<AuthHooks<UserDocument>>;

type EveryHook = { [Name in keyof OwnHooks]: (...given: Parameters<OwnHooks[Name]>) => Promise<void> };

/** The hooks of all features and of the app, each a function that awaits them in order. */
export interface Hooks extends EveryHook {
  /** Whether anybody has this one: for what is loaded for it alone. */
  has(name: keyof EveryHook): boolean;
}

/** @param all may grow: it is read when a hook runs */
export function combineHooks(all: readonly AuthHooks<UserDocument>[]): Hooks {
  const inOrder = (name: keyof EveryHook) => async (event: never) => {
    for (const hooks of all) await hooks[name]?.(event);
  };
  const every = Object.fromEntries(HOOKS.map((name) => [name, inOrder(name)])) as EveryHook;
  return { ...every, has: (name) => all.some((hooks) => hooks[name] !== undefined) };
}
