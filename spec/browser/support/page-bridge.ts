import type { Page } from 'playwright-core';
import { type ClientWorld, createClientWorld, type WorldKind } from '../../support/client-world.js';
import type { Bridge } from '../page/bridge.js';
import type { Front } from './front.js';

/**
 * Answers what a page asks.
 *
 * @returns what closes the worlds that it left open
 */
export async function openBridge(page: Page, front: Front): Promise<() => Promise<void>> {
  const worlds: ClientWorld[] = [];
  const open = new Set<ClientWorld>();
  const cookies = page.context();
  const bridge: Bridge = {
    async openWorld(kind) {
      const world = await createClientWorld(kind as WorldKind, front.mount);
      open.add(world);
      const isAction = ([, value]: [string, unknown]) => typeof value === 'function';
      const entries = Object.entries(world);
      return {
        world: worlds.push(world) - 1,
        facts: Object.fromEntries(entries.filter((entry) => !isAction(entry))),
        names: entries.filter(isAction).map(([name]) => name),
      };
    },
    async askWorld(number, name, given) {
      const world = worlds[number] as ClientWorld;
      if (name === 'close') open.delete(world);
      return (world[name as keyof ClientWorld] as (...given: unknown[]) => unknown)(...given);
    },
    async readCookies() {
      return Object.fromEntries((await cookies.cookies(front.url)).map(({ name, value }) => [name, value]));
    },
    setCookie: (name, value) => cookies.addCookies([{ name, value, url: front.url }]),
    clearCookies: () => cookies.clearCookies(),
  };
  await page.exposeFunction('askBridge', (name: keyof Bridge, given: unknown[]) =>
    (bridge[name] as (...given: unknown[]) => unknown)(...given),
  );
  return async () => {
    for (const world of open) await world.close();
  };
}
