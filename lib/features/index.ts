import type { Settings } from '../config/option-table.js';
import type { Feature } from '../kit.js';
import { audit } from './audit.js';
import { challenge } from './challenge.js';
import { changeEmail } from './change-email.js';
import { changePassword } from './change-password.js';
import { confirm } from './confirm.js';
import { jwks } from './jwks.js';
import { logout } from './logout.js';
import { me } from './me.js';
import { newSignIn } from './new-sign-in.js';
import { passwordRecovery } from './password-recovery.js';
import { register } from './register/index.js';
import { sessions } from './sessions.js';
import { throttle } from './throttle/index.js';
import { token } from './token/index.js';

/**
 * All there is, and the app's own. A new feature is one file or folder and one line here; one that is off is left out,
 * and with it its routes, its collections and their indexes.
 */
export function features(settings: Settings): readonly Feature[] {
  return [
    throttle(settings),
    register(settings),
    token,
    logout,
    sessions,
    passwordRecovery,
    changePassword,
    changeEmail,
    confirm,
    me,
    jwks,
    newSignIn(settings),
    ...(settings.audit === undefined ? [] : [audit({ days: settings.audit })]),
    // Checked by the option table, typed by `createAuthRouter`.
    ...(settings.features as readonly Feature[]),
    // Last: it is there if another one brings a method.
    challenge,
  ];
}
