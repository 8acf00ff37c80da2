import { cut, type Protection } from './protection.js';

const THROTTLE = ['features/throttle/index.spec.ts'];
const ADDRESS = ['features/throttle/address-limit.spec.ts'];
const refused = "return reserved.place ? undefined : 'refuse';";

/** How often something may be tried. */
export const THROTTLING: readonly Protection[] = [
  {
    name: 'a locked account is told apart by 429',
    holds: [16],
    cuts: [
      cut(
        'features/throttle/index.ts',
        refused,
        'if (!reserved.place) throw tooMany(1000);\n          return undefined;',
      ),
    ],
    specs: THROTTLE,
  },
  {
    name: 'a locked account costs no hash',
    holds: [17],
    cuts: [
      cut(
        'accounts/check-password.ts',
        'const fits = await core.hasher.verify(password, stored, { isRefused, ...turn });',
        'const fits = !isLimited && (await core.hasher.verify(password, stored, { isRefused, ...turn }));',
      ),
    ],
    specs: THROTTLE,
  },
  {
    name: 'the hash of a locked account is checked all the same',
    holds: [20],
    cuts: [
      cut(
        'accounts/check-password.ts',
        'const stored = isLimited ? undefined : user?.password;',
        'const stored = user?.password;',
      ),
    ],
    specs: THROTTLE,
  },
  {
    name: 'a guess is counted after it was made',
    holds: [20],
    cuts: [
      cut(
        'features/throttle/account-limit.ts',
        'if (waits.count === 0 && count < free) return',
        'await counters.takeBack(failures);\n      if (waits.count === 0 && count < free) return',
      ),
    ],
    specs: ['features/throttle/account-limit.spec.ts'],
  },
  {
    name: 'counts are read before they are written',
    holds: [20],
    cuts: [
      cut(
        'models/counter-store.ts',
        '    const { count, expiresAt } = await rows.upsert({ key }, [',
        '    const before = await rows.find({ key });\n    const { expiresAt } = await rows.upsert({ key }, [',
      ),
      cut(
        'models/counter-store.ts',
        'return { count, endsInMs',
        'return { count: (before?.count ?? 0) + 1, endsInMs',
      ),
    ],
    specs: ['models/counter-store.spec.ts'],
  },
  {
    name: 'a lock lasts for ever',
    holds: [22],
    cuts: [
      cut('features/throttle/account-limit.ts', 'Math.min(lastWait, firstWait * 2 ** waits)', '1e9 + waits'),
    ],
    specs: THROTTLE,
  },
  {
    name: 'a reset leaves the lock closed',
    holds: [22],
    cuts: [
      cut(
        'features/throttle/index.ts',
        'if (whose) await passwords.forget(whose).catch(unlessUnavailable);',
        'void whose;\n          void unlessUnavailable;',
      ),
    ],
    specs: THROTTLE,
  },
  {
    name: 'a lock holds at the login alone',
    holds: [23],
    cuts: [
      cut(
        'features/throttle/index.ts',
        'if (!(attempt.kind in PER_ACCOUNT)) return undefined;',
        "if (!(attempt.kind in PER_ACCOUNT) || attempt.operation !== 'login') return undefined;",
      ),
    ],
    specs: THROTTLE,
  },
  {
    name: 'what is right counts against an address',
    holds: [24],
    cuts: [
      cut(
        'features/throttle/numbers.ts',
        'password: { most: 10, within: MINUTE, all: false },',
        'password: { most: 10, within: MINUTE, all: true },',
      ),
    ],
    specs: ADDRESS,
  },
  {
    name: 'each address of a /64 counts by itself',
    holds: [24],
    cuts: [cut('features/throttle/address-limit.ts', 'hashedName(networkOf(ip))', 'hashedName(ip)')],
    specs: ADDRESS,
  },
  {
    name: 'IPv4 that IPv6 carries is another address',
    holds: [24],
    cuts: [cut('security/ip-address.ts', "replace(/^::ffff:(?=\\d+\\.)/, '')", 'toString()')],
    specs: [...ADDRESS, 'security/ip-address.spec.ts'],
  },
  {
    name: 'a right password opens the lock of codes',
    holds: [91],
    cuts: [
      cut(
        'features/throttle/index.ts',
        "const whose = accountOf(kit, { operation: 'login', kind: 'password', user, name: null });",
        "const whose = accountOf(kit, { operation: 'login', kind: 'password', user, name: null });\n          const ofCodes = accountOf(kit, { operation: 'challenge', kind: 'code', user, name: null });\n          if (ofCodes) await codes.forget(ofCodes);",
      ),
    ],
    specs: THROTTLE,
  },
  {
    name: 'codes are not locked',
    holds: [91],
    cuts: [cut('features/throttle/index.ts', 'throw tooMany(waitMs);', 'return { place, surplus: [] };')],
    specs: THROTTLE,
  },
];
