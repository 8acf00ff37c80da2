import { mailVerificationLink, verifyEmail } from '../../accounts/verify-email.js';
import { defineRoute, type Route } from '../../http/route.js';
import { MESSAGE, objectOf } from '../../http/shapes.js';
import { emailAddress, requiredString } from '../../http/validation.js';
import type { Kit } from '../../kit.js';

/** `POST /verify-email` uses a link of a verification mail, `/verify-email/resend` mails another one. */
export const verificationRoutes = (kit: Kit): Route[] => [
  defineRoute<{ token: string }>({
    method: 'post',
    path: '/verify-email',
    accepts: 'json',
    rules: { token: requiredString('The token') },
    success: 200,
    answer: objectOf({ email: { type: 'string' }, verified: { const: true } }),
    refusals: ['invalid_one_time_token'],
    async handle({ input, context }) {
      const { email } = await verifyEmail(kit, input.token, context);
      return { body: { email, verified: true } };
    },
  }),
  defineRoute<{ email: string }>({
    method: 'post',
    path: '/verify-email/resend',
    attempts: 'mail',
    accepts: 'json',
    rules: { email: emailAddress('The email') },
    success: 202,
    answer: MESSAGE,
    async handle({ input, context }) {
      await mailVerificationLink(kit, input.email, context);
      return { body: { message: 'Verification email sent' } };
    },
  }),
];
