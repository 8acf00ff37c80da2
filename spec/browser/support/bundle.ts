import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('../../..', import.meta.url));

export interface Bundle {
  script: string;
  /** Leads from a place in the script to one in the sources. */
  map: string;
}

/**
 * Makes one script for pages.
 *
 * @param source what it is made from; its paths are of this repository
 * @param options.global the name that its exports have in a page
 * @param options.instead files that take the place of others, which are named by the end of their path
 */
export async function bundle(
  source: string,
  { global, instead = {} }: { global: string; instead?: Readonly<Record<string, string>> },
): Promise<Bundle> {
  const { outputFiles } = await build({
    stdin: { contents: source, resolveDir: root, loader: 'ts' },
    bundle: true,
    format: 'iife',
    globalName: global,
    target: 'es2023',
    platform: 'browser',
    // Specs are imported for what they do, which `sideEffects` of the package does not say.
    ignoreAnnotations: true,
    conditions: ['express-auth-kit-source'],
    outfile: `${root}script.js`,
    sourcemap: 'external',
    write: false,
    plugins: [
      {
        name: 'instead',
        setup({ onResolve }) {
          for (const [end, path] of Object.entries(instead)) {
            onResolve({ filter: new RegExp(`/${end.replaceAll('.', '\\.')}$`) }, () => ({
              path: root + path,
            }));
          }
        },
      },
    ],
  });
  const textOf = (end: string) => outputFiles.find(({ path }) => path.endsWith(end))?.text ?? '';
  return { script: textOf('.js'), map: textOf('.js.map') };
}
