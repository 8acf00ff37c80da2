import { randomBytes } from 'node:crypto';
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from './config.js';
import { StartError } from './start-error.js';

/** Enough for each HS algorithm: RFC 7518 section 3.2. */
const BYTES = 64;

/** Whether a secret is to be made: without one, in development, for an algorithm that signs with secrets. */
export function needsSecret({ production, auth }: Pick<Config, 'production' | 'auth'>): boolean {
  return !production && auth.secretKey === undefined && /^HS/.test(auth.algorithm ?? 'HS256');
}

/**
 * The secret of a development machine: made once and kept, so that logins survive a restart.
 *
 * @param folder a git-ignored one
 * @throws StartError
 */
export async function developmentSecret(folder: string): Promise<string> {
  const file = join(folder, 'development-secret');
  try {
    return (await readSecret(file)) ?? (await keepSecret(folder, file));
  } catch (error) {
    if (error instanceof StartError) throw error;
    const { code } = error as NodeJS.ErrnoException;
    throw new StartError(`AUTH_SECRET_KEY: none given, and none can be kept in ${file} (${code})`, {
      cause: error,
    });
  }
}

async function readSecret(file: string): Promise<string | undefined> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  const secret = text.trim();
  if (Buffer.from(secret, 'base64url').length === BYTES) return secret;
  throw new StartError(`${file}: damaged; remove it, and a new secret is made (which ends all logins)`);
}

/** A link is made whole or not at all, and by one of several starts at once: all read the same secret then. */
async function keepSecret(folder: string, file: string): Promise<string> {
  const draft = `${file}.${randomBytes(6).toString('hex')}`;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  try {
    await writeFile(draft, `${randomBytes(BYTES).toString('base64url')}\n`, { mode: 0o600, flag: 'wx' });
    await link(draft, file).catch((error) => {
      if (error.code !== 'EEXIST') throw error;
    });
  } finally {
    await rm(draft, { force: true });
  }
  return (await readSecret(file)) ?? keepSecret(folder, file);
}
