import { confirmPassword } from '../accounts/check-password.js';
import { replacePassword } from '../accounts/replace-password.js';
import { requireGoodPassword } from '../accounts/require-good-password.js';
import { WrongPassword } from '../errors.js';
import { defineUserRoute } from '../http/route.js';
import { requiredString } from '../http/validation.js';
import type { Feature } from '../kit.js';

interface PasswordChange {
  current_password: string;
  new_password: string;
}

/** `POST /change-password`: the other sessions end, this one goes on (OWASP ASVS 5.0 6.2.2, 7.4.3). */
export const changePassword: Feature = {
  name: 'change-password',
  routes: (kit) => [
    defineUserRoute<PasswordChange>({
      method: 'post',
      path: '/change-password',
      aliases: ['/password/change'],
      accepts: 'json',
      rules: {
        current_password: requiredString('The current password'),
        new_password: requiredString('The new password'),
      },
      success: 200,
      async handle({ user, session, input: { current_password, new_password }, signal }) {
        await requireGoodPassword(kit, new_password, user, 'new_password');
        const confirmed = await confirmPassword(kit, user._id, { password: current_password, signal });
        const changed = await replacePassword(kit, user._id, {
          passwordHash: await kit.hasher.hash(new_password, signal),
          reason: 'change',
          keepSession: session._id.toString(),
          ifUnchangedSince: confirmed,
        });
        if (!changed) throw new WrongPassword({ message: 'the password was changed meanwhile' });
        return { message: 'Password changed successfully' };
      },
    }),
  ],
};
