import { changePassword as change, checkPasswordChange } from '../accounts/change-password.js';
import { PASSWORD_CHANGED } from '../accounts/replace-password.js';
import { defineUserRoute } from '../http/route.js';
import { MESSAGE } from '../http/shapes.js';
import { optionalString, requiredString } from '../http/validation.js';
import type { Feature } from '../kit.js';
import { TEXTS } from '../mail/texts.js';

interface PasswordChange {
  current_password?: string | null;
  new_password: string;
}

/** `POST /change-password`: every session ends, and who made the change goes on in a new one. */
export const changePassword: Feature = {
  name: 'change-password',
  // Of a reset, and of one that the app sets, too.
  mails: { [PASSWORD_CHANGED]: { template: TEXTS.passwordChanged, isNotice: true } },
  setup: (kit) => ({
    routes: [
      defineUserRoute<PasswordChange>({
        method: 'post',
        path: '/change-password',
        aliases: ['/password/change'],
        accepts: 'json',
        attempts: 'password',
        hashes: true,
        rules: {
          current_password: optionalString('The current password'),
          new_password: requiredString('The new password'),
        },
        success: 200,
        answer: MESSAGE,
        tokens: true,
        refusals: ['wrong_password', 'insufficient_user_authentication'],
        checkRest: ({ user, session, input }) =>
          checkPasswordChange(kit, { user, session }, passwordsOf(input)),
        async handle({ user, session, input, context, signal }) {
          const tokens = await change(kit, { user, session }, passwordsOf(input), { context, signal });
          return { body: { message: 'Password changed successfully' }, tokens };
        },
      }),
    ],
  }),
};

function passwordsOf<Input extends Partial<PasswordChange>>(input: Input) {
  return {
    currentPassword: input.current_password,
    newPassword: input.new_password as Input['new_password'],
  };
}
