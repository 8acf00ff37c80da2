import { join } from 'node:path';
import { build } from 'esbuild';
import type { RequestHandler } from 'express';

/**
 * Serves the script of the pages: one file, made once, at the first request, as the bundler of an app would.
 * `express-auth-kit/client` is in it by its name.
 */
export function serveScript(): RequestHandler {
  let script: Promise<string> | undefined;
  return async (_req, res) => {
    script ??= bundle().catch((error) => {
      // The next request tries again.
      script = undefined;
      throw error;
    });
    res.type('js').send(await script);
  };
}

async function bundle(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [join(import.meta.dirname, 'browser/main.ts')],
    bundle: true,
    format: 'esm',
    target: 'es2022',
    // The clone has no build: the package's sources are taken.
    conditions: ['express-auth-kit-source'],
    minify: true,
    write: false,
  });
  return outputFiles[0]?.text ?? '';
}
