import type { Feature } from '../kit.js';
import { changePassword } from './change-password.js';
import { jwks } from './jwks.js';
import { logout } from './logout.js';
import { me } from './me.js';
import { passwordRecovery } from './password-recovery.js';
import { register } from './register.js';
import { token } from './token/index.js';

/** All there is. A new feature is one file or folder and one line here. */
export const features: readonly Feature[] = [
  register,
  token,
  logout,
  passwordRecovery,
  changePassword,
  me,
  jwks,
];
