import { createRequire } from 'node:module';

/** The major version of the express that the specs run on. */
export const EXPRESS_MAJOR = Number.parseInt(
  createRequire(import.meta.url)('express/package.json').version,
  10,
);
