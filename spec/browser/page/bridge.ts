/** What a page asks of the process that serves it. */
export interface Bridge {
  /** @returns the number of a new world, what is known of it, and what can be asked of it */
  openWorld(kind: string): Promise<{ world: number; facts: object; names: string[] }>;
  askWorld(world: number, name: string, given: unknown[]): Promise<unknown>;
  readCookies(): Promise<Record<string, string>>;
  setCookie(name: string, value: string): Promise<void>;
  clearCookies(): Promise<void>;
}

/** In a page. */
export const bridge: Bridge = {
  openWorld: ask('openWorld'),
  askWorld: ask('askWorld'),
  readCookies: ask('readCookies'),
  setCookie: ask('setCookie'),
  clearCookies: ask('clearCookies'),
};

function ask<Name extends keyof Bridge>(name: Name): Bridge[Name] {
  type Exposed = { askBridge(name: string, given: unknown[]): Promise<never> };
  return (...given: unknown[]) => (globalThis as unknown as Exposed).askBridge(name, given);
}
