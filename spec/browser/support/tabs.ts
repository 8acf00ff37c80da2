import { setTimeout as wait } from 'node:timers/promises';
import type { BrowserContext, Page } from 'playwright-core';
import type { ClientWorld } from '../../support/client-world.js';
import { bundle } from './bundle.js';
import { createFront, type Front } from './front.js';

/** How the client of a tab is made. */
export interface TabOptions {
  /** Of the router. */
  baseUrl: string;
  mode: 'bearer' | 'cookies';
  storage?: 'localStorage' | 'sessionStorage';
}

/** A page with a client in it, as `client`. */
export interface Tab {
  page: Page;
  /** Calls a method of the client. A refusal is thrown, with its `code`. */
  call(method: string, ...given: unknown[]): Promise<unknown>;
  /** By the client's `fetch`. */
  ask(url: string, init?: object): Promise<{ status: number; body: unknown }>;
  state(): Promise<string>;
  /** What the client has told of changes, when there are so many of them. */
  changes(count: number): Promise<string[]>;
  /** What it has told until now. */
  told(): Promise<string[]>;
  /** How many tabs wait for their turn. */
  waiting(): Promise<number>;
}

/** An origin whose page has the client's code and nothing more. */
export async function createTabsFront(): Promise<Front> {
  const { script } = await bundle('export * from "./lib/client/index.js";', { global: 'kit' });
  return createFront({
    '/': '<!doctype html><title>A tab</title><script src="/client.js"></script>',
    '/client.js': script,
  });
}

export async function openTab(context: BrowserContext, url: string, options: TabOptions): Promise<Tab> {
  const page = await context.newPage();
  await page.goto(url);
  return startTab(page, options);
}

/** Makes the client of a page, anew after a reload. */
export async function startTab(page: Page, { storage, ...options }: TabOptions): Promise<Tab> {
  await page.evaluate(`
    globalThis.client = kit.createAuthClient({ ...${JSON.stringify(options)}, storage: ${storage} });
    globalThis.told = [];
    client.onChange((state) => told.push(state));
  `);
  const call: Tab['call'] = async (method, ...given) => {
    const { code, value } = await page.evaluate<{ code?: string; value?: unknown }>(
      `client.${method}(...${JSON.stringify(given)}).then((value) => ({ value }), ({ code, message }) => ({ code: code ?? message }))`,
    );
    if (code) throw Object.assign(new Error(`${method}: ${code}`), { code });
    return value;
  };
  return {
    page,
    call,
    ask: (url, init = {}) =>
      page.evaluate(`client.fetch(${JSON.stringify(url)}, ${JSON.stringify(init)})
        .then(async (answer) => ({ status: answer.status, body: await answer.json() }))`),
    state: () => page.evaluate('client.state'),
    told: () => page.evaluate('told'),
    changes: (count) =>
      page.evaluate(`new Promise((resolve) => {
        const look = () => told.length >= ${count} && resolve(told);
        client.onChange(look);
        look();
      })`),
    waiting: () => page.evaluate('navigator.locks.query().then(({ pending }) => pending.length)'),
  };
}

/** Longer than a slow machine takes, in milliseconds. */
const PATIENCE = 30_000;

/** Waits until something holds. */
export async function until(holds: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + PATIENCE;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`not within ${PATIENCE / 1000} s: ${holds}`);
    await wait(20);
  }
}

/** The 401 of an access token that is over, whatever the guards could make of it. */
export async function refuseOnce(world: ClientWorld, ...paths: string[]): Promise<void> {
  const body = '{"code":"invalid_token","detail":"The token is over"}';
  for (const path of paths) await world.insteadOf(path, { status: 401, body });
}
