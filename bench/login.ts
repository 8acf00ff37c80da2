import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { createAuthRouter } from 'express-auth-kit';
import { printTable } from './table.js';

const ATTEMPTS = 200;
/** Lower than the default, so that 800 hashes take a minute and not five; the work is equal at any cost. */
const COST = 10;

/** Whether the time of a refusal tells an account that exists from one that does not. */
export async function benchLogin(): Promise<void> {
  const auth = createAuthRouter({
    secretKey: randomBytes(32).toString('hex'),
    password: { bcryptCost: COST },
    logger: { warn() {} },
  });
  await auth.service.createUser({ email: 'known@example.com', password: 'correct horse' });
  const disabled = await auth.service.createUser({
    email: 'disabled@example.com',
    password: 'correct horse',
  });
  await auth.service.disableUser(disabled);

  const app = express().use('/auth', auth);
  const server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/auth/token`;

  const attempts = {
    'unknown account': { username: 'nobody@example.com', password: 'wrong' },
    'wrong password': { username: 'known@example.com', password: 'wrong' },
    'disabled, right password': { username: 'disabled@example.com', password: 'correct horse' },
  };
  const times = new Map<string, number[]>(Object.keys(attempts).map((name) => [name, []]));
  for (let round = 0; round < ATTEMPTS; round += 1) {
    for (const [name, credentials] of Object.entries(attempts)) {
      times.get(name)?.push(await timeOf(url, credentials));
    }
  }
  server.close();
  const rows = [...times].map(([what, values]) => ({ what, value: median(values), unit: 'ms (median)' }));
  const spread =
    Math.max(...rows.map(({ value }) => value)) / Math.min(...rows.map(({ value }) => value)) - 1;
  printTable(
    `A refused login (${ATTEMPTS} of each, interleaved, bcrypt cost ${COST})`,
    rows,
    `Largest difference of the medians: ${(100 * spread).toFixed(1)} % (allowed: 10 %)`,
  );
}

async function timeOf(url: string, credentials: object): Promise<number> {
  const headers = { 'content-type': 'application/json' };
  const start = performance.now();
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(credentials) });
  await response.text();
  if (response.status !== 401) throw new Error(`a refused login answered ${response.status}`);
  return performance.now() - start;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] as number;
}
