import { confirmSignIn } from '../accounts/confirm-sign-in.js';
import { defineUserRoute } from '../http/route.js';
import { objectOf } from '../http/shapes.js';
import { optionalString } from '../http/validation.js';
import type { Feature } from '../kit.js';

interface Shown {
  password?: string | null;
  method?: string | null;
}

/** `POST /confirm`: the login of this session is a recent one again (sudo mode), in the same session. */
export const confirm: Feature = {
  name: 'confirm',
  setup: (kit) => ({
    routes: [
      defineUserRoute<Shown>({
        method: 'post',
        path: '/confirm',
        accepts: 'json',
        attempts: 'password',
        hashes: true,
        rules: { password: optionalString('The password'), method: optionalString('The method') },
        success: 200,
        answer: objectOf({ confirmed_at: { type: 'string', format: 'date-time' } }),
        refusals: ['wrong_password', 'invalid_code'],
        async handle({ user, session, input, body, context, signal }) {
          const shown = { ...input, input: body };
          const at = await confirmSignIn(kit, { user, session }, shown, { context, signal });
          return { body: { confirmed_at: at.toISOString() } };
        },
      }),
    ],
  }),
};
