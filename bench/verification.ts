import { createSecretKey, randomBytes } from 'node:crypto';
import jwt from 'jsonwebtoken';
import { Bench } from 'tinybench';
import { printTable } from './table.js';

/** Why the key ring holds `KeyObject`s: what jsonwebtoken costs with either kind of key. */
export async function benchVerification(): Promise<void> {
  const secret = randomBytes(32).toString('base64');
  const key = createSecretKey(Buffer.from(secret));
  const token = jwt.sign({ sub: 'user' }, secret);
  const bench = new Bench({ time: 1000 });
  bench.add('a KeyObject made once', () => {
    jwt.verify(token, key, { algorithms: ['HS256'] });
  });
  bench.add('the secret as a string', () => {
    jwt.verify(token, secret, { algorithms: ['HS256'] });
  });
  await bench.run();
  const rows = bench.tasks.map(({ name, result }) => {
    if (result.state !== 'completed') throw new Error(`${name} did not complete`);
    return { what: name, value: result.latency.p50 * 1000, unit: 'us (median)' };
  });
  printTable('Verifying a token', rows);
}
