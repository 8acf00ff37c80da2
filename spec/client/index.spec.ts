import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { build } from 'esbuild';
import { createAuthClient } from 'express-auth-kit/client';
import { nameOf, tableOf } from '../conformance/route-rows.js';
import { methods } from '../own-features/methods.js';
import { listenAlone } from '../support/listen-alone.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const entry = fileURLToPath(new URL('../../lib/client/index.ts', import.meta.url));

describe('express-auth-kit/client', () => {
  it('is at most 3 kB, minified and compressed, and needs nothing beside', async () => {
    const { outputFiles, metafile } = await build({
      entryPoints: [entry],
      bundle: true,
      minify: true,
      format: 'esm',
      target: 'es2022',
      platform: 'browser',
      metafile: true,
      write: false,
    });
    for (const file of Object.keys(metafile.inputs)) expect(file).to.match(/^lib\/client\/[\w-]+\.ts$/);
    expect(gzipSync(outputFiles[0]?.contents ?? '').length).to.be.within(1000, 3072);
  });

  it('has a method for every endpoint of the kit that a page asks by itself', async () => {
    const asked = new Set<string>();
    const pair = { access_token: 'a', refresh_token: 'b', token_type: 'bearer', expires_in: -1, message: '' };
    const { url, close } = await listenAlone((req, res) => {
      asked.add(
        `${req.method} ${req.url?.replace(/^\/auth|(?<=sessions\/)x/g, (found) => (found === 'x' ? ':id' : ''))}`,
      );
      res.end(JSON.stringify(pair));
    });
    const client = createAuthClient({ baseUrl: `${url}/auth` });
    const { fetch: _fetch, close: _close, onChange: _onChange, state: _state, ...actions } = client;
    for (const act of Object.values(actions)) {
      await client.login({ username: 'x', password: 'x' });
      await (act as (input: unknown) => unknown)(act === client.endSession ? 'x' : {});
    }
    close();
    const rows = tableOf([methods({ totp: {} })])
      .map(nameOf)
      .filter((row) => !/\(form\)|jwks|openapi/.test(row));
    expect([...asked]).to.have.members(rows);
  });

  it('keeps no process alive', async () => {
    const script = `
      import { createAuthClient } from 'express-auth-kit/client';
      createAuthClient({ baseUrl: 'http://127.0.0.1:1', mode: 'cookies' });
    `;
    const flags = [
      '--conditions=express-auth-kit-source',
      '--import',
      'tsx',
      '--input-type=module',
      '--eval',
      script,
    ];
    await promisify(execFile)('node', flags, { cwd: root, timeout: 15_000 });
  });
});
