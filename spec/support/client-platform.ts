import type { TokenStorage } from 'express-auth-kit/client';
import { createMapStorage } from './map-storage.js';

/**
 * What the specs of the client have another kind of in a page: there it is the browser's own, and the server is reached by a bridge.
 * See `spec/browser/page/client-platform.ts`.
 */
export { createClientWorld } from './client-world.js';
export { type CookieJar, useCookieJar } from './cookie-jar.js';
export { createLocks } from './web-platform.js';

/** A storage that several tabs have, empty. */
export function createTabStorage(): TokenStorage & { keys(): string[] } {
  return createMapStorage();
}
