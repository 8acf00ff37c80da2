import { cut, type Protection } from './protection.js';

const STORE = ['models/session-rotation.spec.ts', 'features/token/refresh-grant.spec.ts'];
const notCleared = cut(
  'accounts/end-sessions.ts',
  '[core.sessions.endUnder(id, replacedStamp, { except: spared })]',
  '[Promise.resolve([replacedStamp, spared])]',
);

/** Sessions. */
export const SESSIONS: readonly Protection[] = [
  {
    name: 'what is mailed is stored as it is',
    holds: [34],
    cuts: [
      cut(
        'security/one-time-secret.ts',
        "return createHash('sha256').update(secret, 'utf8').digest('base64url');",
        'return secret;',
      ),
    ],
  },
  {
    name: 'the refresh token is stored with the session',
    holds: [34],
    cuts: [
      cut(
        'sign-in.ts',
        'await core.sessions.create(session);',
        'await core.sessions.create({ ...session, userAgent: tokens.refresh_token });',
      ),
    ],
  },
  {
    name: 'a refresh asks for no generation',
    holds: [35],
    cuts: [
      cut(
        'models/session-rotation.ts',
        'const filter = { _id: id, user, generation, ...alive(now) };',
        'const filter = { _id: id, user, ...alive(now) };',
      ),
    ],
    specs: STORE,
  },
  {
    name: 'an old generation that comes back is refused, and the session goes on',
    holds: [36],
    cuts: [
      cut(
        'models/session-rotation.ts',
        "return { outcome: (await sessions.remove({ _id: id, user })) === 1 ? 'replayed' : 'refused' };",
        "return { outcome: 'refused' };",
      ),
    ],
    specs: STORE,
  },
  {
    name: 'the grace covers any older generation',
    holds: [37],
    cuts: [cut('models/session-rotation.ts', '      generation: generation + 1,\n')],
    specs: STORE,
  },
  {
    name: 'the grace has no end',
    holds: [37],
    cuts: [cut('models/session-rotation.ts', '      $expr: trusted(isRecent),\n')],
    specs: STORE,
  },
  {
    name: 'the grace never ends once shown',
    holds: [36, 37],
    cuts: [
      cut(
        'http/identify.ts',
        'if (!access.isNew(req)) noteShown(signedIn.session, claims.gen);',
        'void noteShown;',
      ),
    ],
    specs: ['http/identify.spec.ts', 'http/guards.spec.ts', 'features/token/refresh-grant.spec.ts'],
  },
  {
    name: 'every request of a generation begins the grace anew',
    holds: [37],
    cuts: [
      cut(
        'models/session-rotation.ts',
        'const filter = { _id: id, user, generation, shownAt: null };',
        'const filter = { _id: id, user, generation };',
      ),
    ],
    specs: STORE,
  },
  {
    name: 'a refresh extends the session',
    holds: [39],
    cuts: [
      cut(
        'models/session-rotation.ts',
        'rotatedAt: present(now),\n        lastUsedAt: now,\n',
        'rotatedAt: present(now),\n        lastUsedAt: now,\n        expiresAt: new Date(now.getTime() + 2_592_000_000),\n',
      ),
    ],
    specs: STORE,
  },
  {
    name: 'a session that has expired lives on',
    holds: [39],
    cuts: [
      cut('models/session-store.ts', 'expiresAt: trusted({ $gt: now }),'),
      cut(
        'models/sign-in-loader.ts',
        'session && sessions.endOf(session) > now ? session : undefined',
        'session',
      ),
    ],
    specs: ['models/session-store.spec.ts', 'models/sign-in-loader.spec.ts'],
  },
  {
    name: 'a logout ends nothing',
    holds: [40],
    cuts: [
      cut(
        'accounts/log-out.ts',
        "await endSession(core, sub, sid, { reason: 'logout', context });",
        'void [endSession, core, sub, sid, context];',
      ),
    ],
    specs: ['features/logout.spec.ts'],
  },
  {
    name: 'a guard asks for no session',
    holds: [40],
    cuts: [
      cut(
        'models/find-living.ts',
        'return living && session && { user: living.user, session };',
        'return living && { user: living.user, session: session as Session };',
      ),
    ],
    specs: ['models/sign-in-loader.spec.ts', 'features/logout.spec.ts'],
  },
  {
    name: 'who goes on in a session is refused while the others are ended',
    holds: [41],
    cuts: [
      cut(
        'models/find-living.ts',
        'sessions.length === stored.length || stampOf(user) === stampBefore',
        'stampOf(user) !== stampBefore',
      ),
    ],
    specs: ['conformance/session-that-goes-on.spec.ts'],
  },
  {
    name: 'a login that is over before it begins takes the place of the session that goes on',
    holds: [41],
    cuts: [cut('core/session-limit.ts', 'if (!owner || !stamps.includes(stampOf(owner))) return;')],
    specs: ['core/session-limit.spec.ts'],
  },
  {
    name: 'who is disabled stays signed in',
    holds: [40],
    cuts: [
      cut('models/security-stamp.ts', '!user.disabledAt && '),
      cut(
        'models/user-standing.ts',
        '{ disabledAt: at, securityStamp: stamp }',
        '{ disabledAt: at, ...(!stamp && { stamp }) }',
      ),
      notCleared,
    ],
    specs: [
      'models/sign-in-loader.spec.ts',
      'models/user-standing.spec.ts',
      'models/security-stamp.spec.ts',
      'create-service.spec.ts',
    ],
  },
  {
    name: 'who is disabled can refresh',
    holds: [40],
    cuts: [
      cut('accounts/refresh-session.ts', 'if (!user || user.disabledAt) throw', 'if (!user) throw'),
      cut('models/security-stamp.ts', '!user.disabledAt && '),
      cut(
        'models/user-standing.ts',
        '{ disabledAt: at, securityStamp: stamp }',
        '{ disabledAt: at, ...(!stamp && { stamp }) }',
      ),
      notCleared,
    ],
    specs: ['features/token/refresh-grant.spec.ts', 'models/user-standing.spec.ts', 'create-service.spec.ts'],
  },
  {
    name: 'a session lives whatever its stamp is',
    holds: [41],
    cuts: [
      cut('models/security-stamp.ts', 'session.stamps.includes(stampOf(user))', 'session.stamps.length > 0'),
    ],
    specs: ['models/security-stamp.spec.ts', 'models/sign-in-loader.spec.ts'],
  },
  {
    name: 'who changes the password goes on under the stamp of before',
    holds: [41],
    cuts: [
      cut(
        'accounts/end-sessions.ts',
        '{ session: resume.session, stamp, context }',
        "{ session: resume.session, stamp: resume.session.stamps[0] ?? '', context }",
      ),
    ],
    specs: ['features/change-password.spec.ts'],
  },
  {
    name: 'a session that has ended goes on where others are ended',
    holds: [42],
    cuts: [
      cut(
        'accounts/end-sessions.ts',
        'const spared = ifStamp === undefined ? undefined : except;',
        'const spared = except;',
      ),
    ],
    specs: ['accounts/end-sessions.spec.ts'],
  },
  {
    name: 'a refresh that races a revocation goes on',
    holds: [42],
    cuts: [cut('accounts/refresh-session.ts', 'if (!lives) throw', 'if (!lives && !session) throw')],
    specs: ['features/token/refresh-grant.spec.ts'],
  },
  {
    name: 'a login that races a deletion goes on',
    holds: [42],
    cuts: [
      cut('sign-in.ts', '  if (!owner) throw', '  if (!owner && !session) throw'),
      cut('sign-in.ts', 'if (!owner || stampOf(owner) !== stamp) await', 'if (!session) await'),
    ],
    specs: ['sign-in.spec.ts'],
  },
  {
    name: 'a login that races a new password is of the new stamp',
    holds: [42],
    cuts: [
      cut(
        'sign-in.ts',
        'openSession(core, user, { ...begun, context });',
        'openSession(core, user, {\n    ...begun,\n    stamp: (await core.users.findById(user._id, { withCredentials: true }))?.securityStamp ?? stamp,\n    context,\n  });',
      ),
    ],
    specs: ['conformance/races.spec.ts'],
  },
  {
    name: 'a change of password is written whatever has changed meanwhile',
    holds: [42],
    cuts: [
      cut(
        'models/user-passwords.ts',
        '        ...(ifUnchangedSince && unchanged(ifUnchangedSince)),\n',
        '        ...(ifUnchangedSince && !unchanged && {}),\n',
      ),
    ],
    specs: ['features/change-password.spec.ts'],
  },
];
