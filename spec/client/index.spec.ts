import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { build } from 'esbuild';

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
});
