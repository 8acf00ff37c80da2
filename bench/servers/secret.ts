import { createHash } from 'node:crypto';

/** Of nobody but the benchmarks. The same in every process: what drives a server can sign tokens for it. */
export const SECRET = createHash('sha256').update('a secret of the benchmarks').digest('base64');
