import { cut, type Protection } from './protection.js';

const CODE = ['own-features/mailed-code.spec.ts'];
const SIGN_ON = ['own-features/single-sign-on.spec.ts'];

/** Found later, by attack and from the advisories of similar projects. */
export const FOUND_LATER: readonly Protection[] = [
  {
    name: 'an id is looked for by the collation of the app’s schema',
    holds: [73],
    cuts: [
      cut(
        'models/by-id.ts',
        "if (typeof id !== 'string') return { _id: id };",
        'if (id !== undefined) return { _id: id };',
      ),
    ],
    specs: ['models/by-id.spec.ts', 'conformance/collation.spec.ts'],
  },
  {
    name: 'rows of another kind of users are found',
    holds: [74],
    cuts: [
      cut(
        'models/collection.ts',
        '({ ...asData(filter), kind })',
        '({ ...asData(filter), ...(!kind && { kind }) })',
      ),
    ],
    specs: ['conformance/two-kinds-of-users.spec.ts'],
  },
  {
    name: 'a key has one name for all kinds of users',
    holds: [74],
    cuts: [cut('security/key-ring.ts', '    kind === USUAL_KIND ? key :', '    kind ? key :')],
    specs: ['security/key-ring.spec.ts', 'conformance/two-kinds-of-users.spec.ts'],
  },
  {
    name: 'the handle of a pending sign-in is an access token',
    holds: [89],
    cuts: [
      cut(
        'sign-in.ts',
        'return new SecondFactorRequired({ challenge: secret, methods,',
        `const context = { ip: null, userAgent: null, acceptLanguage: null };
  const { tokens } = await openSession(core, user, { ...shown, context });
  return new SecondFactorRequired({ challenge: tokens.access_token || secret, methods,`,
      ),
    ],
    specs: CODE,
  },
  {
    name: 'the gate asks for no second factor',
    holds: [90],
    cuts: [
      cut(
        'sign-in.ts',
        '  if (outstanding) throw await suspend(',
        '  if (outstanding && !user) throw await suspend(',
      ),
    ],
    specs: ['sign-in.spec.ts', ...SIGN_ON],
  },
  {
    name: 'the gate takes a user without ways in for one who has none',
    holds: [89],
    cuts: [
      cut(
        'sign-in.ts',
        "  if (!hasCredentials(user)) throw new Error('signIn: load the user with its credentials');\n",
        '  void hasCredentials;\n',
      ),
    ],
    specs: ['sign-in.spec.ts'],
  },
  {
    name: 'two proofs of one kind are two factors',
    holds: [90],
    cuts: [
      cut(
        'sign-in.ts',
        'if (!isTwoStep || shown.size > 1) return undefined;',
        'if (!isTwoStep || proofs.length > 1) return undefined;',
      ),
    ],
    specs: ['sign-in.spec.ts'],
  },
  {
    name: 'the state of a provider login works twice',
    holds: [94],
    cuts: [
      cut(
        'models/redirect-state-store.ts',
        'await states.take({ hash, strategy,',
        'await states.find({ hash, strategy,',
      ),
    ],
    specs: [...SIGN_ON, 'models/redirect-state-store.spec.ts'],
  },
  {
    name: 'the state of a provider login works for ever',
    holds: [94],
    cuts: [
      cut(
        'models/redirect-state-store.ts',
        '{ hash, strategy, expiresAt: trusted({ $gt: now }) }',
        '{ hash, strategy, ...(!now && trusted({})) }',
      ),
    ],
    specs: [...SIGN_ON, 'models/redirect-state-store.spec.ts'],
  },
  {
    name: 'the state of a provider login is any strategy’s',
    holds: [94],
    cuts: [
      cut(
        'models/redirect-state-store.ts',
        'states.take({ hash, strategy, expiresAt',
        'states.take({ hash, ...(!strategy && { strategy }), expiresAt',
      ),
    ],
    specs: [...SIGN_ON, 'models/redirect-state-store.spec.ts', 'http/redirect-flow.spec.ts'],
  },
  {
    name: 'the state of a provider login is any browser’s',
    holds: [94],
    cuts: [
      cut(
        'http/redirect-flow.ts',
        'const handle = cookie.read(req);',
        `const all = globalThis as { lastHandle?: string };
      const handle = cookie.read(req) ?? all.lastHandle;`,
      ),
      cut(
        'http/redirect-flow.ts',
        '    return setCookie(secret, SECONDS);',
        '    Object.assign(globalThis, { lastHandle: secret });\n    return setCookie(secret, SECONDS);',
      ),
    ],
    specs: SIGN_ON,
  },
  {
    name: 'what a user has stays when the user goes',
    holds: [99],
    cuts: [cut('accounts/delete-user.ts', 'core.collections.removeAllOf(_id)', 'Promise.resolve()')],
    specs: ['accounts/delete-user.spec.ts', 'models/collections.spec.ts', 'features/new-sign-in.spec.ts'],
  },
  {
    name: 'a link confirms the address that was asked for last',
    holds: [100],
    cuts: [
      cut(
        'accounts/change-email.ts',
        '  const { context } = circumstances;\n',
        '  const { context } = circumstances;\n  Object.assign(globalThis, { [String(user._id)]: wanted });\n',
      ),
      cut(
        'accounts/change-email.ts',
        '  const { email } = stored;\n',
        '  const { email } = { email: (globalThis as never as Record<string, string>)[String(user._id)] ?? stored.email };\n',
      ),
    ],
  },
];
