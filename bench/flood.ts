import autocannon from 'autocannon';
import type { Load } from './load.js';
import { createOpenLoop } from './open-loop.js';

/** Who logs in, and how many: so many a second, or so many connections that each ask again as soon as they are answered. */
export type Flood = { url: string; load: Load } & ({ rate: number } | { connections: number });

/** How long a flood lasts at most, in seconds: it is ended by who began it. */
const LONGEST = 30;

// A process of its own, so that what it does does not delay what is measured beside it.
process.on('disconnect', () => process.exit());
process.on('SIGINT', () => {});
process.once('message', async (flood: Flood) => {
  const { url, load } = flood;
  if ('rate' in flood) {
    const loop = await createOpenLoop({ url, load });
    await loop.run({ rate: flood.rate, seconds: LONGEST, patience: 0 });
  } else {
    const { connections } = flood;
    let connection = 0;
    const setupClient = (client: autocannon.Client) => {
      const request = load.requests[connection++ % load.requests.length];
      client.setRequests([{ ...request }]);
    };
    await autocannon({ url, connections, duration: LONGEST, timeout: LONGEST, setupClient });
  }
  process.exit();
});
process.send?.('ready');
