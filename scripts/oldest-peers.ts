import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

const manifest = join(import.meta.dirname, '..', 'package.json');

/**
 * The oldest version of each peer dependency, as npm takes them: `express@4.21.0`, ...
 *
 * @example
 * await run('npm', ['install', ...(await oldestPeers())]);
 */
export async function oldestPeers(): Promise<string[]> {
  const { peerDependencies } = JSON.parse(await readFile(manifest, 'utf8'));
  return Object.entries<string>(peerDependencies).map(([name, range]) => {
    const [oldest] = range.match(/\d+\.\d+\.\d+/) ?? [];
    if (!oldest) throw new Error(`package.json: the range of ${name} begins with no whole version: ${range}`);
    return `${name}@${oldest}`;
  });
}
