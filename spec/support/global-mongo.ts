import { type LocalMongo, startLocalMongo } from '../../scripts/local-mongo.js';

let mongo: LocalMongo | undefined;

/** Starts the one MongoDB of a run, or takes the one in `MONGODB_URI`. Mocha calls this before all specs. */
export async function mochaGlobalSetup(): Promise<void> {
  mongo = await startLocalMongo();
  // A variable reaches the processes that mocha or a spec starts, too.
  process.env.SPEC_MONGODB_URI = mongo.uri;
}

/** Shuts it down. Mocha calls this after all specs, whether they passed or not. */
export async function mochaGlobalTeardown(): Promise<void> {
  await mongo?.stop();
}
