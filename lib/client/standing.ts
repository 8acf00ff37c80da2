/** Whether somebody is signed in. `unknown`: with cookies, which no script can see, until an answer of the server's says it. */
export type AuthState = 'signed-in' | 'signed-out' | 'unknown';

export interface Standing {
  state: AuthState;
  /** Which login it is, where that is known: another one is a change too. */
  login?: number;
}

export interface StandingKeeper {
  now(): Standing;
  /** @returns whether that is a change */
  set(next: Standing): boolean;
  /** @returns what stops it */
  onChange(listener: (state: AuthState) => void): () => void;
}

/** Knows how it stands, and tells who listens when that changes. */
export function keepStanding(now: Standing): StandingKeeper {
  const listeners = new Set<(state: AuthState) => void>();
  return {
    now: () => now,
    set(next) {
      if (next.state === now.state && next.login === now.login) return false;
      now = next;
      // One that throws, at once or later, keeps no other from being told.
      for (const listener of [...listeners]) (async () => listener(next.state))().catch(console.error);
      return true;
    },
    onChange(listener) {
      // The same function may listen twice.
      const own = (state: AuthState) => listener(state);
      listeners.add(own);
      return () => {
        listeners.delete(own);
      };
    },
  };
}
