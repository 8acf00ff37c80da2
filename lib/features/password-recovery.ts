import {
  findRecoverable,
  mailRecoveryLink,
  PASSWORD_RESET,
  resetPassword,
} from '../accounts/recover-password.js';
import { requirePossiblePassword } from '../accounts/require-good-password.js';
import { defineRoute } from '../http/route.js';
import { MESSAGE, objectOf } from '../http/shapes.js';
import { emailAddress, requiredString } from '../http/validation.js';
import type { Feature } from '../kit.js';
import { TEXTS } from '../mail/texts.js';
import { passwordStampOf } from '../models/security-stamp.js';

/**
 * A forgotten password: `POST /forgot-password` mails a link, `/forgot-password/validate` asks whether one still works,
 * `/reset-password` uses it. OWASP Forgot Password Cheat Sheet.
 */
export const passwordRecovery: Feature = {
  name: 'password-recovery',
  mails: {
    [PASSWORD_RESET]: {
      template: TEXTS.passwordReset,
      link: { path: '/password/reset', expiresInMinutes: 30, boundTo: passwordStampOf },
    },
  },
  setup: (kit) => ({
    routes: [
      defineRoute<{ email: string }>({
        method: 'post',
        path: '/forgot-password',
        aliases: ['/password/forgot'],
        attempts: 'mail',
        accepts: 'json',
        rules: { email: emailAddress('The email') },
        success: 202,
        answer: MESSAGE,
        async handle({ input, context }) {
          await mailRecoveryLink(kit, input.email, context);
          return { body: { message: 'Password reset email sent' } };
        },
      }),
      defineRoute<{ token: string }>({
        method: 'post',
        path: '/forgot-password/validate',
        aliases: ['/password/validate'],
        accepts: 'json',
        rules: { token: requiredString('The token') },
        success: 200,
        answer: objectOf({ email: { type: 'string' }, valid: { const: true } }),
        refusals: ['invalid_one_time_token'],
        async handle({ input }) {
          const { email } = await findRecoverable(kit, input.token);
          return { body: { email, valid: true } };
        },
      }),
      defineRoute<{ token: string; password: string }>({
        method: 'post',
        path: '/reset-password',
        aliases: ['/password/reset'],
        accepts: 'json',
        hashes: true,
        rules: { token: requiredString('The token'), password: requiredString('The password') },
        success: 200,
        answer: MESSAGE,
        refusals: ['invalid_one_time_token'],
        checkRest: ({ input }) => requirePossiblePassword(kit, input.password, 'password'),
        async handle({ input, context, signal }) {
          await resetPassword(kit, { ...input, context, signal });
          return { body: { message: 'Password updated' } };
        },
      }),
    ],
  }),
};
