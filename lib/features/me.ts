import { confirmPassword } from '../accounts/check-password.js';
import { deleteUser } from '../accounts/delete-user.js';
import { WrongPassword } from '../errors.js';
import { defineUserRoute } from '../http/route.js';
import { requiredString } from '../http/validation.js';
import type { Feature } from '../kit.js';
import { publicUser } from '../models/public-user.js';

/**
 * `GET /me`: who is signed in. `DELETE /me`: the user is gone, and so is every session. All its rows are at `/me`: the
 * router that apps mount beside the others serves them too.
 */
export const me = {
  name: 'me',
  routes: (kit) => [
    defineUserRoute({
      method: 'get',
      path: '/me',
      success: 200,
      handle: async ({ user }) => publicUser(user),
    }),
    defineUserRoute<{ password: string }>({
      method: 'delete',
      path: '/me',
      accepts: 'json',
      rules: { password: requiredString('The password') },
      success: 204,
      async handle({ user, input: { password }, signal }) {
        const confirmed = await confirmPassword(kit, user._id, { password, signal });
        const deleted = await deleteUser(kit, user, { ifUnchangedSince: confirmed });
        if (!deleted) throw new WrongPassword({ message: 'the credentials were changed meanwhile' });
        return undefined;
      },
    }),
  ],
} satisfies Feature;
