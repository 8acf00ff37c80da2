import { readdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { expect } from 'chai';
import type { Browser } from 'playwright-core';
import { bundle } from './support/bundle.js';
import { launchChromium } from './support/chromium.js';
import { createFront, type Front } from './support/front.js';
import { NODE_ALONE } from './support/node-alone.js';
import { openBridge } from './support/page-bridge.js';
import { adoptSpecs } from './support/page-specs.js';

const FOLDER = new URL('../client/', import.meta.url);
const PAGE =
  '<!doctype html><title>Specs</title><script src="/mocha.js"></script><script src="/specs.js"></script>';

const isFile = (name: string) => name.endsWith('.spec.ts');

describe('the specs of the client, in a browser', function () {
  this.timeout(60_000);

  let browser: Browser;
  let front: Front;
  let closeWorlds: () => Promise<void>;
  let files: string[];
  let adopted: Awaited<ReturnType<typeof adoptSpecs>>;

  before(async function () {
    browser = await launchChromium(this);
    files = (await readdir(FOLDER)).filter((file) => !(file in NODE_ALONE));
    const { script, map } = await bundle(
      ['export * from "./spec/browser/page/mocha-in-page.js";']
        .concat(files.map((file) => `import './spec/client/${file}';`))
        .join('\n'),
      { global: 'specs', instead: { 'client-platform.js': 'spec/browser/page/client-platform.ts' } },
    );
    const mocha = await readFile(createRequire(import.meta.url).resolve('mocha/mocha.js'), 'utf8');
    front = await createFront({ '/': PAGE, '/mocha.js': mocha, '/specs.js': script });
    const page = await browser.newPage();
    closeWorlds = await openBridge(page, front);
    await page.goto(`${front.url}/`);
    adopted = await adoptSpecs(this.test?.parent as Mocha.Suite, page, NODE_ALONE, map);
  });
  after(async () => {
    await browser?.close();
    await closeWorlds?.();
    front?.close();
  });

  it('are all there, but for those that are of Node alone', () => {
    expect(files).to.include('bearer-session.spec.ts');
    expect(adopted.suites).to.be.at.least(files.length);
    const titles = Object.keys(NODE_ALONE).filter((name) => !isFile(name));
    expect(adopted.left).to.have.members(titles);
  });

  for (const [name, reason] of Object.entries(NODE_ALONE)) {
    if (isFile(name)) it(`${name} (in Node alone: ${reason})`);
  }
});
