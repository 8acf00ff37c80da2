import { cut, type Protection } from './protection.js';
import { SESSIONS_STAY } from './sessions-stay.js';

const CHANGE = ['features/change-password.spec.ts'];

/** Passwords. */
export const PASSWORDS: readonly Protection[] = [
  {
    name: 'bytes after the 72nd do not count',
    holds: [28],
    cuts: [
      cut(
        'security/password-hash.ts',
        'if (bytes.length <= BCRYPT_BYTES && !bytes.includes(0)) return password;',
        'if (!bytes.includes(0)) return password;',
      ),
    ],
    specs: ['security/password-hash.spec.ts'],
  },
  {
    name: 'short passwords are good',
    holds: [30],
    cuts: [cut('security/password-policy.ts', 'if (length < minLength) {', 'if (length < 0) {')],
    specs: ['security/password-policy.spec.ts'],
  },
  {
    name: 'the length counts UTF-16 code units',
    holds: [30],
    cuts: [cut('security/password-policy.ts', '[...password].length', 'password.length')],
    specs: ['security/password-policy.spec.ts'],
  },
  {
    name: 'common passwords are good',
    holds: [30],
    cuts: [cut('security/password-policy.ts', 'if (blocklist && (await', 'if (!blocklist && (await')],
    specs: ['security/password-policy.spec.ts'],
  },
  {
    name: 'the own address and name are good passwords',
    holds: [30],
    cuts: [cut('security/password-policy.ts', 'if (owner && isOwnWord(', 'if (!owner && isOwnWord(')],
    specs: ['security/password-policy.spec.ts', 'accounts/require-good-password.spec.ts'],
  },
  {
    name: 'a change takes any password',
    holds: [30],
    cuts: [
      cut(
        'accounts/change-password.ts',
        "requireGoodPassword(core, newPassword, user, 'new_password'),\n  ]);\n  const shown",
        'Promise.resolve(newPassword as never),\n  ]);\n  const shown',
      ),
    ],
    specs: CHANGE,
  },
  {
    name: 'a reset takes any password',
    holds: [30],
    cuts: [
      cut('accounts/recover-password.ts', "  await requirePossiblePassword(core, given, 'password');\n"),
      cut(
        'accounts/recover-password.ts',
        "await requireGoodPassword(core, given, user, 'password')",
        'given as never',
      ),
    ],
    specs: ['features/password-recovery.spec.ts'],
  },
  {
    name: 'a registration takes any password',
    holds: [30],
    cuts: [
      cut(
        'accounts/create-user.ts',
        "await requireGoodPassword(core, given, user, 'password');",
        'given as never;',
      ),
      cut(
        'accounts/create-user.ts',
        "    password === undefined || requirePossiblePassword(core, password, 'password', user),\n",
      ),
    ],
    specs: ['features/register/index.spec.ts'],
  },
  {
    name: 'a change asks for no password',
    holds: [32],
    cuts: [
      cut(
        'accounts/change-password.ts',
        'const confirmed = await confirmUser(core, signedIn, shown);',
        'const confirmed = (await core.users.findById(user._id, { withCredentials: true })) as never as typeof user & { password: string };\n  void shown;',
      ),
    ],
    specs: CHANGE,
  },
  {
    name: 'a new password ends no session',
    holds: [32],
    cuts: SESSIONS_STAY,
    specs: CHANGE,
  },
];
