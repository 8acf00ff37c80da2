import { type Cut, cut } from './protection.js';

/** A new password that ends no session, whoever sets it: neither by its stamp nor by clearing them away. */
export const SESSIONS_STAY: readonly Cut[] = [
  cut(
    'models/user-passwords.ts',
    'const stamps = { securityStamp: stamp, passwordStamp: createStamp() };',
    'const stamps = { passwordStamp: createStamp(), ...(!stamp && { stamp }) };',
  ),
  cut(
    'accounts/end-sessions.ts',
    '[core.sessions.endUnder(id, replacedStamp, { except: spared })]',
    '[Promise.resolve([replacedStamp, spared])]',
  ),
];
