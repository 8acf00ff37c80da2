import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { type Browser, chromium, type LaunchOptions } from 'playwright-core';
import { skipOutsideCi } from '../../support/mongod.js';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome'];

/**
 * Starts the browser of this machine.
 *
 * @param context of the hook that asks: where there is none, its specs are skipped, but not in a CI
 * @param args further ones of the command line
 * @param options further ones of playwright's
 */
export async function launchChromium(
  context: Mocha.Context,
  args: readonly string[] = [],
  options: Pick<LaunchOptions, 'ignoreDefaultArgs'> = {},
): Promise<Browser> {
  const executablePath = await findChromium();
  if (!executablePath) return skipOutsideCi(context, `there is no ${NAMES.join(', ')} on the PATH`);
  // Chromium's own sandbox does not run as root, as which containers run; the pages are our own.
  const sandbox = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  return chromium.launch({ ...options, executablePath, args: [...sandbox, ...args] });
}

async function findChromium(): Promise<string | undefined> {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    for (const name of NAMES) {
      const path = join(folder, name);
      const isThere = await access(path, constants.X_OK).then(
        () => true,
        () => false,
      );
      if (isThere) return path;
    }
  }
  return undefined;
}
