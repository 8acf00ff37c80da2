import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { skipOutsideCi } from './mongod.js';

export interface Certificate {
  key: Buffer;
  cert: Buffer;
}

/**
 * Makes a certificate for `localhost` that nobody but itself has signed.
 *
 * @param context of the hook or spec that asks: without openssl it is skipped, but not in a CI
 */
export async function createCertificate(context: Mocha.Context): Promise<Certificate> {
  const folder = await mkdtemp(join(tmpdir(), 'express-auth-kit-certificate-'));
  try {
    const kind = '-x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=localhost -days 1';
    const files = ['-keyout', 'key.pem', '-out', 'cert.pem'];
    await promisify(execFile)('openssl', ['req', ...kind.split(' '), ...files], { cwd: folder });
    return { key: await readFile(join(folder, 'key.pem')), cert: await readFile(join(folder, 'cert.pem')) };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return skipOutsideCi(context, 'it takes openssl to make a certificate');
  } finally {
    await rm(folder, { recursive: true });
  }
}
