import { findMongod, type Mongod } from '../../scripts/find-mongod.js';

let found: Promise<Mongod> | undefined;

/**
 * Gives specs that start servers of their own a mongod to start. Where there is none, as can be with a
 * `MONGODB_URI` for the run, they are skipped, but not in a CI.
 *
 * @example
 * before(async function () {
 *   const { binary, version } = await mongodOrSkip(this);
 *   server = await MongoMemoryServer.create({ binary: { systemBinary: binary, version } });
 * });
 */
export async function mongodOrSkip(context: Mocha.Context): Promise<Mongod> {
  const timeout = context.timeout();
  // To fetch one can take longer than a spec may.
  context.timeout(0);
  found ??= findMongod();
  try {
    return await found;
  } catch (error) {
    return skipOutsideCi(context, (error as Error).message);
  } finally {
    context.timeout(timeout);
  }
}

/** Skips, with a reason, what a machine happens to lack; in a CI that is a failure. */
export function skipOutsideCi(context: Mocha.Context, reason: string): never {
  if (process.env.CI) throw new Error(reason);
  return skip(context, reason);
}

/** Skips, with a reason, what cannot be on a machine of this kind. */
export function skip(context: Mocha.Context, reason: string): never {
  console.warn(`    skipped: ${reason}`);
  return context.skip();
}
