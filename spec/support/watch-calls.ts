/** The calls of a function that went on doing its work. */
export interface Watch {
  /** The arguments, a call each, oldest first. */
  calls: unknown[][];
  restore(): void;
}

/**
 * Counts the calls of a library's function.
 *
 * @example
 * const watch = watchCalls(bcrypt, 'compare');
 * try { await login(); } finally { watch.restore(); }
 * expect(watch.calls).to.have.length(1);
 */
export function watchCalls<Owner extends object>(owner: Owner, name: keyof Owner & string): Watch {
  const original = owner[name] as (...given: unknown[]) => unknown;
  const calls: unknown[][] = [];
  const watching = function (this: unknown, ...given: unknown[]) {
    calls.push(given);
    return original.apply(this, given);
  };
  Object.assign(owner, { [name]: watching });
  return { calls, restore: () => Object.assign(owner, { [name]: original }) };
}
