import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The version of a package as it is used here: that of `bench/`, else the root's. */
export function installedVersion(name: string): string {
  const places = ['node_modules/', '../node_modules/'].map((place) =>
    fileURLToPath(new URL(`${place}${name}/package.json`, import.meta.url)),
  );
  const file = places.find(existsSync);
  if (!file) throw new Error(`${name} is not installed: npm --prefix bench ci`);
  return JSON.parse(readFileSync(file, 'utf8')).version;
}
