import { cut, type Protection } from './protection.js';

const GRANT = ['features/token/password-grant.spec.ts'];
const verify = 'const fits = await core.hasher.verify(password, stored, { isRefused, ...turn });';

/** Login and guessing. */
export const LOGIN: readonly Protection[] = [
  {
    name: 'a login tells that an account is disabled',
    holds: [16],
    cuts: [
      cut(
        'accounts/check-login.ts',
        'reason: verdict.refused, ...originOf(context) });',
        "reason: verdict.refused, ...originOf(context) });\n  if (verdict.refused === 'disabled') throw new EmailNotVerified();",
      ),
    ],
    specs: GRANT,
  },
  {
    name: 'a login tells that nobody has an address',
    holds: [16],
    cuts: [
      cut(
        'accounts/check-login.ts',
        'reason: verdict.refused, ...originOf(context) });',
        "reason: verdict.refused, ...originOf(context) });\n  if (verdict.refused === 'unknown') throw new EmailNotVerified();",
      ),
    ],
    specs: GRANT,
  },
  {
    name: 'an unknown address costs no hash',
    holds: [17],
    cuts: [
      cut(
        'accounts/check-password.ts',
        verify,
        'const fits = user !== undefined && (await core.hasher.verify(password, stored, { isRefused, ...turn }));',
      ),
    ],
    specs: GRANT,
  },
  {
    name: 'a disabled account costs no hash',
    holds: [17],
    cuts: [
      cut(
        'accounts/check-password.ts',
        verify,
        'const fits = !isRefused && (await core.hasher.verify(password, stored, { isRefused, ...turn }));',
      ),
    ],
    specs: GRANT,
  },
  {
    name: 'a user without a password costs no hash',
    holds: [17],
    cuts: [
      cut(
        'security/password-hash.ts',
        '      if (stored && !comparable) warnOnce();\n',
        '      if (stored && !comparable) warnOnce();\n      if (!stored) return false;\n',
      ),
    ],
  },
  {
    name: 'a hash that is cheaper than configured costs less',
    holds: [17],
    cuts: [
      cut(
        'security/password-hash.ts',
        'for (let spent = costOf(hash); !isToldApart && spent < cost; spent += 1) {',
        'for (let spent = cost; !isToldApart && spent < cost; spent += 1) {',
      ),
    ],
  },
  {
    name: 'credentials may be anything but texts',
    holds: [18],
    cuts: [
      cut(
        'http/validation.ts',
        "    isString: { errorMessage: fault('invalid_type', `${label} must be a string.`), bail: true },\n    notEmpty",
        '    notEmpty',
      ),
    ],
    specs: [...GRANT, 'conformance/bad-input.spec.ts'],
  },
  {
    name: 'what is in the query string counts as if it were in the body',
    holds: [19],
    cuts: [
      cut(
        'http/mount.ts',
        'return route.accepts ? readBody(req, res, route.accepts) : {};',
        'return route.accepts ? { ...req.query, ...(await readBody(req, res, route.accepts)) } : {};',
      ),
    ],
    specs: ['features/token/index.spec.ts', 'features/me.spec.ts'],
  },
  {
    name: 'strategies are shown the query string',
    holds: [19],
    cuts: [cut('http/authenticate.ts', 'query: { value: query, writable: true },\n')],
    specs: ['http/authenticate.spec.ts'],
  },
];
