import { cut, type Protection } from './protection.js';

/** Availability. */
export const AVAILABILITY: readonly Protection[] = [
  {
    name: 'a database that does not answer is waited for',
    holds: [67],
    cuts: [cut('models/database.ts', 'const DEADLINE = 2500;', 'const DEADLINE = 20_000;')],
    specs: ['models/database.spec.ts'],
  },
  {
    name: 'a database that is away is a fault',
    holds: [67],
    cuts: [cut('models/database.ts', 'throw isAway(error) ?', 'throw isAway(error) && !error ?')],
    specs: ['models/database.spec.ts'],
  },
  {
    name: 'a client is not told when to try again',
    holds: [67],
    cuts: [
      cut(
        'errors.ts',
        "const { retryAfterSeconds = 2, ...rest } = reason;\n    const headers = { 'Retry-After': String(retryAfterSeconds) };",
        'const { retryAfterSeconds: _seconds, ...rest } = reason;\n    const headers = {};',
      ),
    ],
    specs: ['models/database.spec.ts'],
  },
  {
    name: 'a guard takes a database that is away for a bad token',
    holds: [67],
    cuts: [
      cut(
        'http/identify.ts',
        'const signedIn = await loadSignIn(claims.sub, claims.sid, now());',
        'const signedIn = await loadSignIn(claims.sub, claims.sid, now()).catch(() => undefined);',
      ),
    ],
    specs: ['http/guards.spec.ts', 'create-service.spec.ts'],
  },
  {
    name: 'optionalUser takes a database that is away for nobody',
    holds: [67],
    cuts: [cut('http/guards.ts', '        refuseOutage(error);\n', '        void [refuseOutage, error];\n')],
    specs: ['http/guards.spec.ts'],
  },
  {
    name: 'any number of hashes may wait',
    holds: [68],
    cuts: [
      cut(
        'security/hash-queue.ts',
        'if (wait <= maxWait && ahead < MAX_WAITING && share.waiting() < MAX_WAITING) return;',
        'if (wait <= maxWait || share.waiting() < MAX_WAITING) return;',
      ),
    ],
    specs: ['security/hash-queue.spec.ts'],
  },
  {
    name: 'hashes take all threads',
    holds: [68],
    cuts: [
      cut(
        'security/hash-queue.ts',
        'const CONCURRENT = Math.min(3, availableParallelism());',
        'const CONCURRENT = Math.max(4, availableParallelism());',
      ),
    ],
    specs: ['security/hash-queue.spec.ts'],
  },
  {
    name: 'one address fills the queue',
    holds: [68],
    cuts: [
      cut('security/hash-queue.ts', "return ip ? networkOf(ip) : '';", "return ip ? '' : networkOf('');"),
    ],
    specs: ['security/hash-queue.spec.ts'],
  },
  {
    name: 'requests are let in whatever the queue is',
    holds: [68],
    cuts: [
      cut('http/mount.ts', 'return hasher.admit(addressOf(req));', 'return hasher ? () => {} : () => {};'),
    ],
    specs: ['conformance/full-queue.spec.ts'],
  },
  {
    name: 'a verifier of hashes may take for ever',
    holds: [68],
    cuts: [
      cut(
        'security/password-hash.ts',
        'await runHash(() => withDeadline(asked(), patience, late), turn);',
        'await runHash(() => (patience || withDeadline ? asked() : Promise.reject(late())), turn);',
      ),
    ],
    specs: ['security/password-hash.spec.ts'],
  },
  {
    name: 'what ends something is written to one server',
    holds: [71],
    cuts: [
      cut(
        'models/database.ts',
        "export const MAJORITY = { w: 'majority' } as const;",
        'export const MAJORITY = { w: 1 } as const;',
      ),
    ],
    specs: ['models/user-store.spec.ts', 'models/session-store.spec.ts'],
  },
  {
    name: 'what is inserted is written to one server',
    holds: [71],
    cuts: [
      cut(
        'models/database.ts',
        '{ writeConcern: MAJORITY } as object;',
        '{ writeConcern: { w: 1 } } as object;',
      ),
    ],
    specs: ['models/user-store.spec.ts', 'models/session-store.spec.ts', 'models/collection.spec.ts'],
  },
];
