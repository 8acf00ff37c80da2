import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import autocannon from 'autocannon';
import express from 'express';
import { createAuthRouter } from 'express-auth-kit';
import { printTable } from './table.js';

const WARM_UP_SECONDS = 2;
const SECONDS = 5;
const CONNECTIONS = 20;

/** What a guard costs a route that does nothing else. */
export async function benchGuards(): Promise<void> {
  const auth = createAuthRouter({ secretKey: randomBytes(32).toString('hex'), logger: { warn() {} } });
  const user = await auth.service.createUser({ email: 'bench@example.com', password: 'correct horse' });
  const { access_token } = await auth.service.issueTokens(user);

  const app = express();
  const answer: express.RequestHandler = (_req, res) => {
    res.json({ ok: true });
  };
  app.get('/open', answer);
  app.get('/claims', auth.requireClaims, answer);
  app.get('/user', auth.requireUser, answer);
  const server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;

  const rows = [];
  for (const [what, path] of [
    ['no guard', '/open'],
    ['requireClaims', '/claims'],
    ['requireUser', '/user'],
  ] as const) {
    const load = {
      url: `http://127.0.0.1:${port}${path}`,
      headers: { authorization: `Bearer ${access_token}` },
      connections: CONNECTIONS,
    };
    await autocannon({ ...load, duration: WARM_UP_SECONDS });
    const { requests, non2xx } = await autocannon({ ...load, duration: SECONDS });
    if (non2xx > 0) throw new Error(`${what}: ${non2xx} answers were not 2xx`);
    rows.push({ what, value: requests.average, unit: 'requests/s' });
  }
  server.close();
  printTable(`A protected route (${CONNECTIONS} connections, load and server in one process)`, rows);
}
