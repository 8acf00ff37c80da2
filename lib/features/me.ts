import { confirmUser } from '../accounts/confirm-user.js';
import { deleteUser } from '../accounts/delete-user.js';
import { checkProfile, updateProfile } from '../accounts/update-profile.js';
import { WrongPassword } from '../errors.js';
import { defineUserRoute } from '../http/route.js';
import { PUBLIC_USER } from '../http/shapes.js';
import { optionalString, personName } from '../http/validation.js';
import type { Feature } from '../kit.js';
import { NAME_MAX_LENGTH } from '../models/base-user.js';
import { publicUser } from '../models/public-user.js';

/**
 * `GET /me`: who is signed in. `PATCH /me`: the name, and what the option `profileFields` lets in. `DELETE /me`: the user is gone, and so is every session, by the password or a
 * recent login.
 */
export const me: Feature = {
  name: 'me',
  setup: (kit) => ({
    profile: [
      defineUserRoute({
        method: 'get',
        path: '/',
        success: 200,
        answer: PUBLIC_USER,
        handle: async ({ user }) => ({ body: publicUser(user) }),
      }),
      defineUserRoute<{ name?: string | null }>({
        method: 'patch',
        path: '/',
        formPath: '/',
        accepts: 'json',
        rules: { name: personName('The name', NAME_MAX_LENGTH) },
        ownFields: kit.settings.profileFields,
        success: 200,
        answer: PUBLIC_USER,
        checkRest: ({ user, input, fields }) => checkProfile(kit, user, { ...input, fields }),
        async handle({ user, input, body, fields, context }) {
          // The rules take null for nothing; here it clears.
          const change = { ...(body['name'] === null && { name: null }), ...input, fields };
          return { body: publicUser(await updateProfile(kit, user, change, context)) };
        },
      }),
      defineUserRoute<{ password?: string | null }>({
        method: 'delete',
        path: '/',
        formPath: '/delete',
        accepts: 'json',
        attempts: 'password',
        hashes: true,
        rules: { password: optionalString('The password') },
        success: 204,
        refusals: ['wrong_password', 'insufficient_user_authentication'],
        async handle({ user, session, input, ...request }) {
          const confirmation = { operation: 'delete-user', ...input, ...request };
          const confirmed = await confirmUser(kit, { user, session }, confirmation);
          const deleted = await deleteUser(kit, user, {
            context: request.context,
            ifUnchangedSince: confirmed,
          });
          if (!deleted) throw new WrongPassword({ message: 'the credentials were changed meanwhile' });
          return { signedOut: true };
        },
      }),
    ],
  }),
};
