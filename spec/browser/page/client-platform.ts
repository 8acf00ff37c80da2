import type { ClientWorld } from '../../support/client-world.js';
import { bridge } from './bridge.js';

type InNode = typeof import('../../support/client-platform.js');

/** What this needs of a page. */
interface Page {
  localStorage: ReturnType<InNode['createTabStorage']> & { clear(): void };
  navigator: { locks: ReturnType<InNode['createLocks']> };
}

const page = globalThis as unknown as Page;

export const createClientWorld: InNode['createClientWorld'] = async (kind) => {
  const { world, facts, names } = await bridge.openWorld(kind);
  const asked = names.map((name) => [name, (...given: unknown[]) => bridge.askWorld(world, name, given)]);
  return { ...facts, ...Object.fromEntries(asked) } as ClientWorld;
};

/** The browser's own cookies: no script could tell of those that are `HttpOnly`. */
export const useCookieJar: InNode['useCookieJar'] = () => ({
  read: bridge.readCookies,
  set: bridge.setCookie,
  takeOut: bridge.clearCookies,
});

export const createLocks: InNode['createLocks'] = () => page.navigator.locks;

export const createTabStorage: InNode['createTabStorage'] = () => {
  const { localStorage } = page;
  localStorage.clear();
  return {
    getItem: (key) => localStorage.getItem(key),
    setItem: (key, value) => localStorage.setItem(key, value),
    removeItem: (key) => localStorage.removeItem(key),
    keys: () => Object.keys(localStorage),
  };
};
